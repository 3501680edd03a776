"""Throwaway certificates for a scripted server that speaks TLS."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    import trustme

__all__ = ["tls_context"]


def tls_context(
    authority: trustme.CA, name: str = "127.0.0.1", not_after: dt.datetime | None = None
) -> ssl.SSLContext:
    """Make a server's context with a fresh certificate for a host name or address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=not_after).configure_cert(context)
    return context
