"""Server profiles: where requests go, and what is known of a server before asking it."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from chatwidget.client.auth.keys import redact
from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROFILES", "Server", "default_server", "find_server"]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that speaks the chat-completions protocol.

    Attributes
    ----------
    name
        What people call it.
    base_url
        The address that ``/chat/completions`` is appended to.
    key_variable
        The environment variable that holds its key; None if it needs none.
    default_model
        The model to use when none is named; None if the user must choose.
    transport
        The httpx transport that answers in place of the network, as ``module:class``; it is
        imported when first used. The asynchronous client takes the class ``Async…`` beside it.
    ranges
        Which values of a parameter make sense for its models, where that differs from the
        vendor's: the least, the greatest and the step of a slider.
    think_tags
        Whether what an answer says between ``<think>`` and ``</think>`` is its reasoning.
    baseline
        Fields that go with each request that does not say otherwise, where the server's own
        defaults would bend what the parameters mean.
    """

    name: str
    base_url: str
    key_variable: str | None = None
    default_model: str | None = None
    transport: str | None = None
    ranges: Mapping[str, tuple[float, float, float]] = field(default_factory=dict, hash=False)
    think_tags: bool = True
    baseline: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def origin(self) -> str:
        """The scheme, host and port that a key for this server is bound to."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def place(self) -> str:
        """Where it is, in words for the user."""
        if self.transport is None:
            return self.base_url
        return "on this machine" if self.baseline else "in this process"


# llama.cpp's own are 0.8, 0.95, 40 and 0.05, and it looks for repetitions in 64 tokens alone.
_VENDORS_DEFAULTS = {
    "temperature": 1,
    "top_p": 1,
    "top_k": 0,
    "min_p": 0,
    "repeat_penalty": 1,
    "repeat_last_n": 65_536,
}

PROFILES: dict[str, Server] = {
    server.name: server
    for server in (
        Server(
            "practice",
            "http://practice.invalid/v1",
            default_model="practice",
            transport="chatwidget.practice.transport:PracticeTransport",
        ),
        Server(
            "local",
            "http://local.invalid/v1",
            default_model="local",
            transport="chatwidget.local.transport:LocalTransport",
            baseline=_VENDORS_DEFAULTS,
        ),
        Server("openai", "https://api.openai.com/v1", key_variable="OPENAI_API_KEY"),
        Server("ollama", "http://127.0.0.1:11434/v1"),
        Server("lm-studio", "http://127.0.0.1:1234/v1"),
        Server("llama.cpp", "http://127.0.0.1:8080/v1"),
        Server("vllm", "http://127.0.0.1:8000/v1"),
    )
}


def default_server() -> Server:
    """Return the server that the environment names, or the practice model if it names none.

    ``OPENAI_BASE_URL`` and ``OPENAI_API_KEY`` are read, as the vendor's own client does.
    """
    base_url = os.environ.get("OPENAI_BASE_URL", "").strip()
    if base_url:
        return Server(_host(base_url), _checked_url(base_url), key_variable="OPENAI_API_KEY")
    if os.environ.get("OPENAI_API_KEY", "").strip():
        return PROFILES["openai"]
    return PROFILES["practice"]


def find_server(wanted: str | Server | None = None) -> Server:
    """Return a server by the name of its profile or by its address.

    An address gets no key from the environment: a key belongs to the place it was made for.

    Raises
    ------
    ConfigurationError
        If there is no such profile, or the address cannot be used.
    """
    if wanted is None:
        return default_server()
    if isinstance(wanted, Server):
        return wanted
    profile, _, model = wanted.partition(":")
    if profile == "local" and model:
        return replace(PROFILES["local"], default_model=model)
    if "/" in wanted or ":" in wanted:
        known = default_server()
        url = _checked_url(wanted)
        return known if known.base_url == url else Server(_host(url), url)
    if wanted not in PROFILES:
        listed = f"There are {', '.join(PROFILES)}; any other server is given by its address."
        raise ConfigurationError(
            f"There is no server profile {redact(wanted)!r}.",
            hint=did_you_mean(wanted, PROFILES, listed),
        )
    return PROFILES[wanted]


def _host(base_url: str) -> str:
    return urlsplit(base_url).netloc.rpartition("@")[2]


@lru_cache(maxsize=64)
def _checked_url(base_url: str) -> str:
    """Return an address without its last slash, if a key and a prompt may travel to it."""
    base_url = base_url.strip()
    if any(mark in base_url for mark in "@?#"):
        raise ConfigurationError(
            "A server's address holds no user name, password, query or fragment.",
            hint="Give the address alone, as https://host/v1, and the key by itself.",
        )
    parts = _split(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _no_address(base_url)
    if parts.scheme == "http" and not _is_loopback(parts):
        raise ConfigurationError(
            f"Plain http to {parts.hostname} would send prompts and keys unprotected.",
            hint="Use https; plain http is for this machine only.",
        )
    return f"{parts.scheme}:{base_url.partition(':')[2].rstrip('/')}"


def _split(base_url: str) -> SplitResult:
    """Split an address that any two programs split alike."""
    if not base_url.isprintable() or " " in base_url or "\\" in base_url:
        raise _no_address(base_url)
    try:
        parts = urlsplit(base_url)
        # Looking at the port checks it.
        _ = parts.port
    except ValueError:
        raise _no_address(base_url) from None
    return parts


def _no_address(base_url: str) -> ConfigurationError:
    return ConfigurationError(
        f"{base_url!r} is no address of a server.", hint="It looks like https://host/v1."
    )


def _is_loopback(parts: SplitResult) -> bool:
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
