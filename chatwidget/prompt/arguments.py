"""The first line of a ``%%chat`` cell, parsed by flags that the table of parameters gives."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from chatwidget.chat.request_config import RequestConfig
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.request.typed_value import json_or_text, read_value
from chatwidget.prompt.flags import OutputFormatName, build_parser
from chatwidget.prompt.words import split_words

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["CellArguments", "OutputFormatName", "check_flags", "parse_cell_line"]


@dataclass(frozen=True, slots=True)
class CellArguments:
    """What the first line of a cell asks for; what is not given is None, false or empty.

    Attributes
    ----------
    config
        What stands in for the session's settings: server, model, system message, parameters.
    out, stream_to, schema
        The names of the variables that take the completion, take the stream, and hold a type.
    conversation
        The name of the conversation.
    images, files
        Paths or names of variables of what goes along.
    tool
        The names of the functions that the model may ask for.
    format
        How the answer is shown.
    vary
        The values that a study tries, by the name of what varies.
    rows
        The name of the variable with the rows of data of a study.
    repeats
        How often a study asks each setting; None if that is not said.
    passes
        What says whether an answer passes.
    """

    config: RequestConfig = field(default_factory=RequestConfig)
    out: str | None = None
    stream_to: str | None = None
    conversation: str | None = None
    history: bool = True
    fork: bool = False
    images: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    tool: list[str] = field(default_factory=list)
    schema: str | None = None
    format: OutputFormatName | None = None
    to_cell: bool = False
    background: bool = False
    dry_run: bool = False
    raw: bool = False
    tokens: bool = False
    cached: bool = False
    fill: bool = True
    help: bool = False
    vary: dict[str, Any] = field(default_factory=dict)
    rows: str | None = None
    repeats: int | None = None
    passes: str | None = None


_OWN = frozenset(each.name for each in fields(CellArguments)) - {"config", "vary"}
_NUMBERS = frozenset(
    name for name, each in PARAMETERS.items() if set(each.kinds) <= {"number", "integer"}
)
"""The parameters whose flags may hold several values, as in ``0,0.7`` or ``0:1.2:0.4``."""


def parse_cell_line(line: str) -> CellArguments:
    """Parse the flags that follow ``%%chat``.

    Raises
    ------
    ParameterError
        If the value of a request parameter cannot be read, or its name is misspelt.
    ConfigurationError
        If there is no such flag, or it lacks its value.
    """
    try:
        words = split_words(line)
    except ValueError as error:
        raise ConfigurationError(
            f"The line cannot be split into flags: {error}.",
            hint="Quote a value with spaces, as in --system 'Be brief'.",
        ) from None
    given = vars(build_parser().parse_args(words))
    own = {name: given.pop(name) for name in _OWN if name in given}
    fields_ = dict(map(parse_field, given.pop("set", ())))
    vary = dict(map(_parse_values, given.pop("vary", ())))
    several = [name for name in given if name in _NUMBERS and {",", ":"} & {*given[name]}]
    vary |= {name: given.pop(name) for name in several}  # in the order in which they were typed
    named = [name for name in PARAMETERS if name in given]
    typed = {name: read_value(PARAMETERS[name], given[name]) for name in named}
    config = RequestConfig.validated(
        typed | {name: value for name, value in fields_.items() if name in PARAMETERS},
        extra_body={name: value for name, value in fields_.items() if name not in PARAMETERS},
        **{name: given[name] for name in ("server", "model", "system") if name in given},
    )
    return CellArguments(config=config, vary=vary, **own)


def _parse_values(text: str) -> tuple[str, Any]:
    """Read ``NAME=VALUES``: JSON of a list or of named values, or else a text to be read later."""
    name, values = parse_field(text)
    name = name.replace("-", "_")
    return name, values if isinstance(values, list | dict) else text.partition("=")[2].strip()


def parse_field(text: str) -> tuple[str, Any]:
    """Read ``NAME=VALUE``; the value is JSON, or a text as it is.

    Raises
    ------
    ConfigurationError
        If there is no name.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ConfigurationError(f"{text!r} is no NAME=VALUE.", hint="As in top_k=40.")
    return name.strip(), json_or_text(value.strip())


_APART = (
    ("background", "to_cell", "a cell can put another one below it only while it runs."),
    ("cached", "tool", "what a tool returns may differ from one time to the next."),
)


def check_flags(arguments: CellArguments, tools: Iterable[object] = ()) -> None:
    """Refuse flags that do not go together.

    Parameters
    ----------
    arguments
        The flags.
    tools
        The session's own tools; functions among them count as if they were named.

    Raises
    ------
    ConfigurationError
        If two of them do not; it says why.
    """
    has_functions = any(map(callable, tools))
    for one, other, reason in _APART:
        is_given = getattr(arguments, other) or (other == "tool" and has_functions)
        if getattr(arguments, one) and is_given:
            flags = [f"--{name.replace('_', '-')}" for name in (one, other)]
            raise ConfigurationError(
                f"{flags[0]} and {flags[1]} do not go together: {reason}",
                hint=f"Leave {flags[0]} out."
                + (" %chat unset tools takes those of the session away." if has_functions else ""),
            )
