"""The background answers of a session."""

from __future__ import annotations

import itertools
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError, StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatwidget.chat.question import Question
    from chatwidget.client.background import Task

__all__ = ["BackgroundAnswer", "BackgroundAnswers"]

_PATIENCE = 2.0
_TICK = 0.1
_REMEMBERED = 100


@dataclass(frozen=True, slots=True)
class BackgroundAnswer:
    """A background answer in the making.

    Attributes
    ----------
    number
        By which the user stops it.
    question
        What was asked.
    task
        Its answer.
    show_again
        Shows its end once more, in the cell that runs.
    began
        When it was asked, by the monotonic clock.
    """

    number: int
    question: Question
    task: Task
    show_again: Callable[[], object] = lambda: None
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self.began


class BackgroundAnswers:
    """Registry of background answers; it iterates over those that are not complete yet.

    Those that have ended are remembered until somebody has waited for them, the last hundred of
    them: nobody else was told of a failure by an exception.
    """

    def __init__(self) -> None:
        self._answers: list[BackgroundAnswer] = []  # never changed, only replaced: threads read it
        self._numbers = itertools.count(1)

    def __iter__(self) -> Iterator[BackgroundAnswer]:
        return (answer for answer in self._answers if not answer.task.done())

    def add(
        self,
        question: Question,
        task: Task,
        show_again: Callable[[], object] = lambda: None,
    ) -> None:
        """Take one more."""
        open_ends = self._answers[-_REMEMBERED:]
        self._answers = [
            *open_ends,
            BackgroundAnswer(next(self._numbers), question, task, show_again),
        ]

    def notice(self, conversation: str | None) -> str:
        """Say that a question goes without an answer of its conversation that is not complete."""
        busy = {each.question.conversation for each in self} if self._answers else ()
        if conversation is None or conversation not in busy:
            return ""
        return "An answer of this conversation was still being written: this one came without it."

    def stop(self, number: int | None = None) -> int:
        """Stop one of them, or all; return how many were stopped.

        Raises
        ------
        ConfigurationError
            If there is none of that number.
        """
        answers = [answer for answer in self if number in {None, answer.number}]
        if number is not None and not answers:
            raise ConfigurationError(
                f"No answer of number {number} is running.", hint="%chat tasks lists them."
            )
        return sum(answer.task.cancel() for answer in answers)

    def make_way(self, cell_id: str | None) -> None:
        """Stop what was asked from a cell that now asks anew, and return when it has ended."""
        if cell_id is not None and self._answers:
            before = [each for each in self._answers if each.question.cell_id == cell_id]
            for answer in before:
                if answer.task.cancel():
                    _wait(answer.task, _PATIENCE)
            self._answers = [each for each in self._answers if each not in before]

    def wait(self) -> None:
        """Return when all have ended.

        Raises
        ------
        Exception
            What the first of those that failed has failed with; to be stopped is no failure.
        """
        answers = self._answers
        for answer in answers:
            while not answer.task.done():  # in ticks: some systems interrupt no longer wait
                _wait(answer.task, _TICK)
            answer.show_again()
        self._answers = [each for each in self._answers if each not in answers]
        failures = filter(None, (_failure(answer.task) for answer in answers))
        if failure := next(failures, None):
            raise failure


def _wait(task: Task, seconds: float) -> None:
    with suppress(TimeoutError):
        task.exception(seconds)


def _failure(task: Task) -> BaseException | None:
    error = task.exception()
    return None if isinstance(error, StoppedError) else error
