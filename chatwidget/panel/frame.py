"""What the panel needs of the page around it: a stylesheet, keys that stay, names of fields."""

from __future__ import annotations

import anywidget

from chatwidget.render.display.scripts import STATIC, script

__all__ = ["Frame"]


class Frame(anywidget.AnyWidget):
    """Shows nothing itself; it stands anywhere in the panel."""

    _esm = script("access.js", "frame.js")
    _css = STATIC / "panel.css"

    def __init__(self) -> None:
        super().__init__()
        self.add_class("chatwidget-frame")
