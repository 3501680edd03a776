"""Python that asks: its call and its server, as they are written; nothing is run."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.parameters import PARAMETERS, validate_parameters
from chatwidget.client.request.prepared import CallOptions
from chatwidget.prompt.request_snippet.fields import config_of, instructions, no_request, server_at
from chatwidget.prompt.request_snippet.values_in_code import COMPUTED, Values, holds_computed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.client.auth.servers import Server

__all__ = ["dictionary_in", "read_code", "settled"]


_CLIENTS = {
    "AsyncChatClient": "server",
    "AsyncOpenAI": "base_url",
    "ChatClient": "server",
    "OpenAI": "base_url",
}


def server_of(call: ast.Call, tree: ast.Module, values: Values) -> Server | None:
    """Return the server that a call goes to, if that is written out; else None.

    Raises
    ------
    ConfigurationError
        If it cannot be used.
    """
    node = _keyword(call, "server")
    client = _client_of(call, tree)
    if node is None and client is not None:
        node = _address(client)
    address = None if node is None else values.of(node)
    return server_at(address) if isinstance(address, str) else None


def _client_of(call: ast.Call, tree: ast.Module) -> ast.Call | None:
    """Return where the client of a call is made: by its name, if there are several."""
    clients = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _kind(node)]
    if len(clients) < 2:  # noqa: PLR2004 - several
        return clients[0] if clients else None
    root: ast.expr = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    if root in clients:
        return root if isinstance(root, ast.Call) else None
    named = [value for name, value in _bound(tree) if name == getattr(root, "id", "")]
    return next((each for each in clients if each in named), None)


def _bound(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((getattr(target, "id", ""), node.value) for target in node.targets)
        elif isinstance(node, ast.withitem):
            yield getattr(node.optional_vars, "id", ""), node.context_expr


def _address(client: ast.Call) -> ast.expr | None:
    """Return the expression of the address; ours takes it first, the vendor's by its name."""
    keyword = _CLIENTS[_kind(client)]
    first = client.args[0] if client.args and keyword == "server" else None
    return first or _keyword(client, keyword)


def _kind(call: ast.Call) -> str:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name if name in _CLIENTS else ""


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((word.value for word in call.keywords if word.arg == name), None)


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
