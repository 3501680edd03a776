"""The first line of a ``%%chat`` cell, parsed by flags that the table of parameters gives."""

from __future__ import annotations

import argparse
import difflib
import json
import shlex
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, NoReturn, get_args

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.parameters import PARAMETERS

if TYPE_CHECKING:
    from chatwidget.client.parameters import Parameter

__all__ = ["CellArguments", "flag_of", "parse_cell_line", "parse_value", "usage"]

Form = Literal["markdown", "text", "code", "json"]
"""How an answer is shown."""


@dataclass(frozen=True, slots=True)
class CellArguments:
    """What the first line of a cell asks for; what is not given is None, false or empty.

    Attributes
    ----------
    model, server, system
        What stands in for the session's.
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
    extra
        Fields of the request that are no parameters of the vendor.
    parameters
        The request parameters, by name.
    """

    model: str | None = None
    server: str | None = None
    system: str | None = None
    out: str | None = None
    stream_to: str | None = None
    conversation: str | None = None
    history: bool = True
    fork: bool = False
    images: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    tool: list[str] = field(default_factory=list)
    schema: str | None = None
    format: Form = "markdown"
    to_cell: bool = False
    background: bool = False
    dry_run: bool = False
    raw: bool = False
    cached: bool = False
    fill: bool = True
    help: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)


_OWN = frozenset(each.name for each in fields(CellArguments)) - {"extra", "parameters"}


