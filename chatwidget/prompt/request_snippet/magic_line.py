"""A request as the first line of a cell."""

from __future__ import annotations

import json
import shlex
import unicodedata
from typing import TYPE_CHECKING, Any

from chatwidget.prompt.flags import flag_of
from chatwidget.prompt.request_snippet.programs import is_named
from chatwidget.prompt.request_snippet.sending import model_of, plain, told_extra_body

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.chat.request_config import RequestConfig

__all__ = ["as_magic"]

_ENDS = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""The categories of characters that end a line, or that no line should hold."""


def as_magic(config: RequestConfig) -> str:
    """Return the first line of a cell, which asks the server of its session.

    Not everything has a place on one line, and what has none is left out: a model and a system
    message with line ends or control characters; names in extra_body with such characters, with
    ``=``, or with white space around them. An empty system message is none. Functions and a type
    are given by their names, as ``--tool`` and ``--schema``; those without one are left out. One
    text as `stop` comes back as a list of one.
    """
    return " ".join(["%%chat", *map(shlex.quote, _words(config))])


def _words(config: RequestConfig) -> Iterator[str]:
    for flag, text in (("--model", model_of(config)), ("--system", config.system or "")):
        if text and _fits(text):
            yield f"{flag}={text}"
    for name, value in config.parameters.items():
        yield from _parameter(name, value)
    for name, value in told_extra_body(config).items():
        if _fits(name) and "=" not in name and name == name.strip() != "":
            yield f"--set={name}={_json(name, value)}"


def _parameter(name: str, value: Any) -> Iterator[str]:
    if name == "tools":
        yield from _tools(value)
    elif name == "response_format" and not isinstance(value, dict):
        yield from ("--schema", value.__name__) if is_named(value) else ()
    elif isinstance(value, bool):
        yield flag_of(name if value else f"no_{name}")
    elif name == "stop":
        yield from _stops([value] if isinstance(value, str) else value)
    elif isinstance(value, str) and not _is_readable(value):
        yield f"--set={name}={_json(name, value)}"
    else:
        yield f"{flag_of(name)}={value if isinstance(value, str) else _json(name, value)}"


def _tools(tools: list[Any]) -> Iterator[str]:
    functions = [tool for tool in tools if not isinstance(tool, dict)]
    described = [tool for tool in tools if isinstance(tool, dict)]
    if described or not functions:
        yield f"{flag_of('tools')}={_json('tools', described)}"
    for function in filter(is_named, functions):
        yield from ("--tool", function.__name__)


def _stops(texts: list[Any]) -> Iterator[str]:
    if all(isinstance(text, str) and _fits(text) for text in texts):
        yield from (f"--stop={text}" for text in texts)
    else:
        yield f"--set=stop={_json('stop', texts)}"


def _is_readable(text: str) -> bool:
    """Tell whether a text as it is means itself, on one line: not what looks like JSON."""
    return _fits(text) and not text.lstrip().startswith(("{", "["))


def _fits(text: str) -> bool:
    return not any(unicodedata.category(character) in _ENDS for character in text)


def _json(name: str, value: object) -> str:
    told = plain({name: value})[name]
    text = json.dumps(told, ensure_ascii=False)
    return text if _fits(text) else json.dumps(told)
