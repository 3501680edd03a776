"""The first line of a ``%%chat`` cell, parsed by flags that the table of parameters gives."""

from __future__ import annotations

import argparse
import difflib
import json
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.parameters import PARAMETERS

if TYPE_CHECKING:
    from chatwidget.client.parameters import Parameter

__all__ = ["CellArguments", "flag_of", "parse_cell_line", "parse_value", "usage"]

_OWN = ("model", "system", "out", "stream_to", "help")


@dataclass(frozen=True, slots=True)
class CellArguments:
    """What the first line of a cell asks for.

    Attributes
    ----------
    model, system
        What stands in for the session's, or None.
    out
        The name of the variable that takes the completion, or None.
    stream_to
        The name of the variable that holds a target of the stream, or None.
    help
        Whether the flags are to be explained in place of a question.
    parameters
        The request parameters, by name.
    """

    model: str | None = None
    system: str | None = None
    out: str | None = None
    stream_to: str | None = None
    help: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)


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
    return CellArguments(
        **own,
        parameters={name: parse_value(PARAMETERS[name], value) for name, value in given.items()},
    )


def parse_value(parameter: Parameter, text: Any) -> Any:
    """Read the value of a request parameter as it is typed.

    Numbers, true and false, lists and objects are JSON; a text needs no quotes. What is no text
    has been read already, and is only checked.

    Raises
    ------
    ParameterError
        If it is not what the parameter takes.
    """
    try:
        value = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        value = text
    if "string" in parameter.kinds and not isinstance(value, (dict, list)):
        value = text
    return parameter.checked(value)


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


def _parser() -> _Parser:
    parser = _Parser(
        prog="%%chat",
        description="Ask a chat model: the question is the text of the cell.",
        argument_default=argparse.SUPPRESS,
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument("-m", "--model", help="the model to ask")
    parser.add_argument("--system", help="the system message of this question")
    parser.add_argument("--out", metavar="NAME", type=_identifier, help="variable for the answer")
    parser.add_argument(
        "--stream-to",
        metavar="NAME",
        type=_identifier,
        help="variable that holds a function, queue, handler, text stream or widget to stream to",
    )
    parser.add_argument("-h", "--help", action="store_true", help="explain the flags")
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


def _identifier(text: str) -> str:
    if text.isidentifier():
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is no name of a variable")


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:].rstrip('.')}."
