"""The values that vary in a study: ranges, lists and named values, read and validated."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

import msgspec

from chatwidget.client.auth.servers import PROFILES, Server, find_server
from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ParameterError
from chatwidget.client.request.body import wire_parameters
from chatwidget.client.request.output_type import type_name
from chatwidget.client.request.parameters import PARAMETERS, unknown_parameter
from chatwidget.client.request.typed_value import read_value

__all__ = ["BESIDE_PARAMETERS", "Value", "read_fixed", "read_values", "server_of"]

BESIDE_PARAMETERS = ("model", "server", "system", "extra_body")
"""What may vary or be fixed beside the request parameters."""

_MOST = 10_000
_RANGE = "a range such as {0}:{1}:{2}"


class Value(msgspec.Struct, frozen=True):
    """One value of what varies.

    Attributes
    ----------
    label
        What people call it: a number or a text; None is *not sent*.
    sent
        What is sent, as JSON.
    """

    label: str | int | float | bool | None
    sent: Any


def read_values(name: str, given: Any) -> tuple[Value, ...]:
    """Read the values of one name.

    Parameters
    ----------
    name
        A request parameter, or one of `BESIDE_PARAMETERS`.
    given
        A range ``"lo:hi:step"`` with both ends, a text with commas, a list of values, or a
        dictionary that gives each value a name. In a list, None is *not sent*.

    Raises
    ------
    ParameterError
        If there is no such name, or it does not take one of the values.
    """
    _check_name(name)
    if isinstance(given, Mapping):
        named = {str(label): _sent(name, value) for label, value in given.items()}
        values = [Value(label, sent) for label, sent in named.items()]
    else:
        listed = _typed(name, given) if isinstance(given, str) else _listed(name, given)
        values = [Value(sent=_sent(name, value), label=_label(value)) for value in listed]
    _check_values(name, values)
    return tuple(values)


def read_fixed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is the same in all calls, as JSON; what is None is left out.

    Raises
    ------
    ParameterError
        If there is no such name, or it does not take its value.
    """
    for name in given:
        _check_name(name)
    return {name: _sent(name, value) for name, value in given.items() if value is not None}


def server_of(sent: Any) -> Server:
    """Return the server that a value of ``server`` stands for.

    Raises
    ------
    ConfigurationError
        If there is no such profile, or its address cannot be used.
    """
    return Server(**sent) if isinstance(sent, Mapping) else find_server(sent)


def _check_name(name: str) -> None:
    known = (*PARAMETERS, *BESIDE_PARAMETERS)
    if name not in known:
        hint = f"{did_you_mean(str(name), known)} extra_body={{…}} sends any other field.".lstrip()
        raise unknown_parameter(name, hint)


def _check_values(name: str, values: list[Value]) -> None:
    if not 0 < len(values) <= _MOST:
        got = "more" if values else "none"
        raise _error(name, f"varies over 1 to {_MOST:,} values; got {got}.")
    counts = Counter(json.dumps(value.label) for value in values)
    twice = next((label for label, count in counts.items() if count > 1), None)
    if twice is not None:
        hint = f"To ask the same twice, name the values: {name}={{'a': …, 'b': …}}."
        raise _error(name, f"has the value {twice} twice.", hint)


def _listed(name: str, given: Any) -> list[Any]:
    """Return the values of a list; a number alone is a list of one."""
    if isinstance(given, Iterable) and not isinstance(given, Server | type):
        return [*islice(given, _MOST + 1)]
    if given is None or callable(given):
        raise _error(name, f"varies over a list of values; got {given!r}.")
    return [given]


def _typed(name: str, text: str) -> list[Any]:
    """Return the values that a text stands for."""
    parameter = PARAMETERS.get(name)
    if parameter is None:
        return [text] if name == "system" else _split(text)
    is_number = bool({"number", "integer"} & {*parameter.kinds})
    if is_number and ":" in text:
        return _range(name, text)
    if is_number or parameter.choices or parameter.words or parameter.kinds == ("boolean",):
        return [read_value(parameter, part) for part in _split(text)]
    return [read_value(parameter, text)]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _range(name: str, text: str) -> list[float]:
    """Return the numbers of ``lo:hi:step``, both ends included, as they are written."""
    try:
        low, high, step = (Decimal(part.strip()) for part in text.split(":"))
        count = int((high - low) / step) + 1
    except (ValueError, ArithmeticError, InvalidOperation):
        raise _error(name, f"takes {_example(name)}; got {text!r}.") from None
    if not 0 < count <= _MOST:
        raise _error(name, f"takes {_example(name)} of 1 to {_MOST:,} values; got {text!r}.")
    numbers = [low + number * step for number in range(count)]
    is_whole = PARAMETERS[name].kinds == ("integer",)
    return [int(n) if is_whole and n == int(n) else float(n) for n in numbers]


def _example(name: str) -> str:
    whole = PARAMETERS[name].kinds == ("integer",)
    return _RANGE.format(*((1, 9, 2) if whole else (0, 1.2, 0.3))) + ", which is lo:hi:step"


def _label(value: Any) -> str | float | bool | None:
    """Return what people call a value that has no name."""
    if hasattr(value, "item"):  # a number of numpy
        return _label(value.item())
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Server):
        return value.name
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=type_name)
    return type_name(value)


def _sent(name: str, value: Any) -> Any:
    """Return a value as it is sent: validated, and plain JSON.

    Raises
    ------
    ParameterError
        If the name does not take it.
    """
    if value is None:
        return None
    if name in PARAMETERS:
        return _plain(name, wire_parameters({name: value})[name])
    if name == "server":
        return _server_as_data(value)
    if name == "extra_body" and isinstance(value, Mapping):
        return _plain(name, dict(value))
    if name == "extra_body" or not isinstance(value, str):
        kind = "a dictionary of fields" if name == "extra_body" else "a text"
        raise _error(name, f"takes {kind}; got {value!r}.")
    return value


def _server_as_data(value: Any) -> Any:
    if not isinstance(value, str | Server):
        raise _error("server", f"takes a profile or an address; got {value!r}.")
    found = find_server(value)
    if isinstance(value, str):
        return value
    return found.name if PROFILES.get(found.name) == found else msgspec.to_builtins(found)


def _plain(name: str, value: Any) -> Any:
    """Return a value as JSON has it."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise _error(name, f"holds a value that cannot be written as JSON: {error}.") from None


def _error(name: str, what: str, hint: str = "Nothing was sent.") -> ParameterError:
    return ParameterError(f"{name} {what}", hint=hint, parameter=name)
