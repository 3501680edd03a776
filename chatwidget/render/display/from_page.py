"""What a page sends, read as one of the messages that there are; it may send anything."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from chatwidget.client.text import clean

__all__ = ["read_message"]


def read_message(content: object, kind: Any) -> Any:
    """Return what a page sends as a message of a kind; None if it is none.

    Half a character, which a page can send and nothing else can take, becomes U+FFFD.
    """
    try:
        return msgspec.convert(_encodable(content), kind)
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
        return None


def _encodable(content: object) -> object:
    try:
        msgspec.json.encode(content)
    except UnicodeEncodeError:
        return json.loads(clean(json.dumps(content, ensure_ascii=False)))
    return content
