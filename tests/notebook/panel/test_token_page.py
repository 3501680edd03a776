"""The Tokens tab: the tokens of the newest answer, as long as somebody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget.client import logprobs_probe
from notebook.pages import Page, until
from wire.replies import SSE_HEAD, stream_of
from wire.scripted_server import close

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from wire.scripted_server import ScriptedServer


@pytest.fixture
def practised(session: ChatSession, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setattr(logprobs_probe, "_found", {})
    return Page(session)


def test_a_switch_lets_questions_ask_for_probabilities(practised: Page) -> None:
    practised.do("ShowTokens", shown=True)
    assert practised.state["tokens"] == {"asks": False, "tokens": None}
    practised.do("AskForTokens", wanted=True)
    assert practised.session.settings.sent() == {"logprobs": True, "top_logprobs": 20}
    assert practised.state["tokens"]["asks"]
    practised.do("AskForTokens", wanted=False)
    assert practised.session.settings.sent() == {}
    assert not practised.state["tokens"]["asks"]


def test_the_tokens_of_the_newest_answer_are_shown_and_what_they_mean(practised: Page) -> None:
    practised.session.settings.update({"max_tokens": 6, "temperature": 1.2})
    practised.do("AskForTokens", wanted=True)
    practised.ask("What is temperature?")
    assert practised.state["tokens"] is None
    practised.do("ShowTokens", shown=True)
    shown = practised.state["tokens"]["tokens"]
    assert "".join(each["text"] for each in shown["tokens"]) == practised.texts[-1]
    assert shown["asked"] == {"temperature": 1.2}
    until(lambda: practised.state["tokens"]["tokens"]["is_raw"])


def test_an_answer_without_probabilities_has_none(page: Page, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, stream_of("Hello"), close())
    page.do("ShowTokens", shown=True)
    page.ask("Hi")
    assert page.state["tokens"] == {"asks": False, "tokens": None}
    assert len(server.requests) == 1  # nothing is found out of what did not come


def test_while_nobody_looks_no_tokens_are_sent(practised: Page) -> None:
    practised.do("AskForTokens", wanted=True)
    practised.do("ShowTokens", shown=True)
    practised.do("ShowTokens", shown=False)
    practised.messages.clear()
    practised.session.settings.update({"max_tokens": 3})
    practised.ask("Hi")
    assert practised.state["tokens"] is None
    assert "vocabulary" not in str(practised.messages)
