"""The handler of a panel's actions: what each of them does to the session."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from chatwidget.client.errors import ChatWidgetError
from chatwidget.panel.actions import (
    AdoptRequest,
    Approve,
    Ask,
    BringBack,
    Choose,
    ChooseModel,
    ChooseServer,
    Compare,
    DeleteConversation,
    DeletePreset,
    DeleteTurn,
    Deny,
    Edit,
    KeepDraft,
    ListModels,
    LoadPreset,
    NewConversation,
    OpenGroup,
    Regenerate,
    SavePreset,
    SetEnterSends,
    SetExtraBody,
    SetParameter,
    SetRerun,
    SetSystem,
    ShowRequest,
    ShowRow,
    ShowVersion,
    Stop,
    SwitchConversation,
    Undo,
    UseSettings,
)
from chatwidget.panel.attachments import read_attachments
from chatwidget.panel.messages import Answered
from chatwidget.panel.panel_state import RequestView
from chatwidget.panel.state import NoticeState
from chatwidget.prompt.request_snippet import read_request
from chatwidget.tools.registry import Decision

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.chat.session import ChatSession
    from chatwidget.panel.actions import Action
    from chatwidget.panel.panel_state import StateBuilder

__all__ = ["ActionHandler"]

_CODE = frozenset({"tools", "functions"})
"""What a page sets only by the names of functions that the notebook has."""

_Handler: TypeAlias = "Callable[[Any], object]"


class ActionHandler:
    """Does what an action says.

    Parameters
    ----------
    session
        Whose conversation and settings are changed.
    builder
        What the panel has of its own.
    refresh
        Called with the fields of the state that may have changed, beside those that follow the
        session by themselves.
    """

    def __init__(
        self, session: ChatSession, builder: StateBuilder, refresh: Callable[..., object]
    ) -> None:
        self._session = session
        self._builder = builder
        self._refresh = refresh
        self._undo: Callable[[], object] | None = None
        self._handlers: dict[type[Action], _Handler] = {
            Stop: lambda _: session.controller.stop(),
            Edit: self._edit,
            Regenerate: self._regenerate,
            ShowVersion: self._show_version,
            Choose: self._choose,
            DeleteTurn: self._delete_turn,
            Undo: lambda _: self._take_back(),
            UseSettings: self._use_settings,
            BringBack: lambda it: session.controller.rerun.bring_back(self._turn(it.turn)),
            Compare: self._compare,
            Approve: self._approve,
            Deny: self._deny,
            SetParameter: self._set_parameter,
            SetSystem: lambda it: setattr(session, "system", it.text),
            SetExtraBody: self._set_extra_body,
            ChooseServer: self._choose_server,
            ChooseModel: self._choose_model,
            ListModels: lambda _: self._list_models(),
            SavePreset: self._save_preset,
            LoadPreset: self._load_preset,
            DeletePreset: self._delete_preset,
            NewConversation: lambda _: self._new_conversation(),
            SwitchConversation: self._switch,
            DeleteConversation: self._delete_conversation,
            SetRerun: self._set_rerun,
            OpenGroup: self._open_group,
            ShowRow: self._show_row,
            ShowRequest: self._show_request,
            AdoptRequest: self._adopt_request,
            KeepDraft: lambda it: setattr(builder, "draft", it.text),
            SetEnterSends: self._set_enter_sends,
        }

    def handle(self, action: Action, buffers: Sequence[memoryview]) -> Answered | None:
        """Do one action; return whether a question was taken, if it is one."""
        if isinstance(action, Ask):
            return self._ask(action, buffers)
        try:
            self._handlers[type(action)](action)
        except ChatWidgetError as error:
            self._say(_sentence(error))
        except _NoTurnError:
            pass  # the page is behind: the turn that it means is gone by now
        return None

    def _ask(self, action: Ask, buffers: Sequence[memoryview]) -> Answered:
        try:
            parts = read_attachments(action.attachments, buffers)
            if not action.text.strip() and not parts:
                return Answered()
            text = [{"type": "text", "text": action.text}] if action.text.strip() else []
            self._begin(action.text, content=[*text, *parts] if parts else None)
        except ChatWidgetError as error:
            return Answered(_sentence(error))
        self._builder.draft = ""
        self._refresh("draft")
        return Answered()

    def _begin(self, prompt: str, **options: Any) -> None:
        """Ask; what the last cell was asked with is over."""
        self._session.controller.ask(prompt, **options)
        self._session.cell_config = None

    def _edit(self, action: Edit) -> None:
        turn = self._turn(action.turn)
        if action.text.strip():
            content = _with_text(turn, action.text)
            self._begin(action.text, content=content, beside=turn.id)

    def _regenerate(self, action: Regenerate) -> None:
        turn = self._turn(action.turn)
        self._begin(turn.prompt, content=turn.content, beside=turn.id)

    def _show_version(self, action: ShowVersion) -> None:
        turn = self._turn(action.turn)
        self._session.change(lambda it: it.showing(turn.id))

    def _choose(self, action: Choose) -> None:
        turn = self._turn(action.turn)
        if 0 <= action.index < len(turn.answers):
            self._session.change(lambda it: it.choosing(turn.id, action.index))

    def _delete_turn(self, action: DeleteTurn) -> None:
        turn, session = self._turn(action.turn), self._session
        name, before = session.current, session.conversation
        session.change(lambda it: it.without(turn.id))
        count = len(before.turns) - len(session.conversation.turns)
        self._offer_undo(
            "Deleted." if count == 1 else f"Deleted, with {count - 1} that answered to it.",
            lambda: session.change(lambda it: it.with_deleted(before), name),
        )

    def _use_settings(self, action: UseSettings) -> None:
        turn, session = self._turn(action.turn), self._session
        before = session.settings.request_config()
        unusable = session.settings.replace(turn.facts.get("parameters") or {})
        session.system = turn.system
        session.extra_body = turn.facts.get("extra_body") or {}
        self._offer_undo(
            f"The settings are those of this answer.{_left_out(unusable)}",
            lambda: self._put_back(before),
        )

    def _compare(self, action: Compare) -> None:
        self._pin(None if action.turn is None else self._turn(action.turn))
        newest = self._builder.newest()
        if action.turn is not None and newest is not None and newest.id == action.turn:
            said = "Pinned: it will stand beside the next answer."
            self._offer_undo(said, lambda: self._pin(None))

    def _pin(self, turn: Turn | None) -> None:
        self._builder.pinned = turn
        self._refresh("comparison")

    def _approve(self, action: Approve) -> None:
        decision = Decision.ALWAYS if action.always else Decision.YES
        self._session.controller.approvals.decide(action.approval_id, decision)

    def _deny(self, action: Deny) -> None:
        self._session.controller.approvals.decide(action.approval_id, Decision.NO)

    def _set_parameter(self, action: SetParameter) -> None:
        if action.value is None or action.name not in _CODE:
            self._session.settings.update({action.name: action.value})

    def _set_extra_body(self, action: SetExtraBody) -> None:
        fields = _json_object(action.text)
        if fields is not None:
            self._session.extra_body = fields
        self._builder.extra_body_problem = (
            "" if fields is not None else 'This is no JSON object; it looks like {"top_k": 40}.'
        )
        self._refresh("extra_body", "extra_body_problem")

    def _choose_server(self, action: ChooseServer) -> None:
        """Go to another server; a key stays with the one that it was given for."""
        try:
            self._session.use(action.server.strip())
        except ChatWidgetError as error:
            self._builder.problem = _sentence(error)
        else:
            self._builder.models, self._builder.problem = [], ""
            self._list_models()
        self._refresh("server")

    def _choose_model(self, action: ChooseModel) -> None:
        self._session.model = action.model.strip()
        self._builder.problem = ""
        self._say("")
        self._refresh("server")

    def _list_models(self) -> None:
        """Ask the server for its models, on a thread of its own: it may take its time."""
        if not self._builder.listing:
            self._builder.listing = True
            self._refresh("server")
            threading.Thread(target=self._ask_for_models, daemon=True).start()

    def _ask_for_models(self) -> None:
        server = self._session.server
        try:
            names = [model.id for model in self._session.client_of(server).list_models()]
            problem = ""
        except ChatWidgetError as error:
            names, problem = [], _sentence(error)
        self._builder.listing = False
        if server != self._session.server:  # another one was chosen meanwhile
            self._list_models()
            return
        self._builder.models, self._builder.problem = names, problem
        self._refresh("server")

    def _save_preset(self, action: SavePreset) -> None:
        name = action.name.strip()
        if name:
            config = self._session.settings.request_config()
            self._write(partial(self._builder.presets.save, name, config), f"Saved as {name}.")

    def _load_preset(self, action: LoadPreset) -> None:
        session, name = self._session, action.name
        before = session.settings.request_config()
        preset = self._builder.presets.get(name) if name else replace(before, parameters={})
        if preset is None:
            self._say(f"There is no preset {name!r}.")
            return
        unusable = session.settings.replace(preset.parameters)
        session.system = session.system if preset.system is None else preset.system
        done = f"The settings are those of {name}." if name else "No parameter is sent."
        self._offer_undo(f"{done}{_left_out(unusable)}", lambda: self._put_back(before))

    def _delete_preset(self, action: DeletePreset) -> None:
        presets, name = self._builder.presets, action.name
        stored = presets.raw(name)
        if stored is not None and self._write(partial(presets.remove, name), ""):
            self._offer_undo(
                f"Forgot the preset {name}.",
                lambda: self._write(partial(presets.put, name, stored), ""),
            )

    def _write(self, change: Callable[[], object], done: str) -> bool:
        """Change the presets, and say what is done or why it is not; tell whether it is."""
        try:
            change()
        except OSError as error:
            self._say(f"The presets could not be saved: {error.strerror}.")
            return False
        self._say(done)
        self._refresh("presets")
        return True

    def _new_conversation(self) -> None:
        self._stop_in(self._session.current)
        if self._session.conversation.turns:
            self._session.begin()
        self._say("")

    def _stop_in(self, conversation: str) -> None:
        """Stop an answer that would come to a conversation; what is there is recorded."""
        controller = self._session.controller
        if controller.question is not None and controller.question.conversation == conversation:
            controller.stop()

    def _switch(self, action: SwitchConversation) -> None:
        if action.name in self._session.names:
            self._session.current = action.name
            self._say("")

    def _delete_conversation(self, action: DeleteConversation) -> None:
        session, name, current = self._session, action.name, self._session.current
        self._stop_in(name)
        gone = session.remove(name)

        def restore() -> None:
            names = session.adopt({name: gone}, name if name == current else session.current)
            if name == current:
                session.current = names[name]

        self._offer_undo(f"Deleted the conversation {name}.", restore)

    def _set_rerun(self, action: SetRerun) -> None:
        rerun = self._session.controller.rerun
        rerun.per_minute, rerun.enabled = action.per_minute, action.enabled

    def _open_group(self, action: OpenGroup) -> None:
        self._builder.open_group(action.name, is_open=action.open)
        self._refresh("groups", "rows")

    def _show_row(self, action: ShowRow) -> None:
        self._builder.want_row(action.name)
        self._refresh("rows")

    def _show_request(self, action: ShowRequest) -> None:
        view = self._builder.request or RequestView()
        self._builder.request = replace(view, text=action.text) if action.shown else None
        self._refresh("request")

    def _adopt_request(self, action: AdoptRequest) -> None:
        view = self._builder.request or RequestView()
        before = self._session.settings.request_config()
        try:
            adopted = self._adopt(read_request(action.text))
        except ChatWidgetError as error:
            self._builder.request = replace(view, problem=_sentence(error), adopted="")
        else:
            self._builder.request = replace(view, problem="", adopted=adopted)
            self._offer_undo(adopted, lambda: self._put_back(before))
        self._refresh("request")

    def _adopt(self, config: RequestConfig) -> str:
        """Use a request's settings, and say what has changed, the server first of all."""
        session = self._session
        moved = config.server is not None and config.server != session.server
        if moved and config.server is not None:
            session.use(config.server)
        session.model = config.model or session.model
        session.system = session.system if config.system is None else config.system
        session.settings.replace(config.parameters)
        session.extra_body = dict(config.extra_body)
        said = ", ".join([*config.parameters, *config.extra_body]) or "no parameter"
        place = f" Questions go to {session.server.place} now." if moved else ""
        return f"The settings are set to it: {said}.{place}"

    def _put_back(self, config: RequestConfig) -> None:
        """Make settings what they were before."""
        session = self._session
        if config.server is not None and config.server != session.server:
            session.use(config.server)
        session.model, session.system = config.model, config.system or ""
        session.settings.replace(config.parameters)
        session.extra_body = dict(config.extra_body)

    def _set_enter_sends(self, action: SetEnterSends) -> None:
        self._builder.enter_sends = action.enabled
        self._refresh("enter_sends")

    def _offer_undo(self, sentence: str, undo: Callable[[], object]) -> None:
        self._undo = undo
        self._builder.notice = NoticeState(sentence, undo="Undo")
        self._refresh("notice")

    def _take_back(self) -> None:
        undo, self._undo = self._undo, None
        if undo is not None:
            self._say("")
            undo()  # which may have to say that it failed

    def _say(self, sentence: str) -> None:
        self._builder.notice = NoticeState(sentence)
        self._refresh("notice")

    def _turn(self, name: str) -> Turn:
        turn = self._session.conversation.turns.get(name)
        if turn is None:
            raise _NoTurnError(name)
        return turn


class _NoTurnError(Exception):
    """The conversation that is shown has no such turn."""


def _sentence(error: ChatWidgetError) -> str:
    return f"{error.message} {error.hint}".strip()


def _left_out(unusable: list[str]) -> str:
    return f" These could not be set: {', '.join(unusable)}." if unusable else ""


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _with_text(turn: Turn, text: str) -> list[dict[str, Any]] | None:
    """Return what a turn sent beside its prompt, with another prompt; None if that is all."""
    if not isinstance(turn.content, list):
        return None
    others = [part for part in turn.content if part != {"type": "text", "text": turn.prompt}]
    return [{"type": "text", "text": text}, *others]
