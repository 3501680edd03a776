"""The control of one request parameter: a row that stands alone, live on a session."""

from __future__ import annotations

import threading
from html import escape
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as widgets
import msgspec
import traitlets
from IPython.core.getipython import get_ipython

from chatwidget.chat.observing import Disposers, GuardedTraits, observe
from chatwidget.chat.shell_session import current_session
from chatwidget.chat.value_text import value_in_words
from chatwidget.client.errors import ParameterError
from chatwidget.client.forks import fork_safe
from chatwidget.client.request.parameters import PARAMETERS, validate_parameters
from chatwidget.panel import control_texts as texts
from chatwidget.panel.composite_kinds import kind_of
from chatwidget.panel.control_inputs import make_slider, move_slider, slider_position
from chatwidget.panel.control_messages import (
    ControlBias,
    ControlBringBack,
    ControlHandbook,
    ControlHelp,
    ControlLook,
    ControlState,
    ControlWrite,
    read_control_action,
)
from chatwidget.panel.parameter_state import parameter_state, tried_marks
from chatwidget.render.display.assets import bundle, stylesheet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.chat.session import ChatSession
    from chatwidget.client.request.parameters import Parameter
    from chatwidget.panel.control_messages import ControlAction

__all__ = ["ControlBox", "ParameterControl", "controls"]

_SAMPLING = ("temperature", "top_p", "presence_penalty", "frequency_penalty")


class ParameterControl(GuardedTraits, anywidget.AnyWidget):
    """The control of one request parameter, as a widget for any layout.

    It shows the parameter as the session has it, whoever changes that: not sent, sent, or not
    supported by the server. What a person does here is sent from the next question on.

    Parameters
    ----------
    session
        Whose setting it shows and changes.
    name
        The name of the parameter.
    namespace
        The variables in which functions for ``tools`` are found; by default those of the shell.

    Attributes
    ----------
    slider
        The slider of a number with a range, which can be linked like any other; else None. While
        the parameter is not sent it stands at the default.
    state
        All that the row shows.
    parameter
        The parameter.
    session
        The session.

    Raises
    ------
    ParameterError
        If there is no such parameter.
    """

    _esm = bundle("control")
    _css = stylesheet("control")

    state = traitlets.Dict().tag(sync=True)
    slider = traitlets.Instance(widgets.Widget, allow_none=True).tag(
        sync=True, **widgets.widget_serialization
    )

    def __init__(
        self, session: ChatSession, name: str, *, namespace: Mapping[str, object] | None = None
    ) -> None:
        validate_parameters({name: None})  # an unknown name is an error that says what is near
        self.session = session
        self.parameter = PARAMETERS[name]
        self._kind = kind_of(session, self.parameter, _variables(namespace))
        self._problem = self._draft = ""
        # A setting changes on the thread of a message, of an answer, of a timer: whoever builds the
        # state later builds it from later settings. Nobody is told anything while this is held.
        self._building = fork_safe(threading.Lock())
        self._current = self._built()
        slider = make_slider(self.parameter, self._current.parameter, self._kind.start)
        super().__init__(state=msgspec.to_builtins(self._current), slider=slider)
        self._disposers = Disposers(*self._subscriptions())
        self.on_msg(self._handle_message)

    def handle(self, action: ControlAction) -> None:
        """Do what a person asks for; what cannot be sent is kept, and said why."""
        if isinstance(action, ControlHelp):
            page = texts.handbook_html(self.parameter.name)
            self.send(msgspec.to_builtins(ControlHandbook(page)))
        elif isinstance(action, ControlBringBack):
            self._bring_back(action.turn)
        elif isinstance(action, ControlLook):
            self._follow()
        else:
            self._choose(action)

    def close(self) -> None:
        """Take the row and its slider away, and end all subscriptions; the setting stays."""
        if self.comm is None:  # it was closed, or never opened
            return
        self._disposers.dispose()
        if self.slider is not None:
            for part in (self.slider.layout, self.slider.style, self.slider):
                part.close()
        self.layout.close()
        super().close()

    def _subscriptions(self) -> list[Any]:
        settings = self.session.settings
        ends = [
            observe(settings, self._on_own_change, [self.parameter.name]),
            observe(settings, self._follow, ["server", "model"]),
            observe(self.session, self._follow, ["conversations", "current", "cell_config"]),
        ]
        if self.slider is not None:
            ends.append(observe(self.slider, self._on_slider, ["value"]))
            ends.append(observe(settings, self._on_other_change, _others(self.parameter)))
        return ends

    # The settings change the state, and the state changes the row and the slider.

    def _built(self) -> ControlState:
        session, parameter = self.session, self.parameter
        state = parameter_state(session, parameter.name)
        return ControlState(
            parameter=state,
            input=self._kind.input(getattr(session.settings, parameter.name)),
            starts=self._kind.start is not None,
            default=texts.default_in_words(parameter, session.server),
            range=texts.range_sentence(session, parameter),
            ghost=value_in_words(state.ghost),
            hint=texts.limit_hint(session, parameter.name),
            unsupported=texts.unsupported_sentence(session, state),
            problem=self._problem,
            draft=self._draft,
            handbook=texts.handbook_title(parameter.name),
        )

    def _follow(self, _change: object = None) -> None:
        """Show everything as it is now."""
        with self._building:
            self._current = self._built()
        shown = None
        while shown is not self._current:  # else another thread has built a newer one meanwhile
            shown = self._current
            self.state = msgspec.to_builtins(shown)
            if self.slider is not None:
                move_slider(self.slider, shown.parameter, self._kind.start)

    def _on_own_change(self, _change: object) -> None:
        self._problem = self._draft = ""
        self._follow()

    def _on_other_change(self, _change: object) -> None:
        """Show other marks: of those that were tried, the ones at which all else was as now."""
        if tried_marks(self.session, self.parameter.name) != self._current.parameter.marks:
            self._follow()

    # A person changes the settings, by the row or by the slider.

    def _handle_message(self, _widget: object, content: object, _buffers: object) -> None:
        action = read_control_action(content)
        if action is not None:
            self.handle(action)

    def _on_slider(self, change: Any) -> None:
        """Send where the slider stands, unless that is what it shows anyway."""
        if change["new"] != slider_position(self._current.parameter, self._kind.start):
            self._set(change["new"])

    def _choose(self, action: ControlAction) -> None:
        value = getattr(self.session.settings, self.parameter.name)
        try:
            chosen = self._kind.chosen(action, value)
        except (ParameterError, LookupError) as error:
            self._complain(str(error.args[0]), action)
        else:
            self._set(chosen, action)

    def _set(self, value: object, action: ControlAction | None = None) -> None:
        settings, name, had_problem = self.session.settings, self.parameter.name, self._problem
        try:
            setattr(settings, name, value)
        except ParameterError as error:
            self._complain(error.message, action)
            return
        if had_problem:  # the same value again takes it away, too
            self._on_own_change(None)

    def _complain(self, problem: str, action: ControlAction | None) -> None:
        self._problem = problem
        self._draft = _written(action)
        self._follow()

    def _bring_back(self, name: str) -> None:
        turn = self.session.conversation.turns.get(name)
        if turn is not None:
            self.session.controller.rerun.bring_back(turn)

    # Where there is no page that draws it.

    def summary(self) -> str:
        """Return the parameter in one line, such as ``temperature 0.7 (sent)``."""
        return texts.summary(self._current.parameter, self._current.default)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return _with_text(super()._repr_mimebundle_(**kwargs), self.summary())


