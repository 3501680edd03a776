"""Who is asked: the server, the model and the system message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.servers import PROFILES

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession

__all__ = ["ServerPane"]


class ServerPane(widgets.VBox):
    """The server's profile or address, the model, and the system message.

    Models are those that the server lists when it is asked to; any other name may be typed.

    Parameters
    ----------
    session
        What it shows and changes.
    """

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self._server = widgets.Combobox(
            options=tuple(PROFILES),
            ensure_option=False,
            continuous_update=False,
            placeholder="profile or address",
            tooltip="Where questions go: the name of a profile, or an address.",
        )
        self._model = widgets.Combobox(
            ensure_option=False, continuous_update=False, tooltip="The model of the next question."
        )
        self._system = widgets.Textarea(
            rows=2,
            continuous_update=False,
            placeholder="no system message",
            tooltip="What every question is preceded by: the role and the manners of the model.",
        )
        self._note = widgets.Label()
        self._note.add_class("chatwidget-note")
        refresh = widgets.Button(description="↻", tooltip="Ask the server for its models.")
        refresh.add_class("chatwidget-icon")
        super().__init__(
            [
                _labelled("Server", self._server),
                _labelled("Model", self._model, refresh),
                _labelled("System", self._system),
                self._note,
            ]
        )
        self._follow()
        session.observe(self._follow, ["server", "model", "system"])
        self._server.observe(self._use, "value")
        self._model.observe(self._choose, "value")
        self._system.observe(self._instruct, "value")
        refresh.on_click(lambda _: self.list_models())

    def list_models(self) -> None:
        """Ask the server which models there are, and offer them."""
        self._say("Asking for the models …")
        try:
            names = [model.id for model in self._session.client.list_models()]
        except ChatWidgetError as error:
            self._say(f"{error.message} {error.hint}".strip())
        else:
            self._model.options = names
            self._say(f"{len(names)} model{'' if len(names) == 1 else 's'} to choose from.")

    def _follow(self, _change: object = None) -> None:
        """Show the session as it is now, whoever changed it."""
        server = self._session.server
        known = PROFILES.get(server.name) == server
        self._server.value = server.name if known else server.base_url
        self._model.placeholder = server.default_model or "name a model"
        self._model.value = self._session.model
        self._system.value = self._session.system

    def _use(self, change: Any) -> None:
        """Go to another server; a key stays with the one that it was given for."""
        wanted = change["new"].strip()
        server = self._session.server
        if wanted in ("", server.name, server.base_url):
            return
        try:
            self._session.use(wanted)
            self._model.options = ()
            self._say(f"Questions go to {self._session.server.place}.")
        except ChatWidgetError as error:
            self._say(f"{error.message} {error.hint}".strip())
            self._follow()

    def _choose(self, change: Any) -> None:
        self._session.model = change["new"].strip()

    def _instruct(self, change: Any) -> None:
        self._session.system = change["new"]

    def _say(self, sentence: str) -> None:
        self._note.value = sentence
        self._note.layout.display = None if sentence else "none"


def _labelled(text: str, *parts: widgets.Widget) -> widgets.HBox:
    label = widgets.Label(text)
    label.add_class("chatwidget-field-label")
    box = widgets.HBox([label, *parts])
    box.add_class("chatwidget-field")
    return box
