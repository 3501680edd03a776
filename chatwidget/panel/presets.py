"""Settings under a name, kept in the user's data directory."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from chatwidget.client.data_folder import data_folder

__all__ = ["Preset", "Presets"]


class Preset(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a preset sets: the system message and the parameters that are sent."""

    parameters: dict[str, Any] = {}
    system: str = ""


class Presets:
    """The presets of a user; the file is read anew each time, since others may have written it.

    Parameters
    ----------
    path
        Where they are kept; by default in the user's data folder. A file that cannot be read
        counts as empty.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or data_folder() / "presets.json"

    def all(self) -> dict[str, Preset]:
        """Return all presets by their names, sorted."""
        with suppress(OSError, msgspec.MsgspecError, UnicodeError):
            found = msgspec.json.decode(self._path.read_bytes(), type=dict[str, Preset])
            return dict(sorted(found.items()))
        return {}

    def save(self, name: str, preset: Preset) -> None:
        """Keep a preset, in place of one of the same name.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self._write({**self.all(), name: preset})

    def remove(self, name: str) -> None:
        """Forget a preset, if there is one of that name."""
        self._write({other: preset for other, preset in self.all().items() if other != name})

    def _write(self, presets: dict[str, Preset]) -> None:
        """Write all or nothing, for the user's eyes alone."""
        text = msgspec.json.format(msgspec.json.encode(presets, enc_hook=_named))
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as file:
            file.write(text)
        Path(file.name).replace(self._path)


def _named(value: object) -> str:
    """Write what is no data, such as a function among the tools, by its name."""
    return getattr(value, "__name__", type(value).__name__)
