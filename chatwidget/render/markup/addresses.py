"""Web and mail addresses that every front end parses.

One that a browser cannot parse is a path to it, and a front end opens the Jupyter server's own
files under it. So an address is a link only if it is one for a stricter reader, too.
"""

from __future__ import annotations

import re
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address

__all__ = ["is_address"]

_LONGEST = 4000
_MAIL = re.compile(r"mailto:[^\s\x00-\x20\x7f-\x9f]+", re.IGNORECASE)
_WEB = re.compile(
    r"https?://(?:[^\s/?#@\\\[\]]*@)?(?:\[(?P<ipv6>[^\]\s]*)\]|(?P<name>[\w.-]+))"
    r"(?::(?P<port>\d{1,5}))?(?:[/?#][^\s\x00-\x20\x7f-\x9f]*)?",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE | re.ASCII)
_LAST_PORT = 65535


def is_address(text: str) -> bool:
    """Tell whether a text is a web address or a mail address."""
    if len(text) > _LONGEST:
        return False
    if _MAIL.fullmatch(text):
        return True
    found = _WEB.fullmatch(text)
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        return False
    with suppress(ValueError):  # of which errors of encodings are a kind
        return _is_host(found["ipv6"], found["name"])
    return False


def _is_host(ipv6: str | None, name: str | None) -> bool:
    """Tell whether a host is one; a ValueError says no as well."""
    if name is None:
        return IPv6Address(ipv6 or "") is not None
    labels = name.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):  # then a browser takes the whole for numbers
        return IPv4Address(name) is not None
    for label in labels:
        if label.lower().startswith("xn--"):
            label.encode().decode("idna")
    return all(labels)
