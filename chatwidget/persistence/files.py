"""Files with conversations in them, and where the running notebook is saved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.json_store import replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["own_notebook", "path_of", "read_text", "write_text"]


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
        replace_file(path, text.encode())
    except OSError as error:
        raise _no_file(path, error, "written") from None


def _no_file(path: Path, error: OSError, done: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path} cannot be {done}: {error.strerror or type(error).__name__}.",
        hint="Check the path; it is relative to the folder that the kernel runs in.",
    )


def own_notebook(namespace: Mapping[str, Any]) -> Path:
    """Return the path of the notebook that a kernel belongs to.

    A Jupyter server names it in the kernel's environment, Visual Studio Code in a variable.

    Raises
    ------
    ConfigurationError
        If nobody tells.
    """
    names = (namespace.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME"))
    for name in names:
        if isinstance(name, str) and name.endswith(".ipynb"):
            return _on_disk(Path(name))
    raise ConfigurationError(
        "The front end does not tell where this notebook is saved.",
        hint="Name it: %chat restore my-notebook.ipynb.",
    )


def _on_disk(path: Path) -> Path:
    """Return a path that may be told from the server's folder instead of the kernel's."""
    return path if path.exists() else Path(path.name)
