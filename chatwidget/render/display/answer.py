"""The sink that draws an answer in the output area."""

from __future__ import annotations

import sys
import time
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from chatwidget.chat.front_end import is_console, names_cells
from chatwidget.client.errors import ChatWidgetError, ParsingError, StoppedError
from chatwidget.client.timing import Stopwatch
from chatwidget.client.wire.finish import cut_off
from chatwidget.client.wire.types import ChatCompletion
from chatwidget.render.display.final_output import FinalOutput
from chatwidget.render.display.footer import who_answered
from chatwidget.render.display.notices import broke_off
from chatwidget.render.display.output_modes import (
    LiveOutputMode,
    OutputMode,
    UpdatesOutputMode,
    widget_support,
)
from chatwidget.render.display.text_output_mode import TextOutputMode
from chatwidget.render.markup.output_formats import OUTPUT_FORMATS
from chatwidget.render.short_tracebacks import in_short
from chatwidget.tools.approvals import Approvals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from chatwidget.client.events import Data, Error, Finish, ToolProgress, Wait
    from chatwidget.prompt.arguments import OutputFormatName
    from chatwidget.render.display.final_output import Below
    from chatwidget.tools.registry import Decision, PendingCall

__all__ = ["AnswerDisplay", "Mode", "best_mode"]

Mode: TypeAlias = Literal["auto", "live", "updates", "text"]
"""How an answer is shown while it streams; see `AnswerDisplay`."""


