"""What the views of a page send to their widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipywidgets import DOMWidget

__all__ = ["send"]


def send(widget: DOMWidget, content: Any) -> None:
    """Send a message from a view, by the way on which a comm brings it."""
    data = {"method": "custom", "content": content}
    widget._handle_msg({"content": {"data": data}, "buffers": []})
