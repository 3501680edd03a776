"""The flags of ``%%chat`` explained: examples first, then a line for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.prompt.flags import FLAGS, flag_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatwidget.client.request.parameters import Parameter
    from chatwidget.prompt.flags import Flag

__all__ = ["usage"]

_EXAMPLES = """\
%%chat FLAGS
The question is the text of the cell. A flag holds for its cell; the rest is from the session.

Examples

  %%chat
  Why is the sky blue?

  %%chat my-model -t 0.2 --max-tokens 300 --out reply
  Summarise {{text}} in three sentences.

  %%chat -n 3 -c titles --system "You write headlines."
  A title for a talk on the melting of glaciers
"""
_HEADINGS = {
    "sampling": "How tokens are chosen (what is not given is not sent)",
    "length": "How long it may get",
    "output": "What comes back",
    "tools": "Tools, as the protocol has them",
    "reasoning": "Reasoning models",
    "service": "The service",
}
_WIDTH = 34


def usage() -> str:
    """Return the explanation of all flags."""
    own = [_section(heading, map(_own_line, flags)) for heading, flags in FLAGS.items()]
    parameters = [
        _section(
            heading,
            (_parameter_line(each) for each in PARAMETERS.values() if each.group == group),
        )
        for group, heading in _HEADINGS.items()
    ]
    return "\n".join([_EXAMPLES, *own, *parameters])


def _section(heading: str, lines: Iterable[str]) -> str:
    return "\n".join([heading, "", *lines, ""])


def _own_line(flag: Flag) -> str:
    is_switch = flag.options.get("action") in ("store_true", "store_false")
    metavar = flag.options.get("metavar", "NAME")
    return _line(flag.names, "" if is_switch else metavar, flag.help)


def _parameter_line(parameter: Parameter) -> str:
    flags = [flag for flag in (parameter.flag, flag_of(parameter.name)) if flag]
    metavar = "|".join(kind.upper() for kind in parameter.kinds)
    if parameter.kinds == ("boolean",):
        flags, metavar = [*flags, "--no-…"], ""
    newer = f"Replaced by {parameter.replaced_by}." if parameter.replaced_by else ""
    return _line(flags, metavar, " ".join(filter(None, [parameter.help, _range(parameter), newer])))


def _range(parameter: Parameter) -> str:
    """Return what a parameter takes, where its flag does not say it already."""
    if parameter.choices:
        return f"One of {', '.join(parameter.choices)}."
    is_number = {"number", "integer"} & set(parameter.kinds)
    if not is_number or parameter.minimum is None or parameter.name == "seed":  # any integer
        return ""
    highest = "on" if parameter.maximum is None else f"to {parameter.maximum:g}"
    return f"From {parameter.minimum:g} {highest}."


def _line(flags: Iterable[str], metavar: str, help_: str) -> str:
    written = f"  {', '.join(flags)} {metavar}".rstrip()
    return f"{written:<{_WIDTH}}  {help_[:1].upper()}{help_[1:].rstrip('.')}."
