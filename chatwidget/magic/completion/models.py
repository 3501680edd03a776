"""The models of servers, remembered: a server is asked seldom, and never waited for long."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from chatwidget.client.errors import ChatWidgetError

if TYPE_CHECKING:
    from chatwidget.client.client import ChatClient

__all__ = ["known_models"]

_PATIENCE = 1.0
_FRESH = 300.0


@dataclass
class _Inquiry:
    """What a server was asked, and what it has said so far."""

    began: float = field(default_factory=time.monotonic)
    names: tuple[str, ...] = ()
    is_over: threading.Event = field(default_factory=threading.Event)

    def run(self, client: ChatClient) -> None:
        try:
            self.names = tuple(model.id for model in client.list_models())
        except ChatWidgetError:
            pass  # who types a name is not to be told of it: %chat models does that
        finally:
            self.is_over.set()


_inquiries: WeakKeyDictionary[ChatClient, _Inquiry] = WeakKeyDictionary()


def known_models(client: ChatClient) -> tuple[str, ...]:
    """Return the models of a client's server; none if it does not say them within a second.

    What it says later is known the next time.
    """
    inquiry = _inquiries.get(client)
    if inquiry is None or time.monotonic() - inquiry.began > _FRESH:
        inquiry = _inquiries[client] = _Inquiry()
        threading.Thread(target=inquiry.run, args=(client,), daemon=True).start()
        inquiry.is_over.wait(_PATIENCE)
    return inquiry.names
