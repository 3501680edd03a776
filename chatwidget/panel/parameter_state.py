"""The builder of a parameter's state: its value, its range, and what is known of it beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.chat.answer_metadata import as_json
from chatwidget.chat.rerun import tried_values
from chatwidget.chat.value_text import value_in_words
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.panel.state import Mark, ParameterState

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.request.parameters import Parameter
    from chatwidget.panel.state import ParameterStatus

__all__ = ["has_slider", "parameter_state", "tried_marks", "unsupported_parameters"]

_MOST_STEPS = 100
_NO_REASON = "the server gave no reason"


def has_slider(parameter: Parameter) -> bool:
    """Tell whether a parameter has a slider: a number with both ends, and few steps between them.

    This is the only rule; marks and the ghost on a track are for those that it is true of.
    """
    low, high, step = parameter.minimum, parameter.maximum, parameter.step
    if not {"number", "integer"}.intersection(parameter.kinds):
        return False
    return None not in (low, high, step) and high - low <= _MOST_STEPS * step  # type: ignore[operator]


def parameter_state(session: ChatSession, name: str) -> ParameterState:
    """Return the state of a parameter, as the session is now."""
    parameter = PARAMETERS[name]
    value = getattr(session.settings, name)
    reason = unsupported_parameters(session).get(name)
    status: ParameterStatus = "unsent" if value is None else "sent"
    low, high, step = _slider_range(session, parameter, value)
    return ParameterState(
        name=name,
        help=parameter.help,
        status=status if reason is None else "unsupported",
        value=_plain(value),
        text=value_in_words(value),
        default=parameter.default,
        reason="" if reason is None else reason or _NO_REASON,
        minimum=low,
        maximum=high,
        step=step,
        marks=tried_marks(session, name) if has_slider(parameter) else [],
        ghost=_ghost(session, name, value),
    )


def unsupported_parameters(session: ChatSession) -> dict[str, str]:
    """Return the parameters that the server and model refuse, each with the server's words."""
    model = session.model or session.server.default_model or ""
    model = session.aliases.get(model, model)
    return session.client.unsupported_parameters.known(session.server.base_url, model)


def _slider_range(
    session: ChatSession, parameter: Parameter, value: Any
) -> tuple[float | None, float | None, float | None]:
    """Return the server's range or the vendor's; a value beyond it moves its end."""
    if not has_slider(parameter):
        return None, None, None
    own = (parameter.minimum, parameter.maximum, parameter.step)
    low, high, step = session.server.range_of(parameter.name) or own
    if value is None:
        return low, high, step
    return min(low, value), max(high, value), step


def tried_marks(session: ChatSession, name: str) -> list[Mark]:
    """Return a mark for each value that was tried; of several answers, for the one that is shown.

    If none of them is shown, for the newest.
    """
    head = session.conversation.head
    marks: dict[float, Mark] = {}
    for value, turn in tried_values(session, name):
        if value not in marks or not marks[value].shown:
            marks[value] = Mark(turn.id, value, turn.id == head)
    return [marks[value] for value in sorted(marks)]


def _ghost(session: ChatSession, name: str, value: Any) -> Any:
    config = session.cell_config
    asked = config.parameters.get(name) if config is not None else None
    return None if asked == value else _plain(asked)


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it; a function or a type becomes its name."""
    return as_json({"value": value})["value"]
