"""What the next question sends, written down: as a magic line, as Python, as curl, and read back.

A key is never a part of it; curl gets it from the environment, by name.
"""

from __future__ import annotations

import ast
import json
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.parameters import PARAMETERS, checked
from chatwidget.client.servers import PROFILES
from chatwidget.prompt.arguments import parse_cell_line
from chatwidget.prompt.flags import flag_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.client.servers import Server

__all__ = ["Recipe", "read_recipe"]

_MAGIC = "%%chat"
_CALLS = frozenset(
    {"create_chat_completion", "acreate_chat_completion", "start_chat_completion", "stream"}
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A way to ask: everything but the question.

    Attributes
    ----------
    model, system
        Empty where they are left to the server, or there is none.
    parameters
        The request parameters that are sent.
    extra
        Fields of the request that are no parameters of the vendor.
    """

    model: str = ""
    system: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def as_magic(self) -> str:
        """Return the first line of a cell; a system message of several lines has no place there."""
        return " ".join([_MAGIC, *map(shlex.quote, self._flags())])

    def as_python(self, server: Server, prompt: str) -> str:
        """Return a program that asks a prompt."""
        given = {"extra_body": self.extra} if self.extra else {}
        options = [f"{name}={_literal(value)}" for name, value in (self.parameters | given).items()]
        messages = [{"role": "system", "content": self.system}] if self.system else []
        messages.append({"role": "user", "content": prompt})
        lines = [f"{_literal(messages)},", f"{self.model!r},", *(f"{each}," for each in options)]
        call = "\n".join(f"    {line}" for line in lines)
        return (
            "from chatwidget import ChatClient\n\n"
            f"client = ChatClient({_server_name(server)!r})\n"
            f"completion = client.create_chat_completion(\n{call}\n)\n"
            "print(completion.text)\n"
        )

    def as_curl(self, server: Server, prompt: str) -> str:
        """Return a command for a shell; a server within this process cannot be reached by one."""
        if server.transport is not None:
            return (
                "# The practice model lives in this process. To reach it from a shell, run\n"
                "# python -m chatwidget.practice --port 8000, and %chat use http://127.0.0.1:8000/v1"
            )
        messages = [{"role": "system", "content": self.system}] if self.system else []
        messages.append({"role": "user", "content": prompt})
        body = {"model": self.model, "messages": messages, **self.parameters, **self.extra}
        text = json.dumps(body, indent=2, ensure_ascii=False, default=_name)
        lines = [f"curl {server.base_url}/chat/completions", "-H 'Content-Type: application/json'"]
        if server.key_variable:
            lines.append(f'-H "Authorization: Bearer ${server.key_variable}"')
        return " \\\n  ".join([*lines, f"-d {shlex.quote(text)}"])

    def _flags(self) -> Iterator[str]:
        for flag, text in (("--model", self.model), ("--system", self.system)):
            if text and text.isprintable():
                yield f"{flag}={text}"
        for name, value in self.parameters.items():
            yield from _flag(name, value)
        for name, value in self.extra.items():
            yield f"--set={name}={_json(value)}"


def read_recipe(text: str) -> Recipe:
    """Read a magic line or a call in Python; what is computed there is not run.

    Raises
    ------
    ConfigurationError, ParameterError
        If it is neither, or names what there is not.
    """
    text = text.strip()
    return _read_magic(text) if text.startswith(_MAGIC) else _read_python(text)


def _read_magic(text: str) -> Recipe:
    arguments = parse_cell_line(text.splitlines()[0].removeprefix(_MAGIC))
    return Recipe(
        arguments.model or "", arguments.system or "", arguments.parameters, arguments.extra
    )


def _read_python(text: str) -> Recipe:
    call = _call_in(text)
    given = {word.arg: _value(word) for word in call.keywords if word.arg is not None}
    positional = [_literal_or_none(node) for node in call.args]
    messages = given.pop("messages", positional[0] if positional else None)
    model = given.pop("model", positional[1] if len(positional) > 1 else None)
    extra = given.pop("extra_body", None) or {}
    known = {name: value for name, value in given.items() if name in PARAMETERS}
    return Recipe(str(model or ""), _system_in(messages), checked(known), dict(extra))


def _call_in(text: str) -> ast.Call:
    try:
        nodes = ast.walk(ast.parse(text))
    except (SyntaxError, ValueError):
        nodes = iter(())
    for node in nodes:
        if isinstance(node, ast.Call) and _called(node.func) in _CALLS:
            return node
    raise ConfigurationError(
        "This is neither a %%chat line nor a call of create_chat_completion.",
        hint="Paste a line such as %%chat -t 0.2 --top-p 0.9.",
    )


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _value(word: ast.keyword) -> Any:
    """Return a value that is written out; one that would have to be computed is refused."""
    value = _literal_or_none(word.value)
    is_none = isinstance(word.value, ast.Constant) and word.value.value is None
    if value is None and not is_none and word.arg in PARAMETERS:
        raise ConfigurationError(
            f"The value of {word.arg} is computed, and pasted code is not run.",
            hint="Write the value itself.",
        )
    return value


def _literal_or_none(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return None


def _system_in(messages: object) -> str:
    first = messages[0] if isinstance(messages, list) and messages else None
    is_system = isinstance(first, dict) and first.get("role") in ("system", "developer")
    content = first.get("content") if is_system and isinstance(first, dict) else ""
    return content if isinstance(content, str) else ""


def _flag(name: str, value: Any) -> Iterator[str]:
    texts = [value] if isinstance(value, str) else value
    if value is True:
        yield flag_of(name)
    elif value is False:
        yield flag_of(f"no_{name}")
    elif name == "stop" and all(map(str.isprintable, texts)):
        yield from (f"--stop={text}" for text in texts)
    elif isinstance(value, str) and value.isprintable():
        yield f"{flag_of(name)}={value}"
    elif isinstance(value, str) or name == "stop":
        yield f"--set={name}={_json(value)}"
    else:
        yield f"{flag_of(name)}={_json(value)}"


def _json(value: object) -> str:
    return json.dumps(value, default=_name)


def _literal(value: Any) -> str:
    """Write a value as Python; functions and types by their names."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_literal(item)}' for key, item in value.items())}}}"
    return _name(value) if callable(value) else repr(value)


def _server_name(server: Server) -> str:
    return server.name if PROFILES.get(server.name) == server else server.base_url


def _name(value: object) -> str:
    return getattr(value, "__name__", type(value).__name__)
