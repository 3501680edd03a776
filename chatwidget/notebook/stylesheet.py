"""The stylesheet that goes with every finished answer."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

__all__ = ["style_tag"]


@cache
def style_tag() -> str:
    """Return the stylesheet of an answer, without what only people and the live view need."""
    css = files("chatwidget.notebook").joinpath("static/answer.css").read_text("utf-8")
    css = css.partition("/* Only while it streams. */")[0]
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s*([{};,])\s*", r"\1", css.strip())
    return f"<style>{css}</style>\n"
