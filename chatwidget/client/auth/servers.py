"""Server profiles: where requests go, and what is known of a server before asking it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from chatwidget.client.auth.consent import consent_to, has_consent, is_loopback, is_private
from chatwidget.client.auth.keys import redact
from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ENDPOINT",
    "PROFILES",
    "Server",
    "allow_plain_http",
    "default_notice",
    "default_server",
    "find_server",
    "needs_consent",
]


ENDPOINT = "/chat/completions"
"""The path of a chat completion, which a pasted address may have."""

_SECRET = re.compile(r"key|token|secret|passw|sig|auth|credential", re.IGNORECASE)


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
    told_ranges
        The function that returns those which the running server tells of, as ``module:function``.
    think_tags
        Whether what an answer says between ``<think>`` and ``</think>`` is its reasoning.
    baseline
        Fields that go with each request that does not say otherwise, where the server's own
        defaults would bend what the parameters mean.
    query
        What follows the path of each request after a question mark, as ``api-version=1``.
    is_available
        The function that tells whether it can answer on this machine, as ``module:function``; None
        if only asking it tells.
    """

    name: str
    base_url: str
    key_variable: str | None = None
    default_model: str | None = None
    transport: str | None = None
    ranges: Mapping[str, tuple[float, float, float]] = field(default_factory=dict, hash=False)
    think_tags: bool = True
    baseline: Mapping[str, Any] = field(default_factory=dict, hash=False)
    query: str = ""
    is_available: str | None = None
    told_ranges: str | None = None

    def range_of(self, name: str) -> tuple[float, float, float] | None:
        """Return which values of a parameter make sense, if that differs from the vendor's."""
        told = _call(self.told_ranges) if self.told_ranges else {}
        return told.get(name) or self.ranges.get(name)

    def url(self, path: str = "") -> str:
        """Return the address of a path below the base address, with the query."""
        return f"{self.base_url}{path}" + (f"?{self.query}" if self.query else "")

    @property
    def origin(self) -> str:
        """The scheme, host and port that a key for this server is bound to."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_practice(self) -> bool:
        """Whether the practice model answers, in this process."""
        return (self.transport or "").startswith("chatwidget.practice.")

    @property
    def place(self) -> str:
        """Where it is, in words for the user."""
        if self.transport is None:
            return self.url()
        return "on this machine" if self.baseline else "in this process"


# llama.cpp's own are 0.8, 0.95, 40 and 0.05, and it looks for repetitions in 64 tokens alone. A
# small model may repeat itself for ever, so that its answers have a limit.
_BASELINE_OF_LLAMA = {
    "max_tokens": 1_024,
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
            baseline=_BASELINE_OF_LLAMA,
            is_available="chatwidget.local.catalog:has_default_model",
            told_ranges="chatwidget.local.context:ranges",
        ),
        Server("openai", "https://api.openai.com/v1", key_variable="OPENAI_API_KEY"),
        Server("ollama", "http://127.0.0.1:11434/v1"),
        Server("lm-studio", "http://127.0.0.1:1234/v1"),
        Server("llama.cpp", "http://127.0.0.1:8080/v1"),
        Server("vllm", "http://127.0.0.1:8000/v1"),
    )
}


_EMBEDDED = (PROFILES["local"], PROFILES["practice"])
"""What answers where nobody has said who shall, the first that can."""

_NAMING = ("CHATWIDGET_SERVER", "OPENAI_BASE_URL", "OPENAI_API_KEY")


def default_server() -> Server:
    """Return the server that the environment names, or a model of this machine if it names none.

    ``CHATWIDGET_SERVER`` holds a profile or an address; after it ``OPENAI_BASE_URL`` and
    ``OPENAI_API_KEY`` are read, as the vendor's own client does. Else the local model answers if
    it is installed, and the practice model where it is not.
    """
    named = os.environ.get("CHATWIDGET_SERVER", "").strip()
    if named:
        return find_server(named)
    return _vendors_server() or next(filter(_is_available, _EMBEDDED))


def default_notice(server: Server) -> str:
    """Return what is said where nobody has chosen a server; empty for one that somebody has."""
    named = any(os.environ.get(name, "").strip() for name in _NAMING)
    if named or server not in _EMBEDDED:
        return ""
    return f"No key and no server are set, so the {server.name} model answers {server.place}."


def _vendors_server() -> Server | None:
    """Return the server that the variables of the vendor's own client name."""
    base_url = os.environ.get("OPENAI_BASE_URL", "").strip()
    if base_url:
        return _server_at(base_url, "OPENAI_API_KEY")
    return PROFILES["openai"] if os.environ.get("OPENAI_API_KEY", "").strip() else None


