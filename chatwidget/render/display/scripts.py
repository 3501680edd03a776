"""The scripts of our views: hand-written files, joined where one stands on another.

A view is one module without imports, so that nothing has to be loaded from anywhere.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["STATIC", "script"]

STATIC = Path(__file__).parents[2] / "static"


def script(*names: str) -> str:
    """Return the text of a view's module, made of these files."""
    return "\n".join(STATIC.joinpath(name).read_text("utf-8") for name in names)
