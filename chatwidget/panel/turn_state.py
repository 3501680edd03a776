"""Turns as `TurnState`: each rendered once, since it never changes, and the one that grows."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from chatwidget.client.events import Data, ToolProgress
from chatwidget.client.forks import fork_safe
from chatwidget.client.text import clean
from chatwidget.client.wire.finish import cut_off
from chatwidget.panel.attachments import file_names, pictures
from chatwidget.panel.state import TurnState
from chatwidget.render.display.footer import footer_facts
from chatwidget.render.display.frame_scheduler import FrameScheduler
from chatwidget.render.display.live import GrowingParts
from chatwidget.render.display.messages import PartKey, whole_part
from chatwidget.render.display.notices import SILENT
from chatwidget.render.display.parts import answer_parts
from chatwidget.render.display.sent import sent_html
from chatwidget.render.display.side_by_side import heading
from chatwidget.render.display.tool_html import calls_html
from chatwidget.render.markup.formulas import FormulaBudget
from chatwidget.render.markup.rendering import render
from chatwidget.tools.messages import rounds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatwidget.chat.conversation import Conversation, Turn
    from chatwidget.chat.question import Question
    from chatwidget.client.wire.types import ChatCompletionChunk
    from chatwidget.render.display.messages import PartChange
    from chatwidget.render.markup.rendering import Frame

__all__ = ["GrowingTurn", "TurnStates", "finished_turn", "running_turn"]


_ENDINGS = {
    "stopped": "Stopped: what is here stays, and is not sent with later questions.",
    "failed": "The answer failed: it is not sent with later questions.",
}


class TurnStates:
    """A cache of turns by their names; a turn that was replaced is rendered anew."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Turn, TurnState]] = {}

    def path(
        self,
        conversation: Conversation,
        turns: list[Turn],
        is_foreign: Callable[[str], bool] = lambda _: False,
    ) -> list[TurnState]:
        """Return turns of a conversation, each with its versions; others are forgotten."""
        self._made = {turn.id: (turn, self._state(turn)) for turn in turns}
        versions: defaultdict[str | None, list[str]] = defaultdict(list)
        for turn in conversation.turns.values():
            versions[turn.parent].append(turn.id)
        return [
            replace(state, versions=versions[turn.parent], foreign=is_foreign(turn.id))
            for turn, state in self._made.values()
        ]

    def _state(self, turn: Turn) -> TurnState:
        known, state = self._made.get(turn.id, (None, None))
        return state if known is turn and state is not None else finished_turn(turn)


def finished_turn(turn: Turn) -> TurnState:
    """Return a turn that has ended, by itself."""
    return TurnState(
        **_asked(turn.id, turn.prompt, turn.content),
        parts=[whole_part(key, [html]) for key, html in _parts(turn)],
        texts=[clean(answer.content or "") for answer in turn.answers],
        chosen=turn.chosen,
        notice=_notice(turn),
        facts=footer_facts(turn.facts),
        why=_why(turn),
    )


def running_turn(question: Question) -> TurnState:
    """Return a question whose answer is being written."""
    config = question.config
    asked = {
        "model": config.model,
        "server": question.server.name,
        "parameters": config.parameters,
        "extra_body": config.extra_body,
    }
    return TurnState(
        **_asked(question.turn_id, question.prompt, question.content),
        running=True,
        facts=footer_facts(asked),
    )


def _asked(name: str, prompt: str, content: str | list[dict[str, Any]] | None) -> dict[str, Any]:
    return {
        "id": name,
        "prompt": clean(prompt),
        "pictures": pictures(content),
        "files": [clean(file) for file in file_names(content)],
        "versions": [name],
    }


def _parts(turn: Turn) -> Iterator[tuple[PartKey, str]]:
    """Yield the key and the HTML of each part: what is sent unseen, calls of tools, the answers."""
    formulas = FormulaBudget()
    if sent := sent_html(turn):
        yield PartKey(0, 0, "sent"), sent
    rounds = rounds_of(turn.steps)
    for number, round_ in enumerate(rounds):
        if round_.text:
            yield PartKey(number, 0, "content"), render(round_.text, formulas)
        yield PartKey(number, 0, "tools"), calls_html(round_.calls)
    for index, answer in enumerate(turn.answers):
        if len(turn.answers) > 1:
            title = heading(index, len(turn.answers), is_chosen=index == turn.chosen)
            yield PartKey(0, index, "heading"), title
        for kind, html in answer_parts(turn, answer, formulas):
            yield PartKey(len(rounds), index, kind), html


def _notice(turn: Turn) -> str:
    if turn.status == "complete":
        ending = cut_off(turn.facts.get("finish_reason"))
        return f"{ending} {'' if turn.is_sent else SILENT}".strip()
    return f"{_ENDINGS[turn.status]} {clean(str(turn.facts.get('error') or ''))}".strip()


def _why(turn: Turn) -> list[str]:
    """Return what was sent, and what became of it, a sentence or a setting each."""
    parameters = turn.facts.get("parameters") or {}
    extra = turn.facts.get("extra_body") or {}
    sent = [f"{name} = {value!r}" for name, value in {**parameters, **extra}.items()]
    system = [f"system message: {turn.system}"] if turn.system else []
    notes = [str(note) for note in turn.facts.get("notes") or ()]
    return [clean(each) for each in [*(sent or ["No parameter was sent."]), *system, *notes]]


class GrowingTurn:
    """Takes what comes of an answer, and hands on what of its parts has changed.

    While nobody looks it only keeps what came, which is drawn when somebody does.

    Parameters
    ----------
    question
        What is answered.
    draw
        Called on a thread of the scheduler with a function that takes the changes in and returns
        them. Whoever shows them calls it with its lock held: what is `whole` before is older than
        these changes, and what is whole afterwards has them.
    watched
        Whether somebody looks.
    """

    def __init__(
        self,
        question: Question,
        draw: Callable[[Callable[[], list[PartChange]]], object],
        *,
        watched: bool,
    ) -> None:
        choices = question.config.parameters.get("n")
        self.question = question
        self._draw = draw
        self._parts = GrowingParts()
        self._scheduler = FrameScheduler(self._change, choices if isinstance(choices, int) else 1)
        self._watched = watched
        self._kept: deque[ChatCompletionChunk | ToolProgress] = deque()
        # The answer comes on one thread, and whoever looks on another: what comes meanwhile has to
        # wait until what was kept before it is drawn.
        self._lock = fork_safe(threading.Lock())

    def feed(self, event: Data | ToolProgress) -> None:
        """Draw one more chunk or call, now or soon."""
        news = event.chunk if isinstance(event, Data) else event
        with self._lock:
            if self._watched:
                self._show(news)
            else:
                self._kept.append(news)

    def watch(self, watched: bool) -> None:  # noqa: FBT001 - a setter
        """Say whether somebody looks; what was kept meanwhile is drawn."""
        with self._lock:
            self._watched = watched
            while watched and self._kept:
                self._show(self._kept.popleft())

    def whole(self) -> list[PartChange]:
        """Return all parts as they were drawn by now."""
        return self._parts.whole()

    def stop(self) -> None:
        """Return when nothing is drawn any more, and never will be."""
        self._scheduler.stop()

    def _show(self, news: ChatCompletionChunk | ToolProgress) -> None:
        if isinstance(news, ToolProgress):
            self._scheduler.show_tools(news)
        else:
            self._scheduler.feed(news)

    def _change(self, frames: list[tuple[PartKey, Frame]]) -> None:
        if frames:
            self._draw(lambda: self._parts.changes(frames))
