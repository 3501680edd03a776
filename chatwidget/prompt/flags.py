"""The flags of ``%%chat``: our own in a table, and one for each request parameter."""

from __future__ import annotations

import argparse
import difflib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NoReturn, get_args

from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.client.request.parameters import PARAMETERS, unknown_parameter

if TYPE_CHECKING:
    from chatwidget.client.request.parameters import Parameter

__all__ = ["FLAGS", "Flag", "OutputFormatName", "build_parser", "flag_of"]

OutputFormatName = Literal["markdown", "text", "code", "json", "table"]
"""How an answer is shown."""


@dataclass(frozen=True)
class Flag:
    """One flag of our own.

    Attributes
    ----------
    names
        How it is written, the short form first.
    help
        What it does, in a few words.
    options
        How argparse is to read it.
    """

    names: tuple[str, ...]
    help: str
    options: dict[str, Any] = field(default_factory=dict)


def flag_of(name: str) -> str:
    """Return the long flag of a parameter."""
    return f"--{name.replace('_', '-')}"


@cache
def build_parser() -> argparse.ArgumentParser:
    """Return what reads the line; what is not given is not in its result.

    It raises a ConfigurationError if there is no such flag, or a flag lacks its value; a
    ParameterError if a parameter is misspelt.
    """
    parser = _Parser(
        prog="%%chat", argument_default=argparse.SUPPRESS, add_help=False, allow_abbrev=False
    )
    for flags in FLAGS.values():
        for flag in flags:
            parser.add_argument(*flag.names, help=flag.help, **flag.options)
    for parameter in PARAMETERS.values():
        _add_flag(parser, parameter)
    return parser


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
        raise self._unknown_flag(word)

    def _unknown_flag(self, word: str) -> ConfigurationError | ParameterError:
        """Return the error of a flag that there is not; a parameter's has the same everywhere."""
        flags = self._option_string_actions
        near = [flag for flag in flags if flag.startswith(word)] or difflib.get_close_matches(
            word, flags, n=1, cutoff=0.75
        )
        hint = f"Did you mean {near[0]}?" if near else "%%chat --help lists the flags."
        if near and flags[near[0]].dest in PARAMETERS:
            return unknown_parameter(word.lstrip("-").replace("-", "_"), hint)
        return ConfigurationError(f"There is no flag {word}.", hint=hint)


def _add_flag(parser: argparse.ArgumentParser, parameter: Parameter) -> None:
    flags = [flag for flag in (parameter.flag, flag_of(parameter.name)) if flag]
    options: dict[str, Any] = {"dest": parameter.name, "help": parameter.help.replace("%", "%%")}
    if parameter.kinds == ("boolean",):
        options["action"] = argparse.BooleanOptionalAction
    elif parameter.name == "stop":
        options |= {"action": "append", "metavar": "TEXT"}
    else:
        options["metavar"] = parameter.kinds[0].upper()
    parser.add_argument(*flags, **options)


def _sentence(message: str) -> str:
    return f"{message[:1].upper()}{message[1:].rstrip('.')}."


def _identifier(text: str) -> str:
    if text.isidentifier():
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is no name of a variable")


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")


_VARIABLE = {"metavar": "NAME", "type": _identifier}
_WHATEVER = {"metavar": "PATH|NAME", "action": "append"}
_ON = {"action": "store_true"}
_OFF = {"action": "store_false"}

FLAGS: dict[str, tuple[Flag, ...]] = {
    "Who is asked": (
        Flag(("-m", "--model"), "the model; a single word without a flag is the model, too"),
        Flag(
            ("--server", "--base-url"),
            "the server, by the name of its profile or by its address",
            {"metavar": "SERVER|URL", "dest": "server"},
        ),
    ),
    "What is sent": (
        Flag(("-s", "--system"), "the system message of this question", {"metavar": "TEXT"}),
        Flag(
            ("-c", "--conversation"), "the conversation that this belongs to", {"metavar": "NAME"}
        ),
        Flag(
            ("--no-history",),
            "ask without the conversation, and leave no turn in it",
            _OFF | {"dest": "history"},
        ),
        Flag(("--fork",), "go on in a copy of the conversation, and leave it as it is", _ON),
        Flag(
            ("-i", "--image"),
            "image that goes along; may be repeated",
            _WHATEVER | {"dest": "images"},
        ),
        Flag(("--file",), "file that goes along; may be repeated", _WHATEVER | {"dest": "files"}),
        Flag(
            ("--tool",),
            "functions that the model may ask for; each call asks you before it runs",
            {"metavar": "NAME…", "type": _identifier, "nargs": "+", "action": "extend"},
        ),
        Flag(("--no-vars",), "send {{name}} as it is written", _OFF | {"dest": "fill"}),
        Flag(
            ("--set",),
            "any other field of the request, as JSON or text; may be repeated",
            {"metavar": "NAME=VALUE", "action": "append"},
        ),
    ),
    "What becomes of the answer": (
        Flag(("-o", "--out"), "variable that takes the completion", _VARIABLE),
        Flag(
            ("--stream-to",),
            "variable with a function, queue, handler, text stream or widget to stream to",
            _VARIABLE,
        ),
        Flag(
            ("--schema",),
            "type of the answer, such as City or 'list[City]'; --out gets it parsed",
            {"metavar": "TYPE"},
        ),
        Flag(
            ("-f", "--format"),
            "how it is shown: markdown, text, code, json or table",
            {"choices": get_args(OutputFormatName), "metavar": "FORM"},
        ),
        Flag(("--to-cell",), "put its code into a new cell below, which is not run", _ON),
        Flag(("--raw",), "show the JSON that came, too", _ON),
        Flag(("--tokens",), "show how probable each token was, and what else there was", _ON),
    ),
    "A study: settings that vary": (
        Flag(
            ("--vary",),
            "values to try: NAME=0:1.2:0.4, NAME=a,b or as JSON; may be repeated, and a comma in a "
            "number's own flag does the same, as in -t 0,0.7,1.4",
            {"metavar": "NAME=VALUES", "action": "append"},
        ),
        Flag(
            ("--rows",),
            "the variable with rows to ask about, a data frame or a list of dictionaries: each "
            "fills the {{columns}} of the question",
            _VARIABLE,
        ),
        Flag(
            ("--repeats",),
            "how often each setting is asked; once unless it is said",
            {"metavar": "INTEGER", "type": _count},
        ),
        Flag(
            ("--pass",),
            "what says whether an answer passes: an expression of text, such as 'len(text) < 80', "
            "or a function of the completion",
            {"metavar": "EXPRESSION|NAME", "dest": "passes"},
        ),
    ),
    "How it runs": (
        Flag(("--background",), "stream into this cell while others run", _ON),
        Flag(
            ("--cached",),
            "store the answer, and show the stored one if exactly this was asked before",
            _ON,
        ),
        Flag(("--dry-run",), "show what would be sent, and send nothing", _ON),
        Flag(("-h", "--help"), "explain the flags", _ON),
    ),
}
"""Our own flags, under their headings."""
