"""What an answer was asked with, as long as both live: so that it can be asked in another way.

It is no part of the answer, so that no copy, file or output of one holds a key.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["Asked", "asked_with", "remember", "require_asked"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was sent.

    Attributes
    ----------
    server
        Where it went.
    key
        The key for that server, or None.
    body
        The JSON that was posted.
    begun
        How many tokens the answer began with.
    """

    server: Server
    key: ApiKey | None = field(repr=False)
    body: bytes = field(repr=False)
    begun: int = 0


_asked: dict[int, tuple[weakref.ref[ChatCompletion], Asked]] = {}


def remember(completion: ChatCompletion, asked: Asked) -> None:
    """Remember what an answer was asked with."""
    number = id(completion)
    _asked[number] = weakref.ref(completion, lambda _: _asked.pop(number, None)), asked


def asked_with(completion: ChatCompletion) -> Asked | None:
    """Return what an answer was asked with; None for one that was copied or read from a file."""
    found = _asked.get(id(completion))
    return found[1] if found is not None and found[0]() is completion else None


def require_asked(completion: ChatCompletion, hint: str = "Ask again in this session.") -> Asked:
    """Return what an answer was asked with.

    Raises
    ------
    ConfigurationError
        If nobody knows.
    """
    asked = asked_with(completion)
    if asked is None:
        raise ConfigurationError(
            "This answer does not know any more what it was asked with.", hint=hint
        )
    return asked
