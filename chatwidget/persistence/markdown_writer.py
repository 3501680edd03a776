"""A conversation as Markdown, for people to read."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from chatwidget.client.text import counted, printable
from chatwidget.render.display.footer import who_answered
from chatwidget.render.display.media import media_markdown
from chatwidget.render.display.sent import SENT, sent_text
from chatwidget.render.display.transcript import status_in_words, text_of
from chatwidget.render.markup.markdown_writer import inert_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.chat.conversation import Conversation, Turn
    from chatwidget.client.wire.types import ChatCompletionMessage

__all__ = ["to_markdown"]

_MARKUP = "\\`*_{}[]()#!|$~"


def to_markdown(name: str, conversation: Conversation) -> str:
    """Return the turns of the current path; nothing in them runs, whoever renders it."""
    turns = [_turn(number, turn) for number, turn in enumerate(conversation.path(), 1)]
    return "\n".join([f"# {_inline(name)}\n", *turns])


def _turn(number: int, turn: Turn) -> str:
    return "\n".join([f"## {number}\n", *_question(turn), *_answers(turn), _footer(turn)])


def _question(turn: Turn) -> Iterator[str]:
    yield _quote(turn.prompt)
    if sent := sent_text(turn):
        yield f"*{SENT}:*\n\n{_quote(sent)}"


def _answers(turn: Turn) -> Iterator[str]:
    yield from map(_step, turn.steps)
    for number, answer in enumerate(turn.answers):
        if len(turn.answers) > 1:
            chosen = ", the one that the conversation goes on with" * (number == turn.chosen)
            yield f"**Answer {number + 1} of {len(turn.answers)}{chosen}**\n"
        yield from _answer(answer)


def _answer(answer: ChatCompletionMessage) -> Iterator[str]:
    if answer.reasoning:
        yield f"*Reasoning:*\n\n{_quote(answer.reasoning)}"
    if answer.content or answer.refusal:
        yield f"{inert_markdown(text_of(answer)).strip()}\n"
    elif answer.tool_calls:
        yield f"*Tool call:* {_inline(text_of(answer))}\n"
    if media := media_markdown(answer):
        yield media


def _step(step: dict[str, Any]) -> str:
    if step.get("role") == "tool":
        return f"*Result of the tool:*\n\n{_quote(str(step.get('content') or ''))}"
    said = inert_markdown(str(step.get("content") or "")).strip()
    called = [f"*Tool call:* {_inline(_call(call))}" for call in step.get("tool_calls") or ()]
    return "\n\n".join(filter(None, [said, *called])) + "\n"


def _call(call: dict[str, Any]) -> str:
    called = call.get("function") or call.get("custom") or {}
    return f"{called.get('name')}({called.get('arguments', called.get('input'))})"


def _footer(turn: Turn) -> str:
    facts, usage = turn.facts, turn.facts.get("usage") or {}
    tokens = usage.get("completion_tokens")
    parameters = [f"{name}={value}" for name, value in facts.get("parameters", {}).items()]
    told = [
        *who_answered(facts.get("model"), facts.get("server")),
        counted(tokens, "token") if tokens else None,
        *parameters,
        None if status_in_words(turn) == "complete" else status_in_words(turn),
    ]
    return f"*{_inline(' · '.join(str(fact) for fact in told if fact))}*\n"


def _quote(text: str) -> str:
    lines = inert_markdown(text).strip().splitlines()
    return "\n".join(f"> {line}".rstrip() for line in lines) + "\n"


def _inline(text: str) -> str:
    """Return text as one line of Markdown in which nothing is markup."""
    line = escape(" ".join(printable(text).split()), quote=False)
    return "".join(f"\\{letter}" if letter in _MARKUP else letter for letter in line)
