"""The environment of an HTTP client: the variables that name proxies and certificates.

An HTTP library reads them when a client is made, and fails in ways of its own at what they hold.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from chatwidget.client.auth.keys import redact
from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.client.auth.servers import Server

__all__ = [
    "Setting",
    "certificate_error",
    "certificate_setting",
    "names_proxy",
    "proxy_error",
    "proxy_setting",
    "set_up_error",
]

_KINDS = ("http", "https", "socks5", "socks5h")
_SOCKS = "%pip install 'httpx[socks]'"


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable of the environment that is set, or what the system has in its place."""

    variable: str
    value: str

    @property
    def shown(self) -> str:
        """The value without the name and the password that may stand before a host."""
        kind, mark, rest = self.value.rpartition("//")
        return redact(kind + mark + rest.rpartition("@")[2])

    def __str__(self) -> str:
        return f"{self.variable}={self.shown}"


def proxy_setting(server: Server) -> Setting | None:
    """Return the setting by which requests to a server go through a proxy, or None."""
    is_excepted = proxy_bypass(urlsplit(server.base_url).hostname or "")
    return None if is_excepted else next(_proxy_settings("https", "all"), None)


def names_proxy() -> bool:
    """Tell whether the environment names a proxy, which NO_PROXY may except a server from."""
    return next(_proxy_settings("https", "all"), None) is not None


def certificate_setting() -> Setting | None:
    """Return the setting that names other authorities than the usual ones, or None."""
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    return next((Setting(name, os.environ[name]) for name in names if os.environ.get(name)), None)


def certificate_error(error: Exception) -> ConfigurationError:
    """Return the error of certificates that could not be loaded."""
    log, setting = os.environ.get("SSLKEYLOGFILE"), certificate_setting()
    if log and getattr(error, "filename", None) == log:
        return _refused(Setting("SSLKEYLOGFILE", log), "names {}, which cannot be written")
    if setting is None:
        return set_up_error(error)
    is_there = Path(setting.value).exists()
    why = "holds no certificates that can be read" if is_there else "is not there"
    return _refused(setting, f"names {{}}, which {why}")


def proxy_error(error: Exception) -> ConfigurationError:
    """Return the error of a client that could not be made for the proxies that are named."""
    for setting in _proxy_settings("https", "all", "http"):
        kind = setting.value.partition("://")[0].lower() if "://" in setting.value else "http"
        if kind.startswith("socks") and (kind not in _KINDS or isinstance(error, ImportError)):
            step = "Install" if kind in _KINDS else "Write it as socks5://…, install"
            return ConfigurationError(
                f"{setting} names a SOCKS proxy that cannot be used as it is.",
                hint=f"{step} what it takes with {_SOCKS}, or remove {setting.variable}.",
            )
        if kind not in _KINDS or not _is_address(setting.value):
            return ConfigurationError(
                f"{setting} is no address of a proxy.",
                hint=f"Write it as http://host:port, or remove {setting.variable}.",
            )
    return _no_proxy_error() or set_up_error(error)


def set_up_error(error: Exception) -> ConfigurationError:
    """Return the error of a client that could not be made, for whatever reason."""
    said = redact(f"{type(error).__name__}: {error}")
    return ConfigurationError(f"The HTTP client could not be made: {said.rstrip('.')}.")


def _no_proxy_error() -> ConfigurationError | None:
    hosts = getproxies().get("no")
    if not hosts:
        return None
    return ConfigurationError(
        f"{Setting(_variable('no'), hosts)} holds what is no host, such as a range of addresses.",
        hint="Name hosts and single addresses there, parted by commas, as localhost,127.0.0.1.",
    )


def _refused(setting: Setting, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{setting.variable} {why.format(setting.shown)}.",
        hint=f"Correct {setting.variable}, or remove it.",
    )


def _proxy_settings(*schemes: str) -> Iterator[Setting]:
    proxies = getproxies()
    return (Setting(_variable(name), proxies[name]) for name in schemes if proxies.get(name))


def _variable(scheme: str) -> str:
    """Return the name of a variable as it is set; the small letters count more."""
    name = f"{scheme}_proxy"
    return name if os.environ.get(name) else name.upper()


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value if "//" in value else f"//{value}")
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