class AnswerDisplay:
    """Shows one answer while it streams, and leaves it in the notebook as one static output.

    Pass it as ``stream_to``. What it leaves has the answer as safe HTML, Markdown and exact text,
    and in the output's metadata, under ``chatwidget``, how it was asked for and how it came.

    Parameters
    ----------
    server
        The name of the server, for the footer.
    model
        The model that is asked, for the time until the answer names it.
    parameters
        The request's parameters as they are sent, for the footer and the metadata; keys are left
        out.
    extra_body
        The other fields that are sent, for the same.
    mode
        ``live``: a widget with a Stop button. ``updates``: the whole output anew, seldom. ``text``:
        printed, without control characters. ``auto``: text in a terminal or a console; elsewhere in
        a kernel live, unless nobody seems to look: the front end does not say which cell it runs,
        or it had the time to draw an earlier live view and did not.
    clock
        Returns the time in seconds; for tests.
    notes
        Returns the sentences that stay below the answer, when it has ended; empty ones are none.
    on_stop
        What the Stop button calls if the answer streams in the background, where no exception
        tells why it failed: the answer says it. Without it, the button interrupts the kernel.
    place
        Returns where the answer stands in a conversation, for the metadata.
    cost
        Returns what an answer costs in dollars, if that is known, after some calls of tools; it is
        asked about one that no conversation keeps.
    raw
        Whether the answer's JSON is shown, too.
    cached
        When the answer was stored, if it comes from there.
    form
        How the text is shown: as Markdown, as it is, only its code, as JSON, or as a table.
    below
        What stands below the answer when it has ended; None for nothing.
    """

    def __init__(
        self,
        *,
        server: str = "",
        model: str = "",
        parameters: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
        mode: Mode = "auto",
        clock: Callable[[], float] = time.monotonic,
        notes: Callable[[], Iterable[str]] = tuple,
        on_stop: Callable[[], object] | None = None,
        place: Callable[[], Mapping[str, object]] = dict,
        cost: Callable[[ChatCompletion, Sequence[object]], float | None] = lambda *_: None,
        raw: bool = False,
        cached: str = "",
        form: OutputFormatName = "markdown",
        below: Below | None = None,
    ) -> None:
        self._server = server
        self._model = model
        self._parameters = dict(parameters or {})
        self._extra_body = dict(extra_body or {})
        self._mode = mode
        self._notes = notes
        self._on_stop = on_stop
        self._place = place
        self._cost = cost
        self._raw = raw
        self._cached = cached
        self._form = form
        self.below = below
        self._output_mode: OutputMode | None = None
        self._final: FinalOutput | None = None
        self._stopwatch = Stopwatch(clock)
        self._approvals = Approvals(self._show_question)
        self._steps: Sequence[dict[str, Any]] = ()
        self._tool_note = ""

    def open(self) -> None:
        """Show that an answer will come; the first event does so if this is not called."""
        if self._output_mode is None:
            output_mode = self._new_output_mode()
            output_mode.open()
            self._output_mode = output_mode

    def handle_wait(self, wait: Wait) -> None:
        """Say that a request failed and will be sent again."""
        self.open()
        if self._output_mode is not None:
            self._output_mode.show_notice(wait.sentence)

    def handle_data(self, event: Data) -> None:
        """Show one more chunk, now or within a tenth of a second."""
        self.open()
        self._stopwatch.feed(event.chunk)
        if self._output_mode is not None:
            self._output_mode.feed(event.chunk)

    def handle_tools(self, progress: ToolProgress) -> None:
        """Show what the model calls and what comes of it; the model is not waited for meanwhile."""
        self._steps, self._tool_note = progress.steps, progress.note
        if progress.pending is None:
            self._stopwatch.resume()
        else:
            self._stopwatch.pause()
        if self._output_mode is not None:
            self._output_mode.show_tools(progress)

    def ask(self, call: PendingCall) -> Future[Decision]:
        """Ask by buttons whether a call of the background may run.

        Where no button can be shown, the decision is the ConfigurationError that says so.
        """
        from chatwidget.tools.stdin_approval import may_ask, nobody_to_ask  # noqa: PLC0415 - IPython

        if self.is_live and may_ask():
            return self._approvals.ask(call)
        nobody: Future[Decision] = Future()
        nobody.set_exception(nobody_to_ask(call.name))
        return nobody

    def handle_finish(self, event: Finish) -> None:
        """Leave the complete answer."""
        self._close(self._final_output(event.completion, "complete", ""))

    def handle_error(self, event: Error) -> None:
        """Leave what had arrived, and say why it is not more."""
        status = "stopped" if isinstance(event.error, StoppedError) else "failed"
        remark = _remark(event.error, event.completion, has_begun=bool(self._steps))
        if _is_cut(event):
            remark = "" if self._on_stop is None else event.error.hint
        elif self._on_stop is not None and status == "failed":
            remark = in_short(event.error)
        self._close(self._final_output(event.completion, status, remark))

    def abandon(self, remark: str = "No answer.") -> None:
        """End without an answer, unless an event has ended it: the request was not sent."""
        if self._output_mode is not None and self._final is None:
            self._close(self._final_output(ChatCompletion(choices=[]), "failed", remark))

    @property
    def is_live(self) -> bool:
        """Whether the front end draws widgets, as far as is known."""
        return isinstance(self._output_mode, LiveOutputMode)

    def refresh(self) -> None:
        """Show the answer that was left with its place as it is by now; what is printed stays.

        Programs that run a notebook, such as papermill, hear only of the cell that runs. What was
        shown from the background passed them by, so that the cell that waits for it does this.
        """
        if self._output_mode is not None and self._final is not None:
            self._final = replace(self._final, turn_metadata=self._place())
            self._output_mode.refresh(self._final)

    def _show_question(self, approval_id: str, _name: str) -> None:
        if isinstance(self._output_mode, LiveOutputMode):
            self._output_mode.ask(approval_id)

    def _close(self, answer: FinalOutput) -> None:
        self._final = answer
        self._approvals.forget()
        try:
            self._draw_final_output(answer)
        except KeyboardInterrupt:  # it may come late, when all there is to do is to show the end
            self._draw_final_output(answer)
            raise

    def _draw_final_output(self, answer: FinalOutput) -> None:
        self.open()
        if self._output_mode is not None:
            self._output_mode.close(answer)

    def _final_output(self, completion: ChatCompletion, status: str, remark: str) -> FinalOutput:
        place = self._place()
        is_told = bool(self._cached) or "timing" in place
        return FinalOutput(
            completion,
            self._stopwatch.timing(),
            server=self._server,
            parameters=self._parameters,
            extra_body=self._extra_body,
            status=status,
            remark=remark,
            steps=self._steps,
            notes=tuple(filter(None, [self._tool_note, *self._notes()])),
            turn_metadata=place,
            cost=None if is_told else self._cost(completion, self._steps),
            raw=self._raw,
            cached=self._cached,
            form=self._form,
            below=self.below,
        )

    def _new_output_mode(self) -> OutputMode:
        choices = self._parameters.get("n")
        choices = choices if isinstance(choices, int) else 1
        mode = best_mode() if self._mode == "auto" else self._mode
        if mode == "text":
            return TextOutputMode(
                choices, streams=self._on_stop is None and OUTPUT_FORMATS[self._form].streams
            )
        if mode == "updates":
            return UpdatesOutputMode(choices, self._form)
        label = " · ".join(who_answered(self._model, self._server))
        return LiveOutputMode(choices, label, self._on_stop, self._form, self._approvals.decide)


def best_mode() -> Literal["live", "updates", "text"]:
    """Return how an answer is shown while it streams in the front end of the running shell."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if getattr(shell, "kernel", None) is None or is_console(shell):
        return "text"
    return "live" if names_cells(shell) and widget_support.draws_views else "updates"


def _is_cut(event: Error) -> bool:
    """Tell whether an answer cannot be read because it was cut off, as is said below its text."""
    return isinstance(event.error, ParsingError) and bool(cut_off(event.completion.finish_reason))


def _remark(error: ChatWidgetError, completion: ChatCompletion, *, has_begun: bool) -> str:
    if isinstance(error, StoppedError):
        return "Stopped."
    if isinstance(error, ParsingError):
        return error.message
    has_text = any(choice.message != type(choice.message)() for choice in completion.choices)
    return broke_off(error.message) if has_text or has_begun else "No answer."
