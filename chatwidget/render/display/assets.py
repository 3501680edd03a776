"""The scripts and stylesheets of our views, as text.

A script is one module without imports, so that nothing has to be loaded from anywhere; ``make
frontend`` bundles it from the modules in static/src. A widget is given the text and not the path:
anywidget watches a path, and from then on keeps every widget that was ever made with it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["STATIC", "bundle", "stylesheet"]


STATIC = Path(__file__).parents[2] / "static"


@cache
def bundle(name: str) -> str:
    """Return the script of a view."""
    return STATIC.joinpath("dist", f"{name}.js").read_text("utf-8")


@cache
def stylesheet(*names: str) -> str:
    """Return the stylesheet of a view, made of these ones."""
    return "\n".join(STATIC.joinpath(f"{name}.css").read_text("utf-8") for name in names)
