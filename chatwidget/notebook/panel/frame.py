"""What the panel needs of the page around it: its stylesheet, and that its keys stay in it."""

from __future__ import annotations

import anywidget

from chatwidget.notebook.scripts import STATIC

__all__ = ["Frame"]


class Frame(anywidget.AnyWidget):
    """Shows nothing itself; it stands anywhere in the panel."""

    _esm = STATIC / "frame.js"
    _css = STATIC / "panel.css"

    def __init__(self) -> None:
        super().__init__()
        self.add_class("chatwidget-frame")
