"""The sink that makes a turn of an answer when it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import StoppedError
from chatwidget.conversation import Turn
from chatwidget.notebook.provenance import provenance
from chatwidget.notebook.timing import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.events import Data, Error, Finish
    from chatwidget.client.types import ChatCompletion
    from chatwidget.conversation import Status
    from chatwidget.notebook.question import Question

__all__ = ["Recorder"]


class Recorder:
    """Listens to one answer and hands its turn on.

    Parameters
    ----------
    question
        What was asked.
    record
        Takes the turn; it is told once.
    steps
        The calls of tools, and their results, that come before this answer.
    """

    def __init__(
        self,
        question: Question,
        record: Callable[[Question, Turn], object],
        steps: list[dict[str, Any]] | None = None,
    ) -> None:
        self._question = question
        self._record = record
        self._steps = steps or []
        self._stopwatch = Stopwatch()

    def handle_data(self, event: Data) -> None:
        """Notice the first token."""
        self._stopwatch.hear(event.chunk)

    def handle_error(self, event: Error) -> None:
        """Record what had arrived; it is not sent with later requests."""
        self._end(
            event.completion, "stopped" if isinstance(event.error, StoppedError) else "failed"
        )

    def handle_finish(self, event: Finish) -> None:
        """Record the answer."""
        self._end(event.completion, "complete")

    def _end(self, completion: ChatCompletion, status: Status) -> None:
        question = self._question
        turn = Turn(
            id=question.turn_id,
            parent=question.parent,
            prompt=question.prompt,
            content=question.content,
            system=question.system,
            steps=self._steps,
            answers=[choice.message for choice in completion.choices],
            status=status,
            cell_id=question.cell_id,
            facts=provenance(
                completion,
                self._stopwatch.timing(),
                server=question.server.name,
                parameters=question.parameters,
                status=status,
            ),
        )
        self._record(question, turn)
