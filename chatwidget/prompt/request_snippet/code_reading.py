"""Python that asks: the arguments of its call as they are written; nothing is run."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.parameters import PARAMETERS, validate_parameters
from chatwidget.client.request.prepared import CallOptions
from chatwidget.prompt.request_snippet.clients_in_code import server_of
from chatwidget.prompt.request_snippet.fields import config_of, instructions, no_request
from chatwidget.prompt.request_snippet.values_in_code import COMPUTED, Values, holds_computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatwidget.chat.request_config import RequestConfig

__all__ = ["dictionary_in", "read_code", "settled"]

_CALLS = frozenset(
    {"create_chat_completion", "acreate_chat_completion", "start_chat_completion", "stream"}
)
_METHODS = frozenset({"create", "parse", "stream"})
_OWNERS = frozenset({"completions", "ChatCompletion"})
_BODY = frozenset({"messages", "model", "stream", "extra_body"})
_OPTIONS = frozenset(CallOptions.__annotations__) | {"extra_query", "server", "stream_to"}
_BESIDE = _OPTIONS - _BODY - set(PARAMETERS)


def read_code(text: str) -> RequestConfig:
    """Read the first call in Python that asks, or else a dictionary that is assigned there.

    Raises
    ------
    ParameterError, ConfigurationError
        If there is none, or it cannot be used.
    """
    tree = _tree(text)
    values = Values(tree)
    call = next(_calls(tree), None)
    if call is not None:
        return config_of(settled(_arguments(call, values)), server_of(call, tree, values))
    fields = _dictionary(tree, values)
    if fields is None:
        raise no_request()
    return config_of(settled(fields))


def dictionary_in(text: str) -> dict[Any, Any] | None:
    """Return the dictionary that a text is in Python, with COMPUTED for what is not written out."""
    try:
        tree = _tree(text)
    except ConfigurationError:
        return None
    return _dictionary(tree, Values(tree))


def settled(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields whose values are written out; what the user says need not be.

    Raises
    ------
    ConfigurationError
        If another one would have to be computed.
    """
    for name, value in fields.items():
        told = instructions(value) if name == "messages" else value
        if name not in ("model", "stream") and holds_computed(told):
            what = "system message" if name == "messages" else f"value of {name}"
            raise ConfigurationError(
                f"The {what} is computed, and pasted code is not run.",
                hint="Write the value itself.",
            )
    return {name: value for name, value in fields.items() if value is not COMPUTED}


def _tree(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the code's author should have written
            return ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise no_request() from None


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield the calls that ask, in the order of the text."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _asks(node.func)]
    yield from sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _asks(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute) and _name(function.value) in _OWNERS:
        return function.attr in _METHODS
    return _name(function) in _CALLS


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _arguments(call: ast.Call, values: Values) -> dict[str, Any]:
    """Return the arguments that are a part of the body, or become one."""
    given = dict(zip(("messages", "model"), map(values.of, call.args), strict=False))
    for word in call.keywords:
        if word.arg is None:
            given |= _spread(values.of(word.value))
        elif word.arg not in _BESIDE:
            given[word.arg] = values.of(word.value)
    given = {name: value for name, value in given.items() if name not in _BESIDE}
    for name in set(given) - set(PARAMETERS) - _BODY:
        validate_parameters({str(name): None})  # it says which name was meant
    return given


def _spread(value: object) -> dict[str, Any]:
    if isinstance(value, dict) and not holds_computed(list(value)):
        return value
    raise ConfigurationError(
        "What ** puts into the call is computed, and pasted code is not run.",
        hint="Write the arguments themselves.",
    )


def _dictionary(tree: ast.Module, values: Values) -> dict[Any, Any] | None:
    """Return the one that the text is, or that its statements give a name and looks like a body."""
    kinds = (ast.Expr, ast.Assign, ast.AnnAssign)
    nodes = [each.value for each in tree.body if isinstance(each, kinds)]
    found = [values.of(node) for node in nodes if isinstance(node, ast.Dict)]
    alone = len(tree.body) == 1
    return next((each for each in found if alone or "model" in each or "messages" in each), None)