class ControlBox(widgets.VBox):
    """A column of controls, which are closed with it."""

    def close(self) -> None:
        """Close the controls, too."""
        if self.comm is None:
            return
        for control in self.children:
            control.close()
        self.layout.close()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        lines = [control.summary() for control in self.children]
        return _with_text(super()._repr_mimebundle_(**kwargs), "\n".join(lines))


def controls(*names: str, session: ChatSession | None = None) -> ControlBox:
    """Return the controls of some parameters below each other, live on a session.

    Parameters
    ----------
    *names
        The parameters; by default the four of sampling.
    session
        Whose settings they show and change; by default the session of the running shell.

    Raises
    ------
    ParameterError
        If there is no parameter of such a name.
    ConfigurationError
        If no shell runs, and no session is given.
    """
    validate_parameters(dict.fromkeys(names))
    session = session or current_session()
    box = ControlBox([ParameterControl(session, name) for name in names or _SAMPLING])
    box.add_class("chatwidget-controls")
    return box


def _others(parameter: Parameter) -> list[str]:
    """Return the other settings on which the marks of a slider depend."""
    rest = [name for name in PARAMETERS if name != parameter.name]
    return [*rest, "system", "extra_body"]


def _variables(namespace: Mapping[str, object] | None) -> Mapping[str, object]:
    shell = get_ipython()
    if namespace is not None or shell is None:
        return namespace or {}
    variables: dict[str, object] = shell.user_ns
    return variables


def _written(action: ControlAction | None) -> str:
    """Return what a person wrote, to keep it."""
    if isinstance(action, ControlWrite):
        return action.text
    return action.token if isinstance(action, ControlBias) else ""


def _with_text(bundle: Any, text: str) -> Any:
    """Return a bundle with a text for where no widget can be shown."""
    data: Any = bundle[0] if isinstance(bundle, tuple) else bundle
    data["text/plain"] = text
    data["text/html"] = f"<pre>{escape(text)}</pre>"
    return bundle