def _is_available(server: Server) -> bool:
    return server.is_available is None or bool(_call(server.is_available))


def _call(place: str) -> Any:
    """Call the function at a place, ``module:function``."""
    module, function = place.split(":")
    return getattr(import_module(module), function)()


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
        known, found = _vendors_server(), _server_at(wanted)
        return known if known and known.url() == found.url() else found
    if wanted not in PROFILES:
        listed = f"There are {', '.join(PROFILES)}; any other server is given by its address."
        raise ConfigurationError(
            f"There is no server profile {redact(wanted)!r}.",
            hint=did_you_mean(wanted, PROFILES, listed),
        )
    return PROFILES[wanted]


def allow_plain_http(address: str) -> None:
    """Remember the consent to plain http to a server, which only one near may get.

    Raises
    ------
    ConfigurationError
        If it is no address, or the consent cannot be remembered.
    """
    base_url, _ = _checked_url(address)
    server = Server(_host(base_url), base_url)
    if base_url.startswith("http:") and is_private(urlsplit(base_url).hostname or ""):
        try:
            consent_to(server.origin)
        except OSError as error:
            raise ConfigurationError(
                f"The consent to {server.origin} cannot be remembered: {error.strerror}.",
                hint="Name a folder that can be written in the variable CHATWIDGET_DATA.",
            ) from None


def needs_consent(address: str) -> bool:
    """Tell whether an address is refused until somebody consents to plain http there.

    Raises
    ------
    ConfigurationError
        If it is no address.
    """
    base_url, _ = _checked_url(address)
    host = urlsplit(base_url).hostname or ""
    is_near = base_url.startswith("http:") and is_private(host) and not is_loopback(host)
    return is_near and not has_consent(Server(host, base_url).origin)


def _host(base_url: str) -> str:
    return urlsplit(base_url).netloc.rpartition("@")[2]


def _server_at(address: str, key_variable: str | None = None) -> Server:
    """Return the server at an address, if a key and a prompt may travel to it."""
    base_url, query = _checked_url(address)
    server = Server(_host(base_url), base_url, key_variable=key_variable, query=query)
    host = urlsplit(base_url).hostname or ""
    if base_url.startswith("http:") and not is_loopback(host):
        if not is_private(host):
            raise _unprotected(host, "Use https; plain http is for networks of your own.")
        if needs_consent(address):
            step = f"If the network is yours, allow it once with %chat use {base_url} --insecure"
            raise _unprotected(host, f"{step}, or use https.")
    return server


def _unprotected(host: str, hint: str) -> ConfigurationError:
    return ConfigurationError(
        f"Plain http to {host} would send prompts and keys unprotected.", hint=hint
    )


@lru_cache(maxsize=64)
def _checked_url(address: str) -> tuple[str, str]:
    """Return an address without its endpoint and its last slash, and its query."""
    address = address.strip()
    base_url, _, query = address.partition("?")
    if any(mark in address for mark in "@#") or _holds_secret(query):
        raise ConfigurationError(
            "A server's address holds no user name, password, fragment or secret in its query.",
            hint="Give the address alone, as https://host/v1, and the key by itself.",
        )
    parts = _split(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _is_sendable(query):
        raise _no_address(address)
    base_url = base_url.rstrip("/").removesuffix(ENDPOINT).rstrip("/")
    return f"{parts.scheme}:{base_url.partition(':')[2]}", query


def _holds_secret(query: str) -> bool:
    fields = parse_qsl(query, keep_blank_values=True)
    return redact(query) != query or any(_SECRET.search(name) for name, _ in fields)


def _is_sendable(query: str) -> bool:
    return query.isascii() and query.isprintable() and " " not in query


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
