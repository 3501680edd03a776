"""Presets: request configurations under a name, kept in the user's data directory."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from chatwidget.chat.request_config import RequestConfig
from chatwidget.client.data_folder import data_folder

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
        Where they are kept; by default in the user's data folder. A file that cannot be read
        counts as empty; before it is written anew, a copy is kept beside it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or data_folder() / "presets.json"

    def names(self) -> list[str]:
        """Return the names of all presets, sorted."""
        return sorted(self._read())

    def get(self, name: str) -> RequestConfig | None:
        """Return a preset; None if there is none of that name.

        Its parameters are as the file has them, where another version or a person may have written
        them: the settings that take them tell which cannot be used.
        """
        stored = self._read().get(name)
        if stored is None:
            return None
        preset = msgspec.convert(stored, _Stored)
        return RequestConfig(parameters=preset.parameters, system=preset.system or None)

    def raw(self, name: str) -> Any:
        """Return a preset as the file has it, to put it back with `put`; None if there is none."""
        return self._read().get(name)

    def put(self, name: str, stored: Any) -> None:
        """Keep what `raw` returned, in place of a preset of the same name.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self._write({**self._read(), name: stored})

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
        """Forget a preset, if there is one of that name."""
        self._write({other: it for other, it in self._read().items() if other != name})

    def _read(self) -> dict[str, Any]:
        """Return what the file has; a preset that is none is left where it is, and out here."""
        with suppress(OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
            found = msgspec.json.decode(self._path.read_bytes(), type=dict[str, Any])
            return {name: it for name, it in found.items() if _is_preset(it)}
        return {}

    def _write(self, presets: dict[str, Any]) -> None:
        """Write all or nothing, for the user's eyes alone; a copy keeps what cannot be read."""
        text = msgspec.json.format(msgspec.json.encode(presets))
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._keep_what_is_odd()
        with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as file:
            try:
                file.write(text)
                file.flush()
                Path(file.name).replace(self._path)
            except OSError:
                Path(file.name).unlink(missing_ok=True)
                raise

    def _keep_what_is_odd(self) -> None:
        """Copy a file of which something cannot be read, before it is replaced."""
        with suppress(OSError):
            data = self._path.read_bytes()
            with suppress(msgspec.MsgspecError, UnicodeError, RecursionError):
                if all(map(_is_preset, msgspec.json.decode(data, type=dict[str, Any]).values())):
                    return
            self._path.with_suffix(".unreadable.json").write_bytes(data)


def _is_preset(stored: object) -> bool:
    try:
        msgspec.convert(stored, _Stored)
    except msgspec.ValidationError:
        return False
    return True


def _name(value: object) -> str:
    """Write what is no data, such as a function among the tools, by its name."""
    return getattr(value, "__name__", type(value).__name__)
