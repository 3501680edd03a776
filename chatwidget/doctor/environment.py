"""Checks of the environment: the way to a server before it is asked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from chatwidget.doctor.finding import Finding, bad, good, neutral

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.auth.servers import Server

__all__ = ["check_environment"]


def check_environment(server: Server, key: ApiKey | None) -> Iterator[Finding]:
    """Check the environment: the address, the key, the proxy and the certificates."""
    yield good("address", f"{server.name}: {server.place}.")
    yield _key(server, key)
    if server.base_url.startswith("https:"):
        yield _proxy(server)
        yield _certificates()
    else:
        yield neutral("proxy", "None is used: the server is on this machine.")
        yield neutral("certificates", "None are used: the server is on this machine.")


def _key(server: Server, key: ApiKey | None) -> Finding:
    if key is not None:
        return good("key", f"There is one, from {key.source}; it goes to {key.origin} only.")
    if server.key_variable:
        step = f"Set {server.key_variable} before the notebook starts, or run %chat key."
        return bad("key", f"There is none for {server.origin}.", step)
    return neutral("key", "There is none; many servers on one's own machine need none.")


def _proxy(server: Server) -> Finding:
    proxies, host = getproxies(), urlsplit(server.base_url).hostname or ""
    address = proxies.get("https") or proxies.get("all")
    if not address:
        return neutral("proxy", "The environment names none.")
    if proxy_bypass(host):
        return neutral("proxy", f"The environment names one, and NO_PROXY excepts {host}.")
    # Only the host and the port: there may be a password before them.
    parts = urlsplit(address if "//" in address else f"//{address}")
    return good("proxy", f"Requests go through {parts.netloc.rpartition('@')[2]} (HTTPS_PROXY).")


def _certificates() -> Finding:
    for variable in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        path = os.environ.get(variable)
        if path and Path(path).exists():
            return good("certificates", f"Servers are checked against {path} ({variable}).")
        if path:
            step = f"Correct {variable}, or remove it."
            return bad("certificates", f"{variable} names {path}, which is not there.", step)
    step = ""
    if os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE"):
        step = "REQUESTS_CA_BUNDLE is not read here: set SSL_CERT_FILE to the same file."
    return neutral("certificates", "Servers are checked against the usual authorities.", step)
