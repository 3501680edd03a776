"""Files with conversations in them: read whole, written whole, and never over another unasked."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from chatwidget.client.errors import ConfigurationError

__all__ = ["path_of", "read_text", "write_text"]

_LARGEST = 512 * 1024 * 1024


def path_of(text: str) -> Path:
    """Return a path as it is typed: a home directory may be a tilde, quotes may be around it."""
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return Path(text[1:-1] if quoted else text).expanduser()


def read_text(path: Path) -> str:
    """Return what is in a file.

    Raises
    ------
    ConfigurationError
        If it cannot be read.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigurationError(
                f"{path} is larger than any conversation.", hint="Choose another file."
            )
        return path.read_text("utf-8")
    except OSError as error:
        raise _no_file(path, error, "read") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is no text.", hint="Choose another file.") from None


def write_text(path: Path, text: str, *, force: bool) -> None:
    """Write a file that only its owner can read: it says what somebody asked.

    It is there whole or not at all.

    Raises
    ------
    ConfigurationError
        If there is one already, unless that is to be replaced; or if it cannot be written.
    """
    if path.exists() and not force:
        raise ConfigurationError(
            f"There is a file {path} already.", hint="--force after its name replaces it."
        )
    try:
        _replace(path, text)
    except OSError as error:
        raise _no_file(path, error, "written") from None


def _replace(path: Path, text: str) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _no_file(path: Path, error: OSError, done: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be {done}: {error.strerror or type(error).__name__}.",
        hint="Check the path; it is relative to the folder that the kernel runs in.",
    )
