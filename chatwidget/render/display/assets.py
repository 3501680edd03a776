"""The scripts and stylesheets of our views, as text.

A script is one module without imports, so that nothing has to be loaded from anywhere; ``make
frontend`` bundles it from the modules in static/src. A widget is given the text and not the path:
anywidget watches a path, and from then on keeps every widget that was ever made with it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

__all__ = ["STATIC", "bundle", "style_tag", "stylesheet"]


STATIC = Path(__file__).parents[2] / "static"


@cache
def bundle(name: str) -> str:
    """Return the script of a view."""
    return STATIC.joinpath("dist", f"{name}.js").read_text("utf-8")


@cache
def stylesheet(*names: str) -> str:
    """Return the stylesheet of a view, made of these ones."""
    return "\n".join(STATIC.joinpath(f"{name}.css").read_text("utf-8") for name in names)


@cache
def style_tag(name: str = "answer") -> str:
    """Return a stylesheet, by default an answer's, without what only people and live views need."""
    css = files("chatwidget").joinpath(f"static/{name}.css").read_text("utf-8")
    css = css.partition("/* Only while it streams. */")[0]
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s*([{};,])\s*", r"\1", css.strip())
    return f"<style>{css}</style>\n"
