"""The stylesheets that go with what is shown."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

__all__ = ["style_tag"]


@cache
def style_tag(name: str = "answer") -> str:
    """Return a stylesheet, by default an answer's, without what only people and live views need."""
    css = files("chatwidget").joinpath(f"static/{name}.css").read_text("utf-8")
    css = css.partition("/* Only while it streams. */")[0]
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s*([{};,])\s*", r"\1", css.strip())
    return f"<style>{css}</style>\n"
