"""The panel: controls for what the next question sends."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.parameters import PARAMETERS
from chatwidget.notebook.session import current_session

if TYPE_CHECKING:
    from chatwidget.client.parameters import Parameter
    from chatwidget.notebook.session import ChatSession

__all__ = ["ChatPanel"]

_CONTROLLED = (
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "max_tokens",
)
_USUAL_MAX_TOKENS = 256
_LARGEST_INTEGER = 2**31 - 1


class ChatPanel(widgets.VBox):
    """Controls that share their state with the magic.

    Moving a control changes what the next ``%%chat`` sends, and ``%chat set`` moves the control.
    A parameter whose box is not ticked is not sent.

    Parameters
    ----------
    session
        The session to control; by default the one of the running shell.
    """

    def __init__(self, session: ChatSession | None = None) -> None:
        self.session = session or current_session()
        rows = [_ParameterRow(self.session, PARAMETERS[name]) for name in _CONTROLLED]
        style = files("chatwidget.notebook").joinpath("static/panel.css").read_text("utf-8")
        super().__init__(
            [
                widgets.HTML(f"<style>{style}</style>", layout={"display": "none"}),
                _ModelRow(self.session),
                *rows,
                _Summary(self.session),
            ]
        )
        self.add_class("chatwidget-panel")


class _ParameterRow(widgets.HBox):
    """One parameter: a box that says whether it is sent, and the control of its value."""

    def __init__(self, session: ChatSession, parameter: Parameter) -> None:
        self._settings = session.settings
        self._name = parameter.name
        self._control = _control(parameter)
        self._sent = widgets.Checkbox(
            description=parameter.name,
            indent=False,
            tooltip=f"{parameter.help} It is not sent unless this is ticked.",
        )
        super().__init__([self._sent, self._control])
        self._follow()
        self._settings.observe(self._follow, self._name)
        self._sent.observe(self._switch, "value")
        self._control.observe(self._move, "value")

    def _follow(self, _change: object = None) -> None:
        """Show the setting as it is now, whoever changed it."""
        value = getattr(self._settings, self._name)
        if value is None:
            self.add_class("chatwidget-unsent")
        else:
            self.remove_class("chatwidget-unsent")
            self._control.value = value
        self._sent.value = value is not None

    def _switch(self, change: Any) -> None:
        setattr(self._settings, self._name, self._control.value if change["new"] else None)

    def _move(self, change: Any) -> None:
        setattr(self._settings, self._name, change["new"])


class _ModelRow(widgets.HBox):
    """The model: what is typed, or one of those that the server lists when it is asked to."""

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self._label = widgets.Label()
        self._name = widgets.Combobox(
            continuous_update=False, ensure_option=False, tooltip="The model of the next question."
        )
        refresh = widgets.Button(icon="refresh", tooltip="Ask the server which models it offers.")
        super().__init__([self._label, self._name, refresh])
        self.add_class("chatwidget-model")
        self._follow()
        session.observe(self._follow, ["server", "model"])
        self._name.observe(self._choose, "value")
        refresh.on_click(self._list)

    def _follow(self, _change: object = None) -> None:
        server = self._session.server
        self._label.value = f"model on {server.name}"
        self._name.placeholder = server.default_model or "name a model"
        self._name.value = self._session.model

    def _choose(self, change: Any) -> None:
        self._session.model = change["new"].strip()

    def _list(self, _button: object) -> None:
        try:
            self._name.options = [model.id for model in self._session.client.list_models()]
        except ChatWidgetError as error:
            self._name.placeholder = error.message


class _Summary(widgets.HBox):
    """What the next question sends, in words, and a button that clears it."""

    def __init__(self, session: ChatSession) -> None:
        self._settings = session.settings
        self._text = widgets.Label()
        self._clear = widgets.Button(
            description="Clear", tooltip="Send no parameter: the server's defaults hold."
        )
        super().__init__([self._text, self._clear])
        self._follow()
        self._settings.observe(self._follow, list(PARAMETERS))
        self._clear.on_click(lambda _button: self._settings.clear())

    def _follow(self, _change: object = None) -> None:
        sent = ", ".join(f"{name} {value}" for name, value in self._settings.sent().items())
        self._text.value = f"The next question sends {sent or 'no parameter'}."
        self._clear.disabled = not sent


def _control(parameter: Parameter) -> Any:
    if parameter.maximum is None:
        return widgets.BoundedIntText(
            value=_USUAL_MAX_TOKENS,
            min=int(parameter.minimum or 0),
            max=_LARGEST_INTEGER,
            tooltip=parameter.help,
        )
    return widgets.FloatSlider(
        value=parameter.default,
        min=parameter.minimum,
        max=parameter.maximum,
        step=parameter.step,
        continuous_update=False,
        readout_format=".2f",
        tooltip=parameter.help,
    )
