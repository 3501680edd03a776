"""A page of the handbook in place of the controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ipywidgets as widgets

from chatwidget.render import handbook_pages as handbook
from chatwidget.render.markup.rendering import render

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HelpPage"]


class HelpPage(widgets.VBox):
    """Shows a page; its text is the handbook's own, rendered like an answer.

    Parameters
    ----------
    page
        The name of the page.
    on_close
        Called when the person has read it.
    """

    def __init__(self, page: str, on_close: Callable[[], object]) -> None:
        back = widgets.Button(description="← Back to the settings", tooltip="Close this page.")
        back.add_class("chatwidget-back")
        back.on_click(lambda _: on_close())
        text = widgets.HTML(f'<div class="chatwidget-answer">{render(handbook.page(page))}</div>')
        super().__init__([back, text])
        self.add_class("chatwidget-help")
