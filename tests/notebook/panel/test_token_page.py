"""The Tokens tab: the tokens of the newest answer, as long as somebody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget.client import continuing, logprobs_probe
from notebook.pages import Page, until
from wire.replies import SSE_HEAD, chunk, done, error, json_response, sse, stream_of
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
    assert practised.state["tokens"] == {"asks": False, "tokens": None, "answers": [], "turn": ""}
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
    assert page.state["tokens"] == {"asks": False, "tokens": None, "answers": [], "turn": ""}
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


@pytest.fixture
def looked_at(practised: Page) -> Page:
    practised.session.settings.update({"max_tokens": 8, "temperature": 1, "seed": 2})
    practised.do("AskForTokens", wanted=True)
    practised.do("ShowTokens", shown=True)
    practised.ask("What is temperature?")
    return practised


def tokens(page: Page) -> list[str]:
    shown = page.state["tokens"]["tokens"]
    return [each["text"] for each in shown["tokens"]] if shown else []


def fork(page: Page, position: int, rank: int) -> None:
    turn = page.state["tokens"]["turn"]
    page.do("ForkAnswer", turn=turn, position=position, rank=rank)


def has_gone_on(page: Page) -> None:
    until(lambda: len(page.session.conversation.turns) > 1)
    until(lambda: "another version" in page.state["notice"]["sentence"])
    until(lambda: page.state["tokens"]["turn"] == page.session.conversation.head)


@pytest.mark.parametrize("position", [0, 3])
def test_an_answer_goes_on_from_another_token_as_a_version_of_its_turn(
    looked_at: Page, position: int
) -> None:
    before = tokens(looked_at)
    there = looked_at.state["tokens"]["tokens"]["tokens"][position]
    used = looked_at.session.tally.total().questions
    rank = next(n for n, each in enumerate(there["ids"]) if each != there["id"])
    fork(looked_at, position, rank)
    has_gone_on(looked_at)
    first, second = looked_at.session.conversation.turns.values()
    assert (first.parent, first.prompt) == (second.parent, second.prompt)
    assert looked_at.session.conversation.head == second.id
    assert tokens(looked_at)[:position] == before[:position]
    assert tokens(looked_at)[position] != before[position]
    assert "".join(tokens(looked_at)) == second.answer.content == looked_at.texts[-1]
    assert second.facts["begun"] == position + 1
    assert second.request_key() != first.request_key()
    assert looked_at.session.tally.total().questions == used + 1


def test_a_fork_can_be_forked(looked_at: Page) -> None:
    fork(looked_at, 1, 1)
    has_gone_on(looked_at)
    once = tokens(looked_at)
    looked_at.session.controller.wait()
    fork(looked_at, 3, 1)
    until(lambda: len(looked_at.session.conversation.turns) > 2)
    until(lambda: looked_at.state["tokens"]["turn"] == looked_at.session.conversation.head)
    assert tokens(looked_at)[:3] == once[:3]
    assert len(tokens(looked_at)) <= 8


def test_older_answers_can_be_chosen_until_there_is_another_one(looked_at: Page) -> None:
    first = looked_at.state["tokens"]["turn"]
    said = tokens(looked_at)
    looked_at.ask("What does top_p do?")
    page = looked_at.state["tokens"]
    assert [each["turn"] for each in page["answers"]] == [page["turn"], first]
    assert page["answers"][0]["title"].startswith("What does top_p do? → ")
    looked_at.do("ChooseTokens", turn=first)
    assert looked_at.state["tokens"]["turn"] == first
    assert tokens(looked_at) == said
    looked_at.ask("What is a token?")
    assert looked_at.state["tokens"]["turn"] not in ("", first)


def test_an_answer_without_probabilities_leaves_the_older_ones_to_choose_from(
    looked_at: Page,
) -> None:
    first = looked_at.state["tokens"]["turn"]
    looked_at.do("AskForTokens", wanted=False)
    looked_at.ask("What does top_p do?")
    page = looked_at.state["tokens"]
    assert (page["turn"], page["tokens"]) == ("", None)
    assert [each["turn"] for each in page["answers"]] == [first]


def test_what_is_not_in_the_conversation_is_not_offered(looked_at: Page) -> None:
    looked_at.do("NewConversation")
    assert looked_at.state["tokens"]["answers"] == []
    looked_at.do("ForkAnswer", turn="gone", position=0, rank=0)  # the page is behind
    assert not looked_at.session.conversation.turns


@pytest.mark.parametrize(("position", "rank"), [(99, 0), (0, 99)])
def test_a_token_that_is_not_there_is_refused_in_a_sentence(
    looked_at: Page, position: int, rank: int
) -> None:
    fork(looked_at, position, rank)
    assert looked_at.state["notice"]["sentence"]
    assert len(looked_at.session.conversation.turns) == 1


def test_a_server_that_does_not_go_on_says_so(
    page: Page, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(continuing, "_found", {})
    monkeypatch.setattr(logprobs_probe, "_found", {(server.url, "scripted"): "raw"})
    top = [{"token": each, "logprob": -1.0, "bytes": None} for each in ("Hi", "No")]
    listed = {"content": [{"token": "Hi", "logprob": -1.0, "bytes": None, "top_logprobs": top}]}
    choice = {"index": 0, "delta": {"content": "Hi"}, "logprobs": listed, "finish_reason": "stop"}
    server.reply(SSE_HEAD, sse(chunk(choices=[choice])), done(), close())
    page.do("ShowTokens", shown=True)
    page.ask("Hello")
    server.reply(json_response(error("no such role at the end"), 400))
    fork(page, 0, 1)
    until(lambda: "does not continue an answer" in page.state["notice"]["sentence"])
    assert len(page.session.conversation.turns) == 1
