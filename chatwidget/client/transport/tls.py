"""TLS verification: whether an HTTP client checks whom it talks to."""

from __future__ import annotations

import ssl
import warnings
from typing import TYPE_CHECKING, Any

from chatwidget.client.transport.httpx_internals import pool_of

if TYPE_CHECKING:
    from chatwidget.client.auth.servers import Server

__all__ = ["warn_if_unverified"]


def warn_if_unverified(http_client: Any, server: Server) -> None:
    """Warn if a client would talk to a server without checking its certificate.

    What cannot be looked into, such as a transport of the user's own, is trusted.
    """
    if not server.base_url.startswith("https:"):
        return
    pool = pool_of(http_client, http_client.base_url.join(server.base_url))
    context = getattr(pool, "_ssl_context", None)
    if not isinstance(context, ssl.SSLContext):
        return
    if context.verify_mode == ssl.CERT_NONE or not context.check_hostname:
        warnings.warn(
            f"The http_client does not check that it talks to {server.name}: whoever is on the "
            "way can read the key, the prompts and the answers, and change them. If the "
            "certificate is your institution's own, give its file as "
            "verify=ssl.create_default_context(cafile=...) in place of verify=False.",
            stacklevel=3,
        )
