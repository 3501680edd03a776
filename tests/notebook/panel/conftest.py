"""A session on the practice model, and a page that shows its conversation."""

from __future__ import annotations

import pytest

from chatwidget.chat.session import ChatSession
from notebook.pages import Page


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> ChatSession:
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")
    return ChatSession("practice")


@pytest.fixture
def page() -> Page:
    return Page()