def parse_cell_line(line: str) -> CellArguments:
    """Parse the flags that follow ``%%chat``.

    Raises
    ------
    ParameterError
        If the value of a request parameter cannot be read.
    ConfigurationError
        If there is no such flag, or it lacks its value.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ConfigurationError(
            f"The line cannot be split into flags: {str(error).lower()}.",
            hint="Quote a value with spaces, as in --system 'Be brief'.",
        ) from None
    given = vars(_parser().parse_args(words))
    own = {name: given.pop(name) for name in _OWN if name in given}
    fields_ = dict(map(parse_field, given.pop("set", ())))
    given |= {name: value for name, value in fields_.items() if name in PARAMETERS}
    return CellArguments(
        **own,
        extra={name: value for name, value in fields_.items() if name not in PARAMETERS},
        parameters={name: parse_value(PARAMETERS[name], value) for name, value in given.items()},
    )


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
    return name.strip(), _json_or_text(value.strip())


def parse_value(parameter: Parameter, text: Any) -> Any:
    """Read the value of a request parameter as it is typed.

    Numbers, true and false, lists and objects are JSON; a text needs no quotes. What is no text
    has been read already, and is only checked.

    Raises
    ------
    ParameterError
        If it is not what the parameter takes.
    """
    value = _json_or_text(text)
    if "string" in parameter.kinds and not isinstance(value, (dict, list)):
        value = text
    return parameter.checked(value)


def _json_or_text(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def flag_of(name: str) -> str:
    """Return the long flag of a parameter."""
    return f"--{name.replace('_', '-')}"


def usage() -> str:
    """Return the explanation of all flags."""
    return _parser().format_help()


class _Parser(argparse.ArgumentParser):
    """A parser that raises our errors, and knows the flag that was probably meant."""

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(_sentence(message), hint="%%chat --help lists the flags.")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        parsed, unknown = self.parse_known_args(args, namespace)
        if len(unknown) == 1 and not unknown[0].startswith("-") and "model" not in parsed:
            parsed.model = unknown.pop()
        if not unknown:
            return parsed
        word = unknown[0].partition("=")[0]
        if not word.startswith("-"):
            raise ConfigurationError(
                f"%%chat's first line takes flags only; {word!r} is none.",
                hint="Write the question on the lines below.",
            )
        flags = list(self._option_string_actions)
        near = [flag for flag in flags if flag.startswith(word)] or difflib.get_close_matches(
            word, flags, n=1, cutoff=0.75
        )
        raise ConfigurationError(
            f"There is no flag {word}.",
            hint=f"Did you mean {near[0]}?" if near else "%%chat --help lists the flags.",
        )


def _identifier(text: str) -> str:
    if text.isidentifier():
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is no name of a variable")


_VARIABLE = {"metavar": "NAME", "type": _identifier}
_WHATEVER = {"metavar": "PATH|NAME", "action": "append"}
_ON = {"action": "store_true"}
_FLAGS: tuple[tuple[tuple[str, ...], str, dict[str, Any]], ...] = (
    (("-m", "--model"), "the model to ask; a single word without a flag is the model, too", {}),
    (
        ("--server", "--base-url"),
        "the server to ask: the name of a profile, or an address",
        {"metavar": "SERVER|URL", "dest": "server"},
    ),
    (("-s", "--system"), "the system message of this question", {"metavar": "TEXT"}),
    (("-o", "--out"), "variable that takes the completion", _VARIABLE),
    (
        ("--stream-to",),
        "variable that holds a function, queue, handler, text stream or widget to stream to",
        _VARIABLE,
    ),
    (("-c", "--conversation"), "the conversation that this belongs to", {"metavar": "NAME"}),
    (
        ("--no-history",),
        "ask without the conversation, and leave no turn in it",
        {"action": "store_false", "dest": "history"},
    ),
    (("--fork",), "go on in a copy of the conversation, and leave it as it is", _ON),
    (("-i", "--image"), "image that goes along; may be repeated", _WHATEVER | {"dest": "images"}),
    (("--file",), "file that goes along; may be repeated", _WHATEVER | {"dest": "files"}),
    (
        ("--tool",),
        "functions that the model may ask for; each call asks you before it runs",
        {"metavar": "NAME", "type": _identifier, "nargs": "+", "action": "extend"},
    ),
    (
        ("--schema",),
        "variable that holds the type of the answer; --out gets it parsed",
        _VARIABLE,
    ),
    (
        ("-f", "--format"),
        "how the answer is shown: markdown, text, code or json",
        {"choices": get_args(Form)},
    ),
    (("--to-cell",), "put the code of the answer into a new cell below, which is not run", _ON),
    (("--background",), "stream into this cell while others run", _ON),
    (("--dry-run",), "show what would be sent, and send nothing", _ON),
    (("--raw",), "show the answer as the JSON that came, too", _ON),
    (("--cached",), "show the stored answer if exactly this was asked before", _ON),
    (
        ("--set",),
        "any other field of the request; the value is JSON or a text; may be repeated",
        {"metavar": "NAME=VALUE", "action": "append"},
    ),
    (
        ("--no-vars",),
        "send {{name}} as it is written",
        {"action": "store_false", "dest": "fill"},
    ),
    (("-h", "--help"), "explain the flags", _ON),
)


def _parser() -> _Parser:
    parser = _Parser(
        prog="%%chat",
        description="Ask a chat model: the question is the text of the cell.",
        argument_default=argparse.SUPPRESS,
        add_help=False,
        allow_abbrev=False,
    )
    for flags, help_, options in _FLAGS:
        parser.add_argument(*flags, help=help_, **options)
    group = parser.add_argument_group("request parameters", "what is not given is not sent")
    for parameter in PARAMETERS.values():
        _add_flag(group, parameter)
    return parser


def _add_flag(group: argparse._ArgumentGroup, parameter: Parameter) -> None:
    flags = [flag for flag in (parameter.flag, flag_of(parameter.name)) if flag]
    help_ = f"{parameter.help} Takes {parameter.describe()}.".replace("%", "%%")
    options: dict[str, Any] = {"dest": parameter.name, "help": help_}
    if parameter.kinds == ("boolean",):
        options["action"] = argparse.BooleanOptionalAction
    elif parameter.name == "stop":
        options |= {"action": "append", "metavar": "TEXT"}
    else:
        options["metavar"] = parameter.kinds[0].upper()
    group.add_argument(*flags, **options)


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:].rstrip('.')}."
