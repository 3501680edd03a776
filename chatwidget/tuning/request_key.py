"""The key of a request: what all requests have in common that ask the same of the same server."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["request_key"]

_TRANSPORT = frozenset({"stream", "stream_options"})
"""How an answer travels makes it no other answer."""


def request_key(url: str, body: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of the canonical JSON of an address and a request as it was wanted.

    It holds the model, and what the server refuses is left in: it may have learned or forgotten
    that in the meantime. Numbers are equal if they are so in JSON: 1 and 1.0.
    """
    fields = {name: _canonical(value) for name, value in body.items() if name not in _TRANSPORT}
    text = json.dumps([url, fields], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _canonical(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _canonical(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(each) for each in value]
    return value
