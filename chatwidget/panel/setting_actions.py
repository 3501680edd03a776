"""The actions on settings: parameters, server, model, presets, and those of an answer."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from chatwidget.client.auth.servers import allow_plain_http, needs_consent
from chatwidget.client.errors import ChatWidgetError
from chatwidget.panel.action_group import ActionGroup, Handlers, error_sentence, left_out
from chatwidget.panel.actions import (
    AdoptRequest,
    ChooseModel,
    ChooseServer,
    DeletePreset,
    ListModels,
    LoadPreset,
    SavePreset,
    SetExtraBody,
    SetParameter,
    SetRerun,
    SetSystem,
    UseSettings,
)
from chatwidget.panel.panel_state import RequestView
from chatwidget.panel.tune_form import form_of
from chatwidget.prompt.request_snippet import read_request, read_study
from chatwidget.prompt.request_snippet.fields import adoptable_extra_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.prompt.request_snippet import StudySnippet

__all__ = ["PresetActions", "SettingActions"]


_CODE = frozenset({"tools", "functions"})
"""What a page sets only by the names of functions that the notebook has."""


class SettingActions(ActionGroup):
    """The actions on settings: parameters, server, model, and those of an answer or a request."""

    def handlers(self) -> Handlers:
        """Return what is called with each of these actions."""
        return {
            UseSettings: self._use_settings,
            SetParameter: self._set_parameter,
            SetSystem: lambda it: setattr(self._session, "system", it.text),
            SetExtraBody: self._set_extra_body,
            ChooseServer: self._choose_server,
            ChooseModel: self._choose_model,
            ListModels: lambda _: self._list_models(),
            SetRerun: self._set_rerun,
            AdoptRequest: self._adopt_request,
        }

    def _use_settings(self, action: UseSettings) -> None:
        turn, session = self._turn(action.turn), self._session
        before = session.settings.request_config()
        extra_body, refused = adoptable_extra_body(turn.facts.get("extra_body") or {})
        unusable = session.settings.replace(turn.facts.get("parameters") or {})
        session.system, session.extra_body = turn.system, extra_body
        self._context.offer_undo(
            f"The settings are those of this answer.{left_out([*unusable, *refused])}",
            lambda: self._context.put_back(before),
        )

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
        self._context.refresh("extra_body", "extra_body_problem")

    def _choose_server(self, action: ChooseServer) -> None:
        """Go to another server; a key stays with the one that it was given for."""
        wanted, self._builder.unprotected = action.server.strip(), ""
        try:
            if action.consent:
                allow_plain_http(wanted)
            self._session.use(wanted)
        except ChatWidgetError as error:
            self._builder.problem = error_sentence(error)
            with suppress(ChatWidgetError):  # it is no address
                self._builder.unprotected = wanted if needs_consent(wanted) else ""
        else:
            self._builder.models, self._builder.problem = [], ""
            self._list_models()
        self._context.refresh("server")

    def _choose_model(self, action: ChooseModel) -> None:
        self._session.model = action.model.strip()
        self._builder.problem = self._builder.unprotected = ""
        self._context.say("")
        self._context.refresh("server")

    def _list_models(self) -> None:
        """Ask the server for its models, on a thread of its own: it may take its time."""
        if not self._builder.listing:
            self._builder.listing = True
            self._context.refresh("server")
            threading.Thread(target=self._ask_for_models, daemon=True).start()

    def _ask_for_models(self) -> None:
        server = self._session.server
        try:
            names = [model.id for model in self._session.client_of(server).list_models()]
            problem = ""
        except ChatWidgetError as error:
            names, problem = [], error_sentence(error)
        self._builder.listing = False
        if server != self._session.server:  # another one was chosen meanwhile
            self._list_models()
            return
        self._builder.models, self._builder.problem = names, problem
        self._builder.unprotected = ""
        self._context.refresh("server")

    def _set_rerun(self, action: SetRerun) -> None:
        rerun = self._session.controller.rerun
        rerun.per_minute, rerun.enabled = action.per_minute, action.enabled

    def _adopt_request(self, action: AdoptRequest) -> None:
        view = self._builder.request or RequestView()
        before, form = self._session.settings.request_config(), self._builder.tune.form

        def put_back() -> None:
            self._context.put_back(before)
            self._builder.tune.fill(form)
            self._context.refresh("tune")

        try:
            study = read_study(action.text)
            adopted = self._adopt_study(study) if study else self._adopt(read_request(action.text))
        except ChatWidgetError as error:
            self._builder.request = replace(view, problem=error_sentence(error), adopted="")
        else:
            self._builder.request = replace(view, problem="", adopted=adopted)
            self._context.offer_undo(adopted, put_back)
        self._context.refresh("request", "tune")

    def _adopt_study(self, study: StudySnippet) -> str:
        """Fill the form of the Tune tab with a study, and use its settings."""
        form = form_of(study)
        adopted = self._adopt(study.config)
        self._builder.tune.fill(form)
        return f"The Tune tab has this study. {adopted}"

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


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


class PresetActions(ActionGroup):
    """The actions on presets."""

    def handlers(self) -> Handlers:
        """Return what is called with each of these actions."""
        return {
            SavePreset: self._save_preset,
            LoadPreset: self._load_preset,
            DeletePreset: self._delete_preset,
        }

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
            self._context.say(f"There is no preset {name!r}.")
            return
        unusable = session.settings.replace(preset.parameters)
        session.system = session.system if preset.system is None else preset.system
        done = f"The settings are those of {name}." if name else "No parameter is sent."
        self._context.offer_undo(
            f"{done}{left_out(unusable)}", lambda: self._context.put_back(before)
        )

    def _delete_preset(self, action: DeletePreset) -> None:
        presets, name = self._builder.presets, action.name
        stored = presets.raw(name)
        if stored is not None and self._write(partial(presets.remove, name), ""):
            self._context.offer_undo(
                f"Forgot the preset {name}.",
                lambda: self._write(partial(presets.put, name, stored), ""),
            )

    def _write(self, change: Callable[[], object], done: str) -> bool:
        """Change the presets, and say what is done or why it is not; tell whether it is."""
        try:
            change()
        except OSError as error:
            self._context.say(f"The presets could not be saved: {error.strerror}.")
            return False
        self._context.say(done)
        self._context.refresh("presets")
        return True
