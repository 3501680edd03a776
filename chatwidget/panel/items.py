"""A turn of a conversation as the transcript shows it: plain data for the front end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.chat.text import clean
from chatwidget.panel.enclosures import names_of, pictures_of
from chatwidget.render.display.messages import PartKey, whole_part
from chatwidget.render.display.notices import cut_off
from chatwidget.render.display.parts import parts_of
from chatwidget.render.display.side_by_side import heading
from chatwidget.render.display.toolparts import calls_html
from chatwidget.render.markup.rendering import render
from chatwidget.tools.toolsteps import rounds_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatwidget.chat.conversation import Conversation, Turn
    from chatwidget.chat.question import Question

__all__ = ["TurnItems", "finished_item", "running_item"]

_ENDINGS = {
    "stopped": "Stopped: what is here stays, and is not sent with later questions.",
    "failed": "The answer failed: it is not sent with later questions.",
}


class TurnItems:
    """Turns as they are shown; each is rendered once, since it never changes."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Turn, dict[str, Any]]] = {}

    def finished(self, turn: Turn, conversation: Conversation) -> dict[str, Any]:
        """Return a turn that has ended, with its place among its versions."""
        known, item = self._made.get(turn.id, (None, {}))
        if known is not turn:
            item = finished_item(turn)
            self._made[turn.id] = (turn, item)
        return item | {"versions": [each.id for each in conversation.versions(turn.id)]}


def finished_item(turn: Turn) -> dict[str, Any]:
    """Return a turn that has ended, by itself."""
    return {
        **_asked(turn.id, turn.prompt, turn.content),
        "parts": [msgspec.to_builtins(whole_part(key, [html])) for key, html in _parts(turn)],
        "texts": [clean(answer.content or "") for answer in turn.answers],
        "chosen": turn.chosen,
        "notice": _notice(turn),
        "facts": _facts(turn.facts),
        "why": _why(turn),
    }


def running_item(question: Question) -> dict[str, Any]:
    """Return a question whose answer is being written."""
    return {
        **_asked(question.turn_id, question.prompt, question.content),
        "running": True,
        "facts": [question.model],
    }


def _asked(name: str, prompt: str, content: str | list[dict[str, Any]] | None) -> dict[str, Any]:
    return {
        "id": name,
        "prompt": clean(prompt),
        "pictures": pictures_of(content),
        "files": [clean(file) for file in names_of(content)],
        "parts": [],
        "texts": [],
        "chosen": 0,
        "versions": [name],
        "running": False,
        "notice": "",
        "why": [],
    }


def _parts(turn: Turn) -> Iterator[tuple[PartKey, str]]:
    """Yield the key and the HTML of each part: calls of tools first, then the answers."""
    rounds = rounds_of(turn.steps)
    for number, round_ in enumerate(rounds):
        if round_.text:
            yield PartKey(number, 0, "content"), render(round_.text)
        yield PartKey(number, 0, "tools"), calls_html(round_.calls)
    for index, answer in enumerate(turn.answers):
        if len(turn.answers) > 1:
            title = heading(index, len(turn.answers), is_chosen=index == turn.chosen)
            yield PartKey(0, index, "heading"), title
        for kind, html in parts_of(answer):
            yield PartKey(len(rounds), index, kind), html


def _notice(turn: Turn) -> str:
    if turn.status == "complete":
        return cut_off(turn.facts.get("finish_reason"))
    return f"{_ENDINGS[turn.status]} {clean(str(turn.facts.get('error') or ''))}".strip()


def _facts(facts: Mapping[str, Any]) -> list[str]:
    """Return what stands below an answer: who answered, how long it is, how fast it came."""
    usage = facts.get("usage") or {}
    timing = facts.get("timing") or {}
    first, pace = timing.get("first_token_s"), timing.get("tokens_per_s")
    tokens = usage.get("completion_tokens")
    said = [
        str(facts.get("model") or ""),
        f"{tokens:,} tokens" if tokens else "",
        f"first token {first:.2f} s" if first is not None else "",
        f"{pace:.0f} tokens/s" if pace else "",
    ]
    return [clean(each) for each in said if each]


def _why(turn: Turn) -> list[str]:
    """Return what was sent, and what became of it, a sentence or a setting each."""
    parameters = turn.facts.get("parameters") or {}
    extra = turn.facts.get("extra_body") or {}
    sent = [f"{name} = {value!r}" for name, value in (parameters | extra).items()]
    system = [f"system message: {turn.system}"] if turn.system else []
    notes = [str(note) for note in turn.facts.get("notes") or ()]
    return [clean(each) for each in [*(sent or ["No parameter was sent."]), *system, *notes]]
