"""Variables in prompts: ``{{name}}`` inserts one, and every other brace stays as it is."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.markers import escape_markers, replace_markers
from chatwidget.prompt.secrets import refuse_secrets
from chatwidget.prompt.summaries import LIMIT, Summary, summarize

if TYPE_CHECKING:
    import re
    from collections.abc import Collection, Iterable, Mapping

    from chatwidget.client.auth.keys import ApiKey

__all__ = ["Filled", "Insertion", "fill"]

# IPython's own names for all that was typed and shown
_HISTORIES = ("In", "Out")


@dataclass(frozen=True, slots=True)
class Insertion:
    """What took the place of one marker.

    Attributes
    ----------
    name
        The marker without its braces, such as ``df`` or ``In[3]``.
    kind
        The name of the value's type.
    characters
        The length of what is inserted.
    is_cut
        Whether that is only a part of the value.
    """

    name: str
    kind: str
    characters: int
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """A prompt with the values in it, and what they are, in their order."""

    text: str
    insertions: tuple[Insertion, ...]


def fill(
    text: str,
    namespace: Mapping[str, object],
    *,
    error: BaseException | None = None,
    keys: Iterable[ApiKey] = (),
    limit: int = LIMIT,
    later: Collection[str] = (),
) -> Filled:
    r"""Put the values of variables into a prompt.

    A marker is a name in two braces, ``{{name}}``, or ``{{In[3]}}`` and ``{{Out[3]}}``, with or
    without spaces around the name; with a backslash before it, it stands for itself. Nothing is
    evaluated, and what is inserted is not searched for markers again.

    Parameters
    ----------
    text
        The prompt.
    namespace
        The user's variables; IPython's ``In`` and ``Out`` among them.
    error
        The last error: what ``{{error}}`` inserts, unless there is a variable of that name.
    keys
        The keys in use, which are not inserted; those in the environment are known.
    limit
        How many characters of one value are inserted.
    later
        Names that are filled in later; their markers stay, and all others stand for themselves.

    Raises
    ------
    ConfigurationError
        If there is no such variable or cell, or its value is or holds a secret.
    """
    insertions = []

    def replacement(match: re.Match[str]) -> str:
        name = match["name"] or f"{match['cells']}[{match['number']}]"
        if name in later:
            return match["marker"]
        value = _named(name, namespace, error) if match["name"] else _of_cell(match, namespace)
        summary = _sendable(name, value, keys, limit)
        insertions.append(Insertion(name, summary.kind, len(summary.text), summary.is_cut))
        return escape_markers(summary.text) if later else summary.text

    filled = replace_markers(text, replacement, is_last=not later)
    return Filled(filled, tuple(insertions))


def _named(name: str, namespace: Mapping[str, object], error: BaseException | None) -> object:
    # as Python reads names: the micro sign on a keyboard is a Greek letter in the namespace
    known = unicodedata.normalize("NFKC", name)
    if name.startswith("__") and name.endswith("__") and name.strip("_"):
        raise ConfigurationError(
            f"{name} belongs to Python and is not inserted.", hint=_instead(name)
        )
    if known in namespace:
        value = namespace[known]
        _refuse_all(name, value, namespace)
        return value
    if name == "error" and error is not None:
        return error
    raise _unknown(name, namespace)


def _refuse_all(name: str, value: object, namespace: Mapping[str, object]) -> None:
    """Refuse what holds everything that was typed, shown or defined."""
    everything = [namespace, *(namespace[each] for each in _HISTORIES if each in namespace)]
    if any(value is each for each in everything):
        raise ConfigurationError(
            f"{name} is not inserted whole: everything in it would be sent.",
            hint="One cell is {{In[3]}} or {{Out[3]}}; a variable is inserted by its name.",
        )


def _of_cell(match: re.Match[str], namespace: Mapping[str, object]) -> object:
    history, number = match["cells"], int(match["number"])
    cells = namespace.get(history)
    if isinstance(cells, list):
        # the first item of In is no cell: they are counted from 1
        cells = dict(enumerate(cells[1:], 1))
    if isinstance(cells, dict) and number in cells:
        return cells[number]
    raise _no_cell(history, number, cells if isinstance(cells, dict) else {})


def _sendable(name: str, value: object, keys: Iterable[ApiKey], limit: int) -> Summary:
    # the whole value first: its summary may hold less of a secret than can be known again
    refuse_secrets(name, value, keys)
    summary = summarize(value, limit)
    refuse_secrets(name, summary.text, keys)
    return summary


def _unknown(name: str, namespace: Mapping[str, object]) -> ConfigurationError:
    if name == "error":
        return ConfigurationError("There was no error to insert.", hint=_instead(name))
    names = [each for each in namespace if not each.startswith("_")]
    meant = did_you_mean(name, names, form="{{{{{}}}}}")
    return ConfigurationError(
        f"There is no variable {name!r} to insert.", hint=f"{meant} {_instead(name)}".strip()
    )


def _no_cell(history: str, number: int, cells: dict[int, object]) -> ConfigurationError:
    marker = f"{history}[{number}]"
    near = min(cells, key=lambda each: abs(each - number), default=None)
    meant = "" if near is None else f"The nearest one is {{{{{history}[{near}]}}}}. "
    what = "text" if history == "In" else "value"
    return ConfigurationError(
        f"There is no {what} of a cell {number} to insert.", hint=meant + _instead(marker)
    )


def _instead(name: str) -> str:
    return f"\\{{{{{name}}}}} sends the braces themselves, and --no-vars sends all braces."
