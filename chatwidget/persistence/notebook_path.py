"""Where the running notebook is saved, as far as its front end tells."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["own_notebook"]


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
