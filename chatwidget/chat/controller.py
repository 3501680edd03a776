"""The controller of a session's background chat: what every panel of the session asks through.

It asks one question at a time, however many panels there are, and tells all of them what comes.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from chatwidget.chat.observing import GuardedObserver
from chatwidget.chat.rerun import Rerun
from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.forks import fork_safe
from chatwidget.tools.approvals import Approvals

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.observing import Disposer
    from chatwidget.chat.question import Question
    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.chat.session_protocol import SessionProtocol
    from chatwidget.client.background import Task
    from chatwidget.client.events import Data, Error, Finish, ToolProgress, Wait
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["Approval", "Begun", "ChatController", "ControllerEvent", "Ended", "Progress"]

_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Begun:
    """A question is asked now; its answer is not recorded yet."""

    question: Question


@dataclass(frozen=True, slots=True)
class Progress:
    """Something came of the answer: a chunk, a wait, a call of a tool."""

    question: Question
    event: Data | Wait | ToolProgress


@dataclass(frozen=True, slots=True)
class Approval:
    """A function waits for a decision; both texts are empty when none does any more."""

    approval_id: str
    function: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer has ended, and its turn is recorded; None if it could not be asked."""

    question: Question
    event: Finish | Error | None


ControllerEvent: TypeAlias = Begun | Progress | Approval | Ended


class ChatController:
    """Asks for the panels of a session, one question at a time, in the background.

    Parameters
    ----------
    session
        Whose conversation goes on.

    Attributes
    ----------
    rerun
        Asks the last question again when a setting changes, if it is told to.
    approvals
        The calls of tools that wait for a decision.
    approval
        The one that waits now.
    """

    def __init__(self, session: SessionProtocol) -> None:
        self._session = session
        # Whoever asks or stops holds this, so that a Stop right after an Ask finds its task: a
        # kernel with subshells brings the page's messages on several threads.
        self._asking = fork_safe(threading.RLock())
        # Guards the fields below; held for moments, never while somebody is told or waited for.
        self._lock = fork_safe(threading.Lock())
        self._task: Task | None = None
        self._question: Question | None = None
        self._completion: ChatCompletion | None = None
        self._listeners: tuple[GuardedObserver, ...] = ()
        self.approvals = Approvals(self._show_approval)
        self.approval = Approval("", "")
        self.rerun = Rerun(session, self.ask, self.stop, lambda: self.question)

    @property
    def question(self) -> Question | None:
        """What is being answered; None if nothing is."""
        return self._question

    @property
    def completion(self) -> ChatCompletion | None:
        """The answer that ended last; None before the first."""
        return self._completion

    @property
    def partial(self) -> ChatCompletion | None:
        """The answer that is being written, as far as it has come."""
        task = self._task if self._question is not None else None
        return task.completion if task is not None else None

    def subscribe(self, listener: Callable[[ControllerEvent], object]) -> Disposer:
        """Tell a listener of all that happens, on whichever thread it does.

        What it raises is logged, and holds up nobody.

        When the last one has left, no setting asks again any more: nobody would see the answer, or
        what it costs.
        """
        guarded = GuardedObserver(listener)
        with self._lock:
            self._listeners = (*self._listeners, guarded)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each is not guarded)
            if not self._listeners:
                self.rerun.enabled = False

        return unsubscribe

    def ask(
        self,
        prompt: str,
        *,
        content: str | list[dict[str, Any]] | None = None,
        beside: str | None = None,
        config: RequestConfig | None = None,
    ) -> None:
        """Ask in the background; an answer that is being written is stopped first.

        Parameters
        ----------
        prompt, content, beside, config
            As `ChatSession.question` takes them.

        Raises
        ------
        ParameterError, ConfigurationError
            If it cannot be asked as it is; nothing was sent.
        """
        with self._asking:
            question = self._session.question(prompt, content=content, beside=beside, config=config)
            self.go_on(question)

    def go_on(self, question: Question) -> None:
        """Ask what was prepared, such as `Question.going_on`, in the background."""
        with self._asking:
            self.stop()
            self._start(question)

    def stop(self) -> None:
        """Stop the answer that is being written, and return when it has ended."""
        with self._asking:
            task = self._task
            if self._question is not None and task is not None and task.cancel():
                with suppress(TimeoutError):  # a function that runs for the model ends when it ends
                    task.exception(_PATIENCE)

    def wait(self, timeout: float | None = None) -> ChatCompletion:
        """Wait for the answer and return it, for programs.

        Raises
        ------
        TimeoutError, APIError
            As `ChatTask.result` does.
        RuntimeError
            If nothing was asked.
        """
        if self._task is None:
            raise RuntimeError("Nothing was asked.")
        return self._task.result(timeout)

    def _start(self, question: Question) -> None:
        self._question = question
        self._tell(Begun(question))
        try:
            self._task = self._session.start(
                question, stream_to=_Sink(self, question), ask=self.approvals.ask
            )
        except ChatWidgetError:
            self.end(question, None)
            raise

    def end(self, question: Question, event: Finish | Error | None) -> None:
        """Take notice that an answer has ended, which its sink does."""
        with self._lock:
            is_current = question is self._question
            if is_current:
                self._question = None
            if event is not None:
                self._completion = event.completion
        if is_current:  # else it is another question that waits for a decision
            self.approvals.forget()
        self._tell(Ended(question, event))  # with no lock held: whoever hears may ask again

    def progress(self, question: Question, event: Data | Wait | ToolProgress) -> None:
        """Tell what came of an answer, which its sink does."""
        self._tell(Progress(question, event))

    def _show_approval(self, approval_id: str, function: str) -> None:
        if (approval_id, function) != (self.approval.approval_id, self.approval.function):
            self.approval = Approval(approval_id, function)
            self._tell(self.approval)

    def _tell(self, event: ControllerEvent) -> None:
        for listener in self._listeners:
            listener(event)


class _Sink:
    """The sink of one answer, which tells the controller."""

    def __init__(self, controller: ChatController, question: Question) -> None:
        self._controller = controller
        self._question = question

    def handle_data(self, event: Data) -> None:
        self._controller.progress(self._question, event)

    def handle_wait(self, event: Wait) -> None:
        self._controller.progress(self._question, event)

    def handle_tools(self, event: ToolProgress) -> None:
        self._controller.progress(self._question, event)

    def handle_finish(self, event: Finish) -> None:
        self._controller.end(self._question, event)

    def handle_error(self, event: Error) -> None:
        self._controller.end(self._question, event)
