"""The model of a panel: its state, and what a person may do with it. No widget, no drawing."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import structs

from chatwidget.chat.controller import Approval, Begun, Ended, Progress
from chatwidget.chat.observing import Disposers, observe
from chatwidget.client.errors import StoppedError
from chatwidget.client.events import Data, Error, ToolProgress, Wait
from chatwidget.client.forks import fork_safe
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.wire.whole import as_chunk
from chatwidget.panel.action_group import ActionContext
from chatwidget.panel.action_handler import ActionHandler
from chatwidget.panel.actions import Leave, Ready
from chatwidget.panel.messages import (
    FrameMessage,
    Snapshot,
    StateMessage,
    TurnsMessage,
)
from chatwidget.panel.panel_state import StateBuilder
from chatwidget.panel.presets import Presets
from chatwidget.panel.state import NoticeState, TurnState
from chatwidget.panel.turn_state import GrowingTurn, TurnStates, running_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chatwidget.chat.controller import ControllerEvent
    from chatwidget.chat.question import Question
    from chatwidget.chat.session import ChatSession
    from chatwidget.panel.actions import Action
    from chatwidget.panel.messages import Message
    from chatwidget.panel.state import PanelState
    from chatwidget.render.display.messages import PartChange

__all__ = ["PanelModel"]

_SETTINGS = ["server", "model", "system", "extra_body"]


class PanelModel:
    """The state of one panel on a session, and the actions that change it.

    It subscribes to the session once, and sends messages only while somebody looks: a panel whose
    output was deleted, or whose page is gone, costs nothing but its place in memory.

    Parameters
    ----------
    session
        What it shows and controls. Several panels may share one.
    send
        Takes each message for the page.
    presets
        Where settings are kept under names.

    Attributes
    ----------
    builder
        What makes the state, with all that belongs to this panel alone.
    """

    def __init__(
        self,
        session: ChatSession,
        send: Callable[[Message], object] = lambda _message: None,
        presets: Presets | None = None,
    ) -> None:
        self.session = session
        self.builder = StateBuilder(session, presets or Presets())
        self._actions = ActionHandler(ActionContext(session, self.builder, self.refresh))
        self._send = send
        # Messages of the page, answers and timers come on threads of their own. Whoever sends holds
        # this, so that messages are numbered in the order in which they go out. Nobody calls the
        # session or its controller with it, so that they may call here while they hold theirs.
        self._lock = fork_safe(threading.RLock())
        self._viewers: set[str] = set()
        self._number = 0
        self._shown: dict[str, Any] = {}
        self._turns: dict[str, TurnState] = {}
        self._states = TurnStates()
        self._growing: GrowingTurn | None = None
        self._meanwhile = ""
        self._rows_changed: Callable[[], object] = lambda: None
        controller = session.controller
        self._disposers = Disposers(
            observe(session, self._on_conversation, ["conversations", "current"]),
            observe(session, self._on_cell, ["cell_config"]),
            observe(session.settings, self._on_setting, [*_SETTINGS, *PARAMETERS]),
            observe(controller.rerun, self._on_rerun, ["enabled", "per_minute", "used", "problem"]),
            controller.subscribe(self._on_event),
        )
        self._catch_up()

    @property
    def state(self) -> PanelState:
        """All that is shown but the turns, as it is now."""
        return self.builder.build()

    @property
    def turns(self) -> list[TurnState]:
        """The turns of the current path; the last one may be running."""
        question = self._question()
        conversation = self.session.conversation
        path = conversation.path()
        if question is not None and question.has_parent:
            path = conversation.path(question.parent) if question.parent else []
        shown = self._states.path(conversation, path, self.session.is_foreign)
        return [*shown, *([running_turn(question)] if question is not None else [])]

    @property
    def is_watched(self) -> bool:
        """Whether a page shows the panel, as far as it has said."""
        return bool(self._viewers)

    def handle(self, action: Action, buffers: Sequence[memoryview] = ()) -> None:
        """Do what a person wants; what cannot be done is said in the state, and changes nothing.

        Parameters
        ----------
        action
            What is wanted.
        buffers
            The contents of the files that go along with a question.
        """
        if isinstance(action, Ready):
            self._show_all(action.view)
        elif isinstance(action, Leave):
            self._watch(lambda viewers: viewers - {action.view})
        else:
            answered = self._actions.handle(action, buffers)
            if answered is not None:
                with self._lock:
                    self._send(answered)

    def close(self) -> None:
        """End all subscriptions; the session stays as it is."""
        self._watch(lambda _: set())
        self._disposers.dispose()
        self.builder.tune.close()
        self.builder.film.stop()
        growing, self._growing = self._growing, None
        if growing is not None:
            growing.stop()

    def on_rows(self, handler: Callable[[], object]) -> None:
        """Call a handler when other parameters want a control."""
        self._rows_changed = handler

    def refresh(self, *fields: str) -> None:
        """Send those of some fields of the state that have changed."""
        if "rows" in fields:
            self._rows_changed()
        if not self._viewers:
            return
        with self._lock:
            now = self.builder.fields(fields)
            changed = {name: it for name, it in now.items() if self._shown.get(name) != it}
            self._shown |= changed
            self._send_fields(changed)

    def _refresh_parameters(self, names: Iterable[str] = PARAMETERS) -> None:
        """Send those of some parameters whose state has changed."""
        if not self._viewers:
            return
        with self._lock:
            shown, now = self._shown["parameters"], self.builder.parameters(names)
            changed = {name: it for name, it in now.items() if shown.get(name) != it}
            self._shown["parameters"] = {**shown, **changed}
            self._send_fields({"parameters": changed} if changed else {})

    def _send_fields(self, fields: dict[str, Any]) -> None:
        if fields:
            self._number += 1
            self._send(StateMessage(self._number, fields))

    def _show_all(self, view: str) -> None:
        self._watch(lambda viewers: viewers | {view})
        with self._lock:
            state, turns = self.state, self.turns
            self._shown = structs.asdict(state)
            self._turns = {turn.id: turn for turn in turns}
            growing = self._growing.whole() if self._growing is not None else []
            self._send(Snapshot(self._number, state, list(self._turns), turns, growing))

    def _watch(self, change: Callable[[set[str]], set[str]]) -> None:
        with self._lock:
            self._viewers = viewers = change(self._viewers)
        rerun = self.session.controller.rerun
        if viewers:
            rerun.watch(self)
        else:
            rerun.unwatch(self)
        growing = self._growing
        if growing is not None:  # which may wait for a thread that wants the lock
            growing.watch(bool(viewers))

    def _show_turns(self) -> None:
        if not self._viewers:
            return
        with self._lock:
            now = {turn.id: turn for turn in self.turns}
            changed = [turn for name, turn in now.items() if self._turns.get(name) != turn]
            if changed or list(now) != list(self._turns):
                self._turns = now
                self._number += 1
                self._send(TurnsMessage(self._number, list(now), changed))
                self._catch_page_up(changed)

    def _catch_page_up(self, changed: list[TurnState]) -> None:
        """Show what there is of an answer whose conversation was gone to while it was written."""
        growing = self._growing
        for turn in changed:
            if growing is not None and turn.running and turn.id == growing.question.turn_id:
                parts = growing.whole()
                if parts:
                    self._number += 1
                    self._send(FrameMessage(self._number, turn.id, parts))

    def _draw(self, turn: str, changes: Callable[[], list[PartChange]]) -> None:
        with self._lock:
            parts = changes()
            shown = self._turns.get(turn)
            # Of an answer that was recorded the page has the whole by now.
            if self._viewers and shown is not None and shown.running:
                self._number += 1
                self._send(FrameMessage(self._number, turn, parts))

    def _question(self) -> Question | None:
        """Return what is answered in the conversation that is shown, unless it is recorded."""
        question, session = self.session.controller.question, self.session
        if question is None or question.conversation != session.current:
            return None
        return None if question.turn_id in session.conversation.turns else question

    def _catch_up(self) -> None:
        """Show an answer that began before there was this panel."""
        controller = self.session.controller
        question, partial = controller.question, controller.partial
        if question is not None:
            self._begin(question)
            if partial is not None and self._growing is not None:
                self._growing.feed(Data(as_chunk(partial)))

    def _begin(self, question: Question) -> None:
        draw = partial(self._draw, question.turn_id)
        self._growing = GrowingTurn(question, draw, watched=self.is_watched)

    def _on_event(self, event: ControllerEvent) -> None:
        if isinstance(event, Begun):
            self._begin(event.question)
            self.builder.notice = NoticeState(self.session.notice())
            self._show_turns()
            self.refresh("running", "notice", "request")
        elif isinstance(event, Progress):
            self._on_progress(event)
        elif isinstance(event, Approval):
            self.refresh("approval")
        else:
            self._on_end(event)

    def _on_progress(self, progress: Progress) -> None:
        event, growing = progress.event, self._growing
        if growing is None or growing.question is not progress.question:
            return  # a function that cannot be stopped goes on, though another question is asked
        if isinstance(event, Wait):
            self._say_meanwhile(event.sentence)
            return
        growing.feed(event)
        if isinstance(event, ToolProgress):
            self._say_meanwhile(event.note or ("" if event.is_asked else event.sentence))

    def _on_end(self, ended: Ended) -> None:
        growing = self._growing
        if growing is not None and growing.question is ended.question:
            self._growing = None
            growing.stop()
        self._say_meanwhile("")
        if isinstance(ended.event, Error) and not isinstance(ended.event.error, StoppedError):
            self._say(ended.event.error.hint)
        self._show_turns()
        self._keep_tokens(ended)
        self.refresh("running", "approval", "comparison", "prompts", "request")
        self.refresh("tokens", "film")
        self._refresh_parameters()  # the server may have refused one

    def _keep_tokens(self, ended: Ended) -> None:
        page = self.builder.tokens
        if ended.event is not None:
            page.keep(ended.question, ended.event.completion)
            page.learn(self.builder.newest(), lambda: self.refresh("tokens"))

    def _say_meanwhile(self, sentence: str) -> None:
        """Say how an answer gets on, in place of what was said of that before."""
        is_of_that = self.builder.notice.sentence == self._meanwhile
        self._meanwhile = sentence
        if sentence or is_of_that:
            self._say(sentence)

    def _say(self, sentence: str) -> None:
        self.builder.notice = NoticeState(sentence)
        self.refresh("notice")

    def _on_conversation(self, _change: object) -> None:
        self._show_turns()
        self.refresh("conversations", "comparison", "prompts", "request", "running", "approval")
        self.refresh("tokens", "film")
        self._refresh_parameters()

    def _on_cell(self, _change: object) -> None:
        self._refresh_parameters()

    def _on_setting(self, change: Any) -> None:
        if change.name in PARAMETERS:
            self.builder.want_row(change.name)
            self.refresh("rows", "request", "tokens", "tune")
            self._refresh_parameters([change.name])
        else:
            self.refresh("server", "system", "extra_body", "request")
            self._refresh_parameters()  # another server has other ranges, and refuses others

    def _on_rerun(self, change: Any) -> None:
        """Show what is new; a problem that is mended is said no longer."""
        if change.name == "problem" and (change.new or self.builder.notice.sentence == change.old):
            self.builder.notice = NoticeState(change.new)
        self.refresh("rerun", "notice")
