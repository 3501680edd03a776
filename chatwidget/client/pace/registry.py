"""The paces of this process: one for each server, key and model."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from chatwidget.client.forks import fork_safe
from chatwidget.client.pace.pace import Pace

if TYPE_CHECKING:
    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.auth.servers import Server

__all__ = ["pace_of"]

_MOST = 256
_salt = os.urandom(16)
_paces: OrderedDict[tuple[str, str, str], Pace] = OrderedDict()
# Whoever looks up a pace; held for a look-up, and no pace is waited for under it.
_lock = fork_safe(threading.Lock())


def pace_of(server: Server, key: ApiKey | None, model: str) -> Pace:
    """Return the pace that all who ask a server with a key for a model share.

    No key is kept: the same one is known again by a hash that means something in this process
    alone.
    """
    identity = (server.base_url, key.fingerprint(_salt) if key is not None else "", model)
    with _lock:
        pace = _paces.pop(identity, None) or Pace()
        _paces[identity] = pace
        if len(_paces) > _MOST:
            _paces.popitem(last=False)
        return pace
