"""Errors of servers that name an unsupported parameter: one that they do not take at all.

A value that is merely wrong is the user's to change; so is a combination of parameters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chatwidget.client.errors import APIStatusError
from chatwidget.client.request.parameters import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Collection

    from chatwidget.client.errors import StreamError

__all__ = ["server_message", "unsupported_parameter"]

_STATUSES = (400, 422)
_CODES = frozenset(
    {"unsupported_parameter", "unsupported_value", "unknown_parameter", "extra_forbidden"}
)
_VALUE_CODES = frozenset({"invalid_value", "invalid_type"})

_REFUSED = (
    r"(?:unsupported|unknown|unrecogni[sz]ed|unexpected|extra_forbidden"
    r"|(?:not|n't) (?:currently |yet )?(?:support(?:ed)?|permitted|available|enabled)"
    r"|deprecated for this)"
)
_KIND = r"(?:(?:parameter|argument|field|option|property|input)(?:s|\(s\))?)"
_LINK = r":?(?: extra inputs)?(?: is| are| does)?"
_REFUSING = re.compile(_REFUSED, re.IGNORECASE)
# It would be taken with another value, or without another parameter.
_CONDITION = re.compile(
    r"\b(?:supported values|must be|at most|at least|less than|greater than|between|range|too \w+"
    r"|when|unless|both|combin\w+|used together|together with|tools with"
    r"|(?:with|without) (?:reasoning|thinking|tools|function))\b",
    re.IGNORECASE,
)
_NAMED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 'top_p' is not supported; top_p: Extra inputs are not permitted
        rf"(?<![\w.\[])(\w+)['\"`]?(?: {_KIND})?{_LINK} ?{_REFUSED}",
        # Unsupported parameter(s): `top_p`; unexpected keyword argument 'top_p'
        rf"{_REFUSED}(?:,? (?:request|keyword|name|the|supplied|{_KIND}))*:? ?\[?['\"`]?(\w+)\b",
        # 'type': 'extra_forbidden', 'loc': ('body', 'top_p')
        r"extra_forbidden\W+loc\W+body\W+(\w+)",
    )
]


def unsupported_parameter(error: APIStatusError | StreamError, sent: Collection[str]) -> str | None:
    """Return the unsupported parameter that a server's error names, or None.

    Parameters
    ----------
    error
        What the server answered, by a status or in place of a stream.
    sent
        The names of the parameters that it could mean.
    """
    words = server_message(error)
    if isinstance(error, APIStatusError) and error.status_code not in _STATUSES:
        return None
    if error.code in _VALUE_CODES:
        return None
    if _CONDITION.search(words):
        return None
    known = [name for name in sent if name in PARAMETERS]
    named = _outermost(error.param or "")
    if named in known and ({error.code, error.type} & _CODES or _REFUSING.search(words)):
        return named
    found = [match[1].lower() for pattern in _NAMED for match in pattern.finditer(words)]
    return next((name for name in found if name in known), None)


def server_message(error: APIStatusError | StreamError) -> str:
    """Return what the server said, without what we say before it."""
    return re.sub(r"^The server (answered \d+|reports): ", "", error.message)


def _outermost(param: str) -> str:
    """Return the field that a path leads into: ``tools`` for ``body.tools[0].type``."""
    return re.split(r"[.\[/]", param.removeprefix("body."), maxsplit=1)[0]
