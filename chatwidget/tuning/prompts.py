"""The prompts of a study and the rows of data that fill them, as plain data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.body import wire_messages
from chatwidget.client.request.markers import replace_markers

if TYPE_CHECKING:
    import re

__all__ = ["Prompt", "fill", "names_in", "read_data", "read_prompts"]

Prompt: TypeAlias = str | list[dict[str, Any]]
"""A text, or the messages of a conversation."""

_LONGEST_NAME = 40
_MISSING = ("nan", "NaT", "<NA>")
_NAME = "item"
"""The column that names the rows, if there is one."""


def read_prompts(given: Any) -> dict[str, Prompt]:
    """Return the prompts by their names.

    Parameters
    ----------
    given
        A text; a list of messages; a list of such prompts; or a dictionary that names them. What
        has no name is called by how it begins.

    Raises
    ------
    ConfigurationError
        If there are none.
    ParameterError
        If a message of theirs cannot be sent.
    """
    if isinstance(given, Mapping) and "role" not in given:
        named = {str(name): _prompt(prompt) for name, prompt in given.items()}
    else:
        prompts = [_prompt(given)] if _is_one(given) else [_prompt(each) for each in given]
        named = dict(zip(_names(map(_beginning, prompts)), prompts, strict=True))
    if not named:
        raise ConfigurationError("A study needs at least one prompt.")
    return named


def read_data(given: Any) -> dict[str, dict[str, Any]]:
    """Return rows of data by their names, each a dictionary of plain values.

    Parameters
    ----------
    given
        A data frame of pandas or polars, or a list of dictionaries; None is no data. The column
        ``item`` names the rows, else they are numbered from 1.

    Raises
    ------
    ConfigurationError
        If they are no rows.
    """
    if given is None:
        return {}
    try:
        rows = [{str(name): _plain(value) for name, value in row.items()} for row in _rows(given)]
    except RecursionError:
        raise ConfigurationError("The data of a study holds a value that is too deep.") from None
    names = [str(row.get(_NAME, number)) for number, row in enumerate(rows, 1)]
    if not rows:
        raise ConfigurationError("The data of a study has no rows.")
    return dict(zip(_names(names), rows, strict=True))


def fill(prompt: Prompt, variables: Mapping[str, Any]) -> Prompt:
    """Return a prompt with the values of variables in the place of their markers.

    Raises
    ------
    ConfigurationError
        If a marker names no variable.
    """

    def value_of(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in variables:
            raise _unknown(match["marker"], variables)
        value = variables[name]
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    filled: Prompt = _mapped(prompt, lambda text: replace_markers(text, value_of))
    return filled


def names_in(prompt: Prompt) -> set[str]:
    """Return the names of the variables in a prompt."""
    found = set()

    def note(match: re.Match[str]) -> str:
        found.add(match["name"] or match["marker"])
        return ""

    _mapped(prompt, lambda text: replace_markers(text, note))
    return found


def _mapped(value: Any, change: Any) -> Any:
    """Return a prompt with each of its texts changed: contents, and the texts of their parts."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(each, change) if isinstance(each, dict) else each for each in value]
    return {
        name: _mapped(each, change) if name in ("content", "text") and each is not None else each
        for name, each in value.items()
    }


def _is_one(given: Any) -> bool:
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        return True
    return bool(given) and all(not isinstance(each, str | list | tuple) for each in given)


def _prompt(given: Any) -> Prompt:
    if isinstance(given, str):
        return given
    messages: Prompt = json.loads(json.dumps(wire_messages(given)))
    return messages


def _beginning(prompt: Prompt) -> str:
    text = prompt if isinstance(prompt, str) else prompt[-1].get("content")
    if not isinstance(text, str):
        text = next((part.get("text", "") for part in text or () if "text" in part), "")
    line = next(iter(text.strip().splitlines()), "") or "prompt"
    return line if len(line) <= _LONGEST_NAME else f"{line[:_LONGEST_NAME].rstrip()}…"


def _names(names: Iterable[str]) -> list[str]:
    """Return names of which none occurs twice."""
    unique: list[str] = []
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for name in names:
        found = name
        while found in taken:
            counts[name] = counts.get(name, 1) + 1
            found = f"{name} ({counts[name]})"
        taken.add(found)
        unique.append(found)
    return unique


def _rows(given: Any) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]]
    if hasattr(given, "to_dicts"):  # polars
        rows = given.to_dicts()
    elif hasattr(given, "to_dict") and hasattr(given, "columns"):  # pandas
        rows = given.to_dict("records")
    else:
        rows = list(given) if isinstance(given, Iterable) else [given]
    if isinstance(given, Mapping) or not all(isinstance(row, Mapping) for row in rows):
        raise ConfigurationError(
            "The data of a study is a data frame, or a list of dictionaries; "
            f"got {type(given).__name__}."
        )
    return rows


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; what JSON does not know becomes its text."""
    if hasattr(value, "tolist"):  # a number of numpy, or an array or a series of them
        value = value.tolist()
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        return None if str(value) in _MISSING else str(value)


def _unknown(marker: str, variables: Mapping[str, Any]) -> ConfigurationError:
    columns = ", ".join(variables) or "none"
    hint = did_you_mean(
        marker.strip("{} \t"), variables, f"The columns are: {columns}.", form="{{{{{}}}}}"
    )
    return ConfigurationError(f"The data has no column for {marker}.", hint=hint)
