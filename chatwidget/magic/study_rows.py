"""The rows of data of a study in a cell, and what of them may go out: no secret does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatwidget.magic.namespace import variable_named
from chatwidget.prompt.secrets import refuse_secrets
from chatwidget.tuning.prompts import read_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.tuning.definition import Definition

__all__ = ["check_rows", "columns_of", "rows_named"]


def rows_named(name: str | None, namespace: Mapping[str, object]) -> Any:
    """Return the rows that a variable of the user's holds; None if none is named.

    Raises
    ------
    ConfigurationError
        If there is no such variable.
    """
    if name is None:
        return None
    return variable_named(name, namespace, "a data frame, or a list of dictionaries")


def columns_of(rows: Any) -> list[str]:
    """Return the names of the columns.

    Raises
    ------
    ConfigurationError
        If they are no rows.
    """
    return [*dict.fromkeys(name for row in read_data(rows).values() for name in row)]


def check_rows(definition: Definition, keys: Sequence[ApiKey]) -> None:
    """Refuse rows that would send a secret in one of the columns that the prompts take.

    Raises
    ------
    ConfigurationError
        If there is one.
    """
    for row in definition.data.values():
        for name in definition.names & row.keys():
            value = row[name]
            refuse_secrets(name, value if isinstance(value, str) else json.dumps(value), keys)
