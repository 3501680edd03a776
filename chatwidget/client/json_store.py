"""A small JSON file that several processes change, and that loses nothing: locked, and atomic."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["JsonStore", "replace_file"]

_Content = TypeVar("_Content")
_PATIENCE = 5.0
_PAUSE = 0.01
_STALE = 60.0


class JsonStore(Generic[_Content]):
    """A JSON file for the user's eyes alone.

    Parameters
    ----------
    path
        Where it lies; its folder is made at need.
    parse
        Takes what the file has, None if there is none or it cannot be read, and returns what of it
        is known, and whether that is all. If not, a copy of the file is kept before it is written.
    """

    def __init__(self, path: Path, parse: Callable[[Any], tuple[_Content, bool]]) -> None:
        self._path = path
        self._parse = parse

    def read(self) -> _Content:
        """Return what is known of the file; nothing, if it cannot be read."""
        try:
            data = self._path.read_bytes()
        except OSError:
            data = b""
        return self._parse(_decoded(data))[0]

    def change(self, edit: Callable[[_Content], object]) -> None:
        """Let a function change what is known, and write it, while no other process does.

        Raises
        ------
        OSError
            If the file, or a copy of what could not be read, cannot be written; it is as it was.
        """
        folder = self._path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(folder):
            data = self._path.read_bytes() if self._path.exists() else None
            content, is_all = self._parse(_decoded(data or b""))
            if data is not None and not is_all:
                self._keep(data)
            edit(content)
            replace_file(self._path, msgspec.json.format(msgspec.json.encode(content)))

    def _keep(self, data: bytes) -> None:
        """Keep a copy, beside those of earlier times."""
        number = 1
        while (copy := self._copy(number)).exists():
            if copy.read_bytes() == data:
                return
            number += 1
        replace_file(copy, data)

    def _copy(self, number: int) -> Path:
        later = f"-{number}" if number > 1 else ""
        return self._path.with_suffix(f".unreadable{later}.json")


def replace_file(path: Path, data: bytes) -> None:
    """Write a file, all or nothing; what was begun is removed if it fails.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _decoded(data: bytes) -> Any:
    with suppress(msgspec.MsgspecError, UnicodeError, RecursionError):
        return msgspec.json.decode(data)
    return None


def _in_time(lock: Callable[[], bool]) -> None:
    """Try until a lock is held.

    Raises
    ------
    TimeoutError
        If another process holds it for too long.
    """
    end = time.monotonic() + _PATIENCE
    while not lock():
        if time.monotonic() > end:
            raise TimeoutError("Another process is writing.")
        time.sleep(_PAUSE)


if sys.platform == "win32":

    @contextmanager
    def _locked(folder: Path) -> Iterator[None]:
        """Hold a folder's lock: a file that only one process can make."""
        path = folder / ".lock"

        def lock() -> bool:
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE:  # whoever made it is gone
                    path.unlink()
            try:
                path.touch(exist_ok=False)
            except OSError:
                return False
            return True

        _in_time(lock)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

else:
    import fcntl

    @contextmanager
    def _locked(folder: Path) -> Iterator[None]:
        """Hold a folder's lock, which the system takes back from a process that is gone."""
        handle = os.open(folder, os.O_RDONLY)

        def lock() -> bool:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            except OSError:  # a file system that knows no locks
                return True
            return True

        try:
            _in_time(lock)
            yield
        finally:
            os.close(handle)
