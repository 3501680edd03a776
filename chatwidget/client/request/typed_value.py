"""Values of request parameters as people type them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatwidget.client.request.parameter import Parameter

__all__ = ["json_or_text", "read_value"]


def read_value(parameter: Parameter, text: Any) -> Any:
    """Read the value of a request parameter as it is typed; whoever takes it checks it.

    Numbers, true and false, lists and objects are JSON; a text needs no quotes, and a word may be
    short for an object. What is no text has been read already.
    """
    value = json_or_text(text)
    if isinstance(value, str) and value in parameter.words:
        return {"type": value}
    if "string" in parameter.kinds and not isinstance(value, (dict, list)):
        return text
    return _number_or_text(value) if "number" in parameter.kinds else value


def json_or_text(text: Any) -> Any:
    """Read a text as JSON if it is; anything else is returned as it is."""
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def _number_or_text(value: Any) -> Any:
    """Return a number that is none in JSON, such as ``.2``; anything else as it is."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value
