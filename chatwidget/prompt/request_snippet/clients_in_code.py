"""The server that Python code names where it makes its client."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from chatwidget.prompt.request_snippet.fields import server_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.client.auth.servers import Server
    from chatwidget.prompt.request_snippet.values_in_code import Values

__all__ = ["server_of"]

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
