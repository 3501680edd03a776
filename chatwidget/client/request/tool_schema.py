"""Tool schemas of Python functions: a schema from type hints and docstring, and calls that fit it.

The model sees the function's name, what its docstring says, and its named parameters. A parameter
with a default may be left out; one without a type hint takes any JSON; ``**kwargs`` is not shown.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

import msgspec

from chatwidget.client.errors import ParameterError, ParsingError
from chatwidget.client.request.docstrings import describe, docstrings_of_class
from chatwidget.client.request.json_schema import json_schema, parse_json, sendable, wire_name

__all__ = [
    "bind_function",
    "function_name",
    "function_tool",
    "underlying",
    "wire_tools",
]

_SHOWN_DEFAULTS = (str, int, float, bool)


def wire_tools(tools: object) -> object:
    """Return tools as they go on the wire: functions become their descriptions.

    Raises
    ------
    ParameterError
        If one is neither a dictionary nor a function, or cannot be described, or if two functions
        have one name.
    """
    if not isinstance(tools, list | tuple):
        return tools
    names: set[str] = set()
    for each in filter(_is_function, tools):
        if function_name(each) in names:
            raise _wrong(
                f"two functions have the name {function_name(each)}", "Rename one of them."
            )
        names.add(function_name(each))
    return [_wire_tool(tool, index) for index, tool in enumerate(tools)]


def function_tool(function: Callable[..., Any]) -> dict[str, Any]:
    """Describe a function as a tool.

    Parameters
    ----------
    function
        Any callable with named parameters: also a method, a coroutine function, or a partial,
        whose bound arguments are not shown.

    Raises
    ------
    ParameterError
        If it takes ``*args``, or a parameter has a type that JSON cannot describe.
    """
    description, texts = describe(*_docstrings(function))
    told: dict[str, Any] = {"name": function_name(function)}
    if description:
        told["description"] = description
    return {"type": "function", "function": {**told, "parameters": _schema(function, texts)}}


def bind_function(function: Callable[..., Any], arguments: str) -> Callable[[], Any]:
    """Return a call as a model asks for it, checked and ready to be made; nothing is called.

    Parameters
    ----------
    function
        What the model was told of, by `function_tool`.
    arguments
        The JSON text of the model's call; its values become what the type hints say.

    Raises
    ------
    ParsingError
        If the text is cut or does not fit the parameters.
    """
    parameters = _parameters(function)
    try:
        given = parse_json(arguments.strip() or "{}", _arguments_type(parameters))
    except Exception as error:  # noqa: BLE001 - a type may run any code of its own
        raise ParsingError(
            f"The arguments of the call to {function_name(function)} are cut or wrong: {error}.",
            hint="It was not called.",
        ) from None
    positional, named = [], {}
    for each in parameters:
        value = getattr(given, each.name)
        if each.kind is each.POSITIONAL_ONLY:
            positional.append(each.default if value is msgspec.UNSET else value)
        elif value is not msgspec.UNSET:
            named[each.name] = value
    return functools.partial(function, *positional, **named)


def function_name(function: Any) -> str:
    """Return the name that a model knows a function by."""
    while isinstance(function, functools.partial):
        function = function.func
    return wire_name(getattr(function, "__name__", type(function).__name__))


def underlying(function: Any) -> Any:
    """Return what has the docstring, the type hints and the code of a callable."""
    while isinstance(function, functools.partial):
        function = function.func
    if isinstance(function, type):
        return function
    return inspect.unwrap(function if inspect.isroutine(function) else type(function).__call__)


def _wire_tool(tool: object, index: int) -> Mapping[str, Any]:
    if isinstance(tool, Mapping):
        return tool
    if callable(tool):
        return function_tool(tool)
    raise _wrong(f"tools[{index}] is {type(tool).__name__}", "Give functions, or dictionaries.")


def _is_function(tool: object) -> bool:
    return callable(tool) and not isinstance(tool, Mapping)


def _schema(function: Callable[..., Any], texts: Mapping[str, str]) -> dict[str, Any]:
    parameters = _parameters(function)
    try:
        schema = json_schema(_arguments_type(parameters))
    except TypeError:
        culprit = next((each.name for each in parameters if not _is_known(each)), "one")
        raise _wrong(
            f"{function_name(function)} has a parameter, {culprit}, of a type that JSON cannot "
            "describe",
            "Wrap it in a function that takes plain types, dataclasses or msgspec Structs.",
        ) from None
    schema.pop("title", None)
    for each in parameters:
        described = schema["properties"][each.name]
        if each.name in texts and "description" not in described:
            described["description"] = texts[each.name]
        if isinstance(each.default, _SHOWN_DEFAULTS):
            described["default"] = each.default
    return sendable(schema)


def _arguments_type(parameters: list[inspect.Parameter]) -> type[msgspec.Struct]:
    """Return a type whose fields are the parameters; what is left out is UNSET."""
    fields: list[Any] = []
    for each in parameters:
        if each.default is each.empty:
            fields.append((each.name, each.annotation))
        else:
            unset = msgspec.field(default_factory=lambda: msgspec.UNSET)
            fields.append((each.name, each.annotation, unset))
    return msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True)


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters that a model may give, with their type hints for annotations."""
    name = function_name(function)
    try:
        signature = inspect.signature(function)
        hints = _hints(underlying(function))
    except (TypeError, ValueError, NameError) as error:
        raise _wrong(
            f"{name} does not tell its parameters: {error}",
            "Wrap it in a function with type hints.",
        ) from None
    shown = []
    for each in signature.parameters.values():
        if each.kind is each.VAR_POSITIONAL:
            raise _wrong(
                f"{name} takes *{each.name}, which a model cannot give by name",
                "Wrap it in a function that takes a list.",
            )
        if each.kind is not each.VAR_KEYWORD and each.name not in _bound(function):
            shown.append(each.replace(annotation=hints.get(each.name, Any)))
    return shown


def _hints(target: Any) -> dict[str, Any]:
    if isinstance(target, type):
        # dataclasses and Structs have their hints at the class, other classes at __init__
        own = get_type_hints(target, include_extras=True)
        return own | _hints(inspect.getattr_static(target, "__init__"))
    try:
        return get_type_hints(target, include_extras=True)
    except TypeError:
        return {}  # what is written in C has none


def _bound(function: Any) -> set[str]:
    """Return the keywords that a partial has settled."""
    names: set[str] = set()
    while isinstance(function, functools.partial):
        names |= set(function.keywords)
        function = function.func
    return names


def _docstrings(function: Any) -> list[str | None]:
    """Return the docstring of a callable, and those that it inherits."""
    while isinstance(function, functools.partial):
        function = function.func
    if isinstance(function, type):
        return list(docstrings_of_class(function))
    if not inspect.isroutine(function):
        return [*_overridden(type(function), "__call__"), *docstrings_of_class(type(function))]
    if inspect.ismethod(function):
        owner = function.__self__
        kind = owner if isinstance(owner, type) else type(owner)
        return [function.__doc__, *_overridden(kind, function.__name__)]
    return [inspect.getdoc(inspect.unwrap(function))]


def _overridden(kind: type, name: str) -> list[str | None]:
    """Return the docstrings of a method in a class and in those that it is made of."""
    return [vars(each)[name].__doc__ for each in kind.__mro__ if name in vars(each)]


def _is_known(parameter: inspect.Parameter) -> bool:
    try:
        json_schema(parameter.annotation)
    except TypeError:
        return False
    return True


def _wrong(reason: str, hint: str) -> ParameterError:
    return ParameterError(f"tools cannot be sent: {reason}.", hint=hint, parameter="tools")
