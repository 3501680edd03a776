"""Presets: request configurations under a name, kept in the user's data directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.chat.request_config import RequestConfig
from chatwidget.client.data_folder import data_folder
from chatwidget.client.json_store import JsonStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Presets"]


class _Stored(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the file has of a preset; a server and a model are none of it."""

    parameters: dict[str, Any] = {}
    system: str = ""


class Presets:
    """The presets of a user; the file is read anew each time, since others may have written it.

    Parameters
    ----------
    path
        Where they are kept; by default in the user's data folder. What cannot be read of it is
        not there; before it is written anew, a copy is kept beside it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._store = JsonStore(path or data_folder() / "presets.json", _parse)

    def names(self) -> list[str]:
        """Return the names of all presets, sorted."""
        return sorted(self._store.read())

    def get(self, name: str) -> RequestConfig | None:
        """Return a preset; None if there is none of that name.

        Its parameters are as the file has them, where another version or a person may have written
        them: the settings that take them tell which cannot be used.
        """
        stored = self._store.read().get(name)
        if stored is None:
            return None
        preset = msgspec.convert(stored, _Stored)
        return RequestConfig(parameters=preset.parameters, system=preset.system or None)

    def raw(self, name: str) -> Any:
        """Return a preset as the file has it, to put it back with `put`; None if there is none."""
        return self._store.read().get(name)

    def put(self, name: str, stored: Any) -> None:
        """Keep what `raw` returned, in place of a preset of the same name.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self._write(lambda presets: presets.update({name: stored}))

    def save(self, name: str, config: RequestConfig) -> None:
        """Keep the parameters and the system message of a configuration under a name.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        preset = _Stored(dict(config.parameters), config.system or "")
        self.put(name, msgspec.to_builtins(preset, enc_hook=_name))

    def remove(self, name: str) -> None:
        """Forget a preset, if there is one of that name.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        self._write(lambda presets: presets.pop(name, None))

    def _write(self, change: Callable[[dict[str, Any]], object]) -> None:
        self._store.change(change)


def _parse(stored: Any) -> tuple[dict[str, Any], bool]:
    """Return the presets of a file, and whether all in it are presets."""
    found = stored if isinstance(stored, dict) else {}
    presets = {name: it for name, it in found.items() if _is_preset(it)}
    return presets, presets == stored


def _is_preset(stored: object) -> bool:
    try:
        msgspec.convert(stored, _Stored)
    except msgspec.ValidationError:
        return False
    return True


def _name(value: object) -> str:
    """Write what is no data, such as a function among the tools, by its name."""
    return getattr(value, "__name__", type(value).__name__)
