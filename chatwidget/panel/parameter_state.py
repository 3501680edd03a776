"""The builder of a parameter's state: its value, its range, and what is known of it beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatwidget.chat.answer_metadata import as_json
from chatwidget.chat.rerun import tried_values
from chatwidget.client.functions import function_name
from chatwidget.client.parameters import PARAMETERS
from chatwidget.panel.state import Mark, ParameterState

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.parameters import Parameter
    from chatwidget.panel.state import ParameterStatus

__all__ = ["has_slider", "parameter_state", "tool_name", "unsupported_parameters", "value_in_words"]

_MOST_STEPS = 100
_LONGEST_TEXT = 40
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
        marks=_marks(session, name) if has_slider(parameter) else [],
        ghost=_ghost(session, name, value),
    )


def unsupported_parameters(session: ChatSession) -> dict[str, str]:
    """Return the parameters that the server and model refuse, each with the server's words."""
    model = session.model or session.server.default_model or ""
    model = session.aliases.get(model, model)
    return session.client.refusals.known(session.server.base_url, model)


def value_in_words(value: Any) -> str:
    """Return the value of a parameter for a line of all that is sent; empty if nothing is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, int | str):
        return _cut(str(value) or '""')
    if isinstance(value, list | tuple):
        return _cut(", ".join(map(_entry_in_words, value)))
    return _cut(_object_in_words(value))


def tool_name(tool: Any) -> str:
    """Return the name of a function, or that of a tool that is only described."""
    if callable(tool):
        return function_name(tool)
    described = tool.get("function") if isinstance(tool, dict) else None
    told = described if isinstance(described, dict) else tool
    return str(told.get("name") or told.get("type") or "?") if isinstance(told, dict) else "?"


def _slider_range(
    session: ChatSession, parameter: Parameter, value: Any
) -> tuple[float | None, float | None, float | None]:
    """Return the server's range or the vendor's; a value beyond it moves its end."""
    if not has_slider(parameter):
        return None, None, None
    own = (parameter.minimum, parameter.maximum, parameter.step)
    low, high, step = session.server.ranges.get(parameter.name, own)
    if value is None:
        return low, high, step
    return min(low, value), max(high, value), step


def _marks(session: ChatSession, name: str) -> list[Mark]:
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


def _entry_in_words(entry: Any) -> str:
    if isinstance(entry, str):
        return json.dumps(entry, ensure_ascii=False)
    return tool_name(entry) if callable(entry) or isinstance(entry, dict) else str(entry)


def _object_in_words(value: Any) -> str:
    """Return a format by its name, a function that has to be called by its own, and else JSON."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "json_schema":
        return f"JSON schema {value.get('json_schema', {}).get('name', '')}".strip()
    if kind in ("text", "json_object"):
        return {"text": "text", "json_object": "JSON"}[kind]
    if kind == "function":
        return tool_name(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(_plain(value))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
