"""A session on the practice model, or on the scripted server, and a page that shows its panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget.chat.session import ChatSession
from notebook.pages import Page

if TYPE_CHECKING:
    from wire.scripted_server import ScriptedServer


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> ChatSession:
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")
    return ChatSession("practice")


@pytest.fixture
def scripted(server: ScriptedServer) -> ChatSession:
    session = ChatSession(server.url)
    session.model = "scripted"
    return session


@pytest.fixture
def page(scripted: ChatSession) -> Page:
    return Page(scripted)
