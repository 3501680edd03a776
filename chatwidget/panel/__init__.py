"""The panel: a chat with live controls, and one object with the magic and the code."""

from chatwidget.panel.panel import ChatPanel

__all__ = ["ChatPanel"]
