"""Consent to plain http in networks of one's own, remembered for each origin."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from chatwidget.client.json_store import JsonStore

__all__ = ["consent_to", "has_consent", "is_loopback", "is_private"]

# A container or a machine of the local network: one word, or a name that no public server has.
_LOCAL_NAME = re.compile(
    r"(?!0x)[a-z](?:[a-z0-9_-]*[a-z0-9])?"
    r"|(?:[a-z0-9_-]+\.)+(?:local|localdomain|internal|intranet|lan|home\.arpa)",
    re.IGNORECASE,
)


class _File(msgspec.Struct):
    version: Literal[1] = 1
    plain_http: list[str] = []


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    address = _ip_address(host)
    return host == "localhost" if address is None else address.is_loopback


def is_private(host: str) -> bool:
    """Tell whether a host is in a network of its users' own: at home, at work, of containers."""
    address = _ip_address(host)
    if address is None:
        return _LOCAL_NAME.fullmatch(host) is not None
    return address.is_private and not address.is_link_local and not address.is_unspecified


def consent_to(origin: str) -> None:
    """Remember that plain http may go to an origin.

    Raises
    ------
    OSError
        If it cannot be remembered.
    """
    _store().change(lambda file: file.plain_http.append(origin))


def has_consent(origin: str) -> bool:
    """Tell whether somebody has consented to plain http to an origin."""
    return origin in _store().read().plain_http


def _store() -> JsonStore[_File]:
    # Seldom needed, and to load them takes a tenth of what the extension may take.
    from chatwidget.client.data_folder import data_folder  # noqa: PLC0415
    from chatwidget.client.json_store import JsonStore  # noqa: PLC0415

    return JsonStore(data_folder() / "consent.json", _parse)


def _parse(stored: Any) -> tuple[_File, bool]:
    try:
        return msgspec.convert(stored, _File), True
    except msgspec.ValidationError:
        return _File(), stored is None


def _ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
