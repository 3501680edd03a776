"""A page of the handbook beside the controls."""

from __future__ import annotations

import ipywidgets as widgets

from chatwidget.notebook import handbook
from chatwidget.notebook.rendering import render

__all__ = ["HelpPage"]


class HelpPage(widgets.HTML):
    """Shows a page; its text is the handbook's own, rendered like an answer.

    Attributes
    ----------
    page
        The name of the page.
    """

    def __init__(self, page: str) -> None:
        self.page = page
        super().__init__(f'<div class="chatwidget-answer">{render(handbook.page(page))}</div>')
        self.add_class("chatwidget-help")
