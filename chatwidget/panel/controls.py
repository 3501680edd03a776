"""One row for each request parameter: whether it is sent, its value, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from chatwidget.client.errors import ParameterError
from chatwidget.client.parameters import PARAMETERS
from chatwidget.panel.kinds import control_for
from chatwidget.panel.structures import BiasControl, FormatControl, ToolsControl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatwidget.chat.session import ChatSession
    from chatwidget.client.parameters import Parameter
    from chatwidget.panel.kinds import Control

__all__ = ["GROUPS", "HELP_PAGES", "ControlFactory", "ParameterRow", "row_names"]

GROUPS = {
    "sampling": "Sampling",
    "length": "Length",
    "output": "Output",
    "reasoning": "Reasoning",
    "tools": "Tools",
    "service": "Service",
}
"""The groups of parameters, in the order in which they are shown."""

_PAGE_OF_GROUP = {
    "sampling": "temperature-and-top-p",
    "length": "length-and-stopping",
    "output": "tools-and-structured-output",
    "reasoning": "request-parameters",
    "tools": "tools-and-structured-output",
    "service": "request-parameters",
}
HELP_PAGES = {
    name: {
        "presence_penalty": "penalties",
        "frequency_penalty": "penalties",
        "seed": "seed-and-repeats",
        "n": "seed-and-repeats",
        "logprobs": "tokens-and-probabilities",
        "top_logprobs": "tokens-and-probabilities",
        "logit_bias": "tokens-and-probabilities",
    }.get(name, _PAGE_OF_GROUP[parameter.group])
    for name, parameter in PARAMETERS.items()
}
"""The page of the handbook that explains each parameter."""


def row_names(group: str) -> list[str]:
    """Return the parameters of a group that are worth a control: not those that were replaced.

    The old name of the limit of tokens is the only one that most local servers know.
    """
    return [
        name
        for name, parameter in PARAMETERS.items()
        if parameter.group == group and (not parameter.replaced_by or name in _KEPT)
    ]


_KEPT = frozenset({"max_tokens", "seed", "user"})


class ControlFactory:
    """Makes the controls of a session.

    Parameters
    ----------
    namespace
        The user's variables, where tools are found.
    token_id
        Returns the number of a token; see `BiasControl`.
    """

    def __init__(self, namespace: Mapping[str, object], token_id: Callable[[str], int]) -> None:
        self._namespace = namespace
        self._token_id = token_id

    def __call__(self, parameter: Parameter) -> Control:
        """Return a new control for a parameter."""
        if parameter.name == "tools":
            return ToolsControl(parameter, self._namespace)
        if parameter.name == "logit_bias":
            return BiasControl(parameter, self._token_id)
        if parameter.name == "response_format":
            return FormatControl(parameter)
        return control_for(parameter)


class ParameterRow(widgets.VBox):
    """One parameter in its three states: not sent, sent, refused by the server.

    Parameters
    ----------
    session
        Whose settings it shows and changes.
    control
        What takes the value.
    explain
        Called with the name of a page of the handbook when a person asks for help.
    ticks
        What stands below the control, if anything.
    """

    def __init__(
        self,
        session: ChatSession,
        control: Control,
        explain: Callable[[str], object],
        ticks: widgets.DOMWidget | None = None,
    ) -> None:
        self._session = session
        self._control = control
        self.parameter = control.parameter
        name = self.parameter.name
        self._sent = widgets.Checkbox(
            description=name,
            indent=False,
            tooltip=f"{self.parameter.help} It is sent only if this is ticked.",
        )
        reset = _icon("↺", f"Send no {name}: the server's default holds.")
        reset.on_click(lambda _: self._set(None))
        help_ = _icon("?", f"What {name} does: open the handbook.")
        help_.on_click(lambda _: explain(HELP_PAGES[name]))
        self._note = widgets.Label()
        self._note.add_class("chatwidget-note")
        head = widgets.HBox([self._sent, reset, help_])
        head.add_class("chatwidget-row-head")
        super().__init__([head, control, *([ticks] if ticks else []), self._note])
        self.add_class("chatwidget-row")
        self.follow()
        session.settings.observe(self.follow, name)
        self._sent.observe(self._switch, "value")
        control.observe(self._move, "choice")
        control.observe(self.follow, "problem")

    def follow(self, _change: object = None) -> None:
        """Show the setting as it is now, whoever changed it, and what the server says to it."""
        value = getattr(self._session.settings, self.parameter.name)
        self._control.limit(self._session.server.ranges.get(self.parameter.name))
        refusal = self._refusal()
        if value is not None and value != self._control.choice:
            self._control.choice = value
        self._sent.value = value is not None
        self._mark("chatwidget-unsent", value is None)
        self._mark("chatwidget-refused", bool(refusal))
        self._note.value = self._control.problem or refusal
        self._note.layout.display = None if self._note.value else "none"

    def _refusal(self) -> str:
        session = self._session
        model = session.model or session.server.default_model or ""
        said = session.client.refusals.known(session.server.base_url, model)
        words = said.get(self.parameter.name)
        return "" if words is None else f"Refused by {session.server.name}: {words}"

    def _mark(self, name: str, on: bool) -> None:  # noqa: FBT001 - what add_class and remove_class have in their names
        (self.add_class if on else self.remove_class)(name)

    def _switch(self, change: Any) -> None:
        self._set(self._control.choice if change["new"] else None)

    def _move(self, change: Any) -> None:
        self._set(change["new"])

    def _set(self, value: object) -> None:
        try:
            setattr(self._session.settings, self.parameter.name, value)
        except ParameterError as error:
            self._sent.value = False
            self._control.problem = error.message


def _icon(sign: str, tooltip: str) -> widgets.Button:
    button = widgets.Button(description=sign, tooltip=tooltip)
    button.add_class("chatwidget-icon")
    return button
