"""The questions of a panel: asked in the background, one at a time."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import traitlets

from chatwidget.client.errors import ChatWidgetError, StoppedError
from chatwidget.panel.items import TurnItems, running_item
from chatwidget.render.display.drawing import Drawing
from chatwidget.tools.approvals import Approvals

if TYPE_CHECKING:
    from chatwidget.chat.question import Question
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.background import Task
    from chatwidget.client.events import Data, Error, Finish, Wait
    from chatwidget.client.types import ChatCompletion
    from chatwidget.panel.transcript import TranscriptView
    from chatwidget.render.display.messages import PartKey
    from chatwidget.render.markup.rendering import Frame
    from chatwidget.tools.toolsteps import ToolProgress

__all__ = ["Exchange"]


class Exchange(traitlets.HasTraits):
    """Asks for a panel, and keeps its transcript as the session has it.

    Attributes
    ----------
    running
        Whether an answer is being written.
    completion
        The last answer, as far as it came; None before the first.
    """

    running = traitlets.Bool()
    completion = traitlets.Any()

    def __init__(self, session: ChatSession, transcript: TranscriptView) -> None:
        super().__init__()
        self._session = session
        self._transcript = transcript
        # a kernel with subshells brings the page's messages on several threads
        self._asking = threading.RLock()
        self._lock = threading.RLock()
        self._task: Task | None = None
        self._question: Question | None = None
        self._items = TurnItems()
        self.approvals = Approvals(transcript.ask)
        session.observe(self.show, ["conversations", "current"])
        self.show()

    def ask(
        self,
        prompt: str,
        *,
        content: str | list[dict[str, Any]] | None = None,
        beside: str | None = None,
        **overrides: Any,
    ) -> None:
        """Ask in the background; an answer that is being written is stopped first.

        Parameters
        ----------
        prompt, content, **overrides
            As `ChatSession.question` takes them.
        beside
            The turn that this is another version of.

        Raises
        ------
        ParameterError, ConfigurationError
            If it cannot be asked as it is; nothing was sent.
        """
        with self._asking:
            self.stop()
            self._start(self._session.question(prompt, content=content, beside=beside, **overrides))

    def _start(self, question: Question) -> None:
        with self._lock:
            self._question, self.running = question, True
            self.show()
            self._transcript.say(self._session.notice())
            try:
                listener = _Listener(self, question, self._transcript)
                self._task = self._session.start(
                    question, stream_to=listener, ask=self.approvals.ask
                )
            except ChatWidgetError:
                self.end(question, None)
                raise

    def stop(self) -> None:
        """Stop the answer that is being written; what is there stays."""
        with self._asking:
            if self.running and self._task is not None and self._task.cancel():
                with suppress(TimeoutError):  # a function that runs for the model ends when it ends
                    self._task.exception(_PATIENCE)

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

    def end(self, question: Question, completion: ChatCompletion | None) -> None:
        """Take notice that an answer has ended."""
        self.approvals.forget()
        with self._lock:
            if question is self._question:
                self._question, self.running = None, False
            self.show()
        if completion is not None:  # with no lock held: whoever hears of it may ask the next thing
            self.completion = completion

    def show(self, _change: object = None) -> None:
        """Let the transcript show the session's conversation as it is now."""
        with self._lock:
            conversation, question = self._session.conversation, self._question
            if question is not None and not _belongs(question, self._session):
                question = None
            path = conversation.path()
            if question is not None and question.has_parent:
                path = conversation.path(question.parent) if question.parent else []
            items = [self._items.finished(turn, conversation) for turn in path]
            if question is not None:
                items.append(running_item(question))
            self._transcript.show(items)


_PATIENCE = 2.0


def _belongs(question: Question, session: ChatSession) -> bool:
    """Tell whether a question is one of the current conversation, and not recorded yet."""
    is_current = question.conversation == session.current
    return is_current and question.turn_id not in session.conversation.turns


class _Listener:
    """The sink of one answer: draws it while it comes, and says what goes on meanwhile."""

    def __init__(self, exchange: Exchange, question: Question, transcript: TranscriptView) -> None:
        choices = question.parameters.get("n")
        self._exchange = exchange
        self._question = question
        self._transcript = transcript
        self._drawing = Drawing(self._draw, choices if isinstance(choices, int) else 1)
        self._has_said = False

    def handle_wait(self, wait: Wait) -> None:
        self._say(wait.sentence)

    def handle_data(self, event: Data) -> None:
        self._drawing.take(event.chunk)

    def handle_tools(self, progress: ToolProgress) -> None:
        """Show a call as a whole before anybody is asked about it."""
        self._drawing.show_tools(progress)
        self._say(progress.note or ("" if progress.is_asked else progress.sentence))

    def handle_finish(self, event: Finish) -> None:
        if self._has_said:
            self._say("")
        self._end(event.completion)

    def handle_error(self, event: Error) -> None:
        stopped = isinstance(event.error, StoppedError)
        self._say("" if stopped else event.error.hint)
        self._end(event.completion)

    def _say(self, sentence: str) -> None:
        self._has_said = True
        self._transcript.say(sentence)

    def _end(self, completion: ChatCompletion) -> None:
        self._drawing.stop()
        self._exchange.end(self._question, completion)

    def _draw(self, frames: list[tuple[PartKey, Frame]]) -> None:
        if frames:
            self._transcript.draw(self._question.turn_id, frames)
