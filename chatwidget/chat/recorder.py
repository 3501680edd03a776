"""The recorder: the sink that makes a turn of an answer when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.chat.answer_metadata import answer_metadata, as_json
from chatwidget.chat.conversation import Turn
from chatwidget.client.errors import StoppedError
from chatwidget.client.request.prefill import prefill_tokens
from chatwidget.client.timing import Stopwatch
from chatwidget.client.wire.additions import plain_message, plain_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.asked_turns import AskedTurns
    from chatwidget.chat.conversation import Status
    from chatwidget.chat.question import Question
    from chatwidget.client.events import Data, Error, Finish, ToolProgress
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["Recorder"]


class Recorder:
    """Sink that records one answer and hands its turn on.

    Parameters
    ----------
    question
        What was asked.
    record
        Takes the turn; it is told once.
    asked
        Keeps what the answer was asked with.
    cached
        When the answer was stored, if it comes from there.
    """

    def __init__(
        self,
        question: Question,
        record: Callable[[Question, Turn], object],
        asked: AskedTurns,
        cached: str = "",
    ) -> None:
        self._question = question
        self._record = record
        self._asked = asked
        self._steps: list[dict[str, Any]] = []
        self._cached = cached
        self._stopwatch = Stopwatch()

    def handle_data(self, event: Data) -> None:
        """Notice the first token."""
        self._stopwatch.feed(event.chunk)

    def handle_tools(self, progress: ToolProgress) -> None:
        """Keep what the model called and what came of it; the model is not waited for meanwhile."""
        self._steps = list(map(plain_step, progress.steps))
        if progress.pending is None:
            self._stopwatch.resume()
        else:
            self._stopwatch.pause()

    def handle_error(self, event: Error) -> None:
        """Record what had arrived; it is not sent with later requests."""
        if isinstance(event.error, StoppedError):
            self._end(event.completion, "stopped")
        else:
            self._end(event.completion, "failed", error=event.error.message)

    def handle_finish(self, event: Finish) -> None:
        """Record the answer."""
        self._end(event.completion, "complete")

    def _end(self, completion: ChatCompletion, status: Status, **more: Any) -> None:
        question = self._question
        self._asked.keep(question.turn_id, completion)
        facts = answer_metadata(
            completion,
            self._stopwatch.timing(),
            server=question.server.name,
            parameters=question.config.parameters,
            status=status,
            cached=self._cached,
            cost=None if self._cached else question.cost(completion, self._steps),
        )
        turn = Turn(
            id=question.turn_id,
            parent=question.parent,
            prompt=question.prompt,
            content=question.content,
            system=question.config.system or "",
            steps=self._steps,
            answers=[plain_message(choice.message) for choice in completion.choices],
            status=status,
            cell_id=question.cell_id,
            facts=facts | _unlike_the_usual(question, completion.model) | more,
        )
        self._record(question, turn)


def _unlike_the_usual(question: Question, model: str) -> dict[str, Any]:
    """Return what else the answer depends on.

    That is a model that calls itself otherwise, other fields, and how much it began with.
    """
    config = question.config
    asked = {} if config.model == model else {"asked_model": config.model}
    extra = {"extra_body": dict(config.extra_body)} if config.extra_body else {}
    begun = {"begun": prefill_tokens(question.prefill)} if question.prefill else {}
    return as_json(asked | extra | begun)
