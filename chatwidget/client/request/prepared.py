"""A request to look at before it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.wire.ledger import Ledger

__all__ = ["Draft"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A request as it would be sent now.

    Attributes
    ----------
    url
        The whole address.
    body
        The JSON that would be posted.
    wanted
        The JSON as it was asked for, with all that the server is known to refuse.
    key
        The key that would go along, or None; it shows itself to nobody.
    ledger
        What of the parameters is sent, and what is known to be refused.
    """

    url: str
    body: bytes = field(repr=False)
    wanted: bytes = field(repr=False)
    key: ApiKey | None
    ledger: Ledger = field(repr=False)
