"""API keys, which never show and go only to their server; the keyring; and redaction.

A key in the keyring of the system is saved under the origin that it is for, and is found for no
other; the package keyring is optional.
"""

from __future__ import annotations

import hashlib
import os
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

from chatwidget.client.auth.key_finder import KeyFinder, KeyFinders
from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, Sequence

__all__ = [
    "ApiKey",
    "delete_key",
    "key_from_environment",
    "redact",
    "save_key",
    "saved_key",
    "secret_headers",
]


_SHORTEST_SECRET = 8
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9_-]* +(?=\S+\s*$)")
_SECRET_HEADER = re.compile(r"(?i)key|token|secret|passw|auth|credential|cookie|signature")
_HEADER = re.compile(
    r"(?!(?i:host|content-type|content-length|transfer-encoding)$)[\w!#$%&'*+.^`|~-]+", re.ASCII
)
_NO_SECRET_HEADERS = frozenset({"idempotency-key", "x-idempotency-key"})
_BEARER = re.compile(r"(?i)\bbearer\s+\S+")
_KEY_SHAPED = re.compile(r"\b(?:sk|pk|key)-[\w*-]{6,}|(?<![\w-])[\w-]*\*{3,}[\w*-]*")


class _Request(Protocol):
    """What this module needs to know of an HTTP request."""

    @property
    def headers(self) -> MutableMapping[str, str]: ...


AnyRequest = TypeVar("AnyRequest", bound=_Request)


class ApiKey:
    """A secret for one server.

    It shows where it came from, never what it is, and refuses to be pickled.

    Parameters
    ----------
    secret
        The key; white space around it is dropped.
    origin
        The scheme, host and port that it may be sent to, as ``https://api.openai.com``.
    source
        Where it came from, in words for the user.
    header
        The header that it is sent in.
    others
        More keys for the same server, which go along in headers of their own.

    Raises
    ------
    ConfigurationError
        If the key is empty or holds characters that an HTTP header cannot carry.
    """

    __slots__ = ("_header", "_others", "_scheme", "_secret", "origin", "source")

    def __init__(
        self,
        secret: str,
        *,
        origin: str,
        source: str,
        header: str = "",
        others: Sequence[ApiKey] = (),
    ) -> None:
        # A header says itself how: "Basic …" is no part of a secret.
        scheme = _SCHEME.match(secret) if header else None
        self._scheme = scheme[0] if scheme else "" if header else "Bearer "
        self._header = header or "Authorization"
        self._others = tuple(others)
        self._secret = secret.removeprefix(scheme[0] if scheme else "").strip()
        # A traceback that shows locals must find nothing here.
        del secret
        self.origin = origin
        self.source = source
        least = " " if header else "!"
        if not self._secret or not all(least <= character <= "~" for character in self._secret):
            length = len(self._secret)
            raise ConfigurationError(
                f"The key from {source} cannot be used: of its {length} characters "
                "some are spaces, line ends or outside ASCII."
                if length
                else f"The key from {source} is empty.",
                hint="Copy it again, without anything around it.",
            )

    def authorize(self, request: AnyRequest) -> AnyRequest:
        """Put the key into a request's headers."""
        request.headers[self._header] = f"{self._scheme}{self._secret}"
        for other in self._others:
            other.authorize(request)
        return request

    def beside(self, others: Sequence[ApiKey]) -> ApiKey:
        """Return this key with others for the same server, which go along."""
        copied = ApiKey.__new__(ApiKey)
        for name in ApiKey.__slots__:
            setattr(copied, name, getattr(self, name))
        copied._others = (*self._others, *others)  # noqa: SLF001 - it is one of this class
        return copied

    def reveal_to(self, keeper: Callable[[str], object]) -> None:
        """Give the secret to a function that keeps it safe."""
        keeper(self._secret)

    def fingerprint(self, salt: bytes) -> str:
        """Return a hash that tells keys apart, and means nothing to whoever lacks the salt."""
        digest = hashlib.blake2b(key=salt, digest_size=16)
        for each in (self, *self._others):
            digest.update(f"{each._header}\n{each._secret}\n".encode())  # noqa: SLF001 - as `beside`
        return digest.hexdigest()

    def finder(self, *, in_answers: bool = False) -> KeyFinder | None:
        """Return what finds this key in texts.

        A very short key is a placeholder, as servers on this machine take; its letters are found
        in every word, and it has no finder. What a person reads in an answer may well be the
        beginning that all keys of a vendor share: there half of the key gives it away.
        """
        own = self._own_finder(in_answers=in_answers)
        others = [each.finder(in_answers=in_answers) for each in self._others]
        found = [finder for finder in (own, *others) if finder is not None]
        return KeyFinders(found) if len(found) > 1 else next(iter(found), None)

    def _own_finder(self, *, in_answers: bool) -> KeyFinder | None:
        length = len(self._secret.replace("\\", ""))
        if length < _SHORTEST_SECRET:
            return None
        least = max(_SHORTEST_SECRET, length // 2) if in_answers else _SHORTEST_SECRET
        return KeyFinder(self._secret, least)

    def redact_in(self, text: str) -> str:
        """Redact this key, or a beginning of it: return a text with its source in its place."""
        finder = self._own_finder(in_answers=False)
        if finder is not None:
            text = finder.replace(text, f"<key from {self.source}>")
        for other in self._others:
            text = other.redact_in(text)
        return text

    def __repr__(self) -> str:
        return f"<ApiKey from {self.source} for {self.origin}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is not pickled: give it again where it is needed.")

    def __getstate__(self) -> NoReturn:
        self.__reduce__()


def key_from_environment(variable: str, *, origin: str) -> ApiKey | None:
    """Return the key that an environment variable holds, or None if it is not set."""
    if not os.environ.get(variable, "").strip():
        return None
    return ApiKey(os.environ[variable], origin=origin, source=f"the variable {variable}")


def secret_headers(headers: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """Return headers with a key in place of each value that its name or its shape calls a secret.

    Raises
    ------
    ConfigurationError
        If a secret cannot be sent.
    """
    return {
        name: ApiKey(value, origin=origin, source=f"the header {name}", header=name)
        if isinstance(value, str) and _is_secret(name, value)
        else value
        for name, value in headers.items()
    }


def _is_secret(name: object, value: str) -> bool:
    if not isinstance(name, str) or not _HEADER.fullmatch(name) or not value.isprintable():
        return False  # it is refused as a header
    named = _SECRET_HEADER.search(name) and name.lower() not in _NO_SECRET_HEADERS
    return bool(value.strip()) and bool(named or redact(value) != value)


def redact(text: str, key: ApiKey | None = None) -> str:
    """Redact a text: return it without the given key and without anything shaped like one."""
    if key is not None:
        text = key.redact_in(text)
    return _KEY_SHAPED.sub("<key>", _BEARER.sub("Bearer <key>", text))


_SERVICE = "chatwidget"
_HINT = "The key can be set as an environment variable instead, before the notebook starts."

# Asking the keyring may take long, or ask the user: once for each origin is enough.
_known: dict[str, ApiKey | None] = {}


def saved_key(origin: str) -> ApiKey | None:
    """Return the key that was saved for an origin, or None."""
    if origin not in _known:
        _known[origin] = _look_up(origin)
    return _known[origin]


def save_key(key: ApiKey) -> None:
    """Save a key for its origin.

    Raises
    ------
    ConfigurationError
        If there is no keyring, or it does not take the key.
    """
    keyring = _keyring()
    trouble = ""
    try:
        key.reveal_to(lambda secret: keyring.set_password(_SERVICE, key.origin, secret))
    except keyring.errors.KeyringError as error:
        trouble = type(error).__name__
    # Raised out here, the error has no context in whose frames the key could be found.
    if trouble:
        raise ConfigurationError(f"The keyring did not take the key: {trouble}.", hint=_HINT)
    _known.pop(key.origin, None)


def delete_key(origin: str) -> bool:
    """Delete the key that was saved for an origin, and tell whether there was one."""
    _known.pop(origin, None)
    if find_spec("keyring") is None:
        return False
    keyring = _keyring()
    try:
        keyring.delete_password(_SERVICE, origin)
    except keyring.errors.KeyringError:
        return False
    return True


def _look_up(origin: str) -> ApiKey | None:
    if find_spec("keyring") is None:
        return None
    try:
        secret = _keyring().get_password(_SERVICE, origin)
    except Exception:  # noqa: BLE001 - a keyring may fail in any way; a server may need no key
        return None
    return ApiKey(secret, origin=origin, source="the keyring") if secret else None


def _keyring() -> Any:
    """Return the package, which takes a tenth of a second to load."""
    if find_spec("keyring") is None:
        raise ConfigurationError(
            "The package keyring is not installed.",
            hint="Install it with %pip install 'chatwidget[keyring]', or set the key as an "
            "environment variable.",
        )
    import keyring.errors  # noqa: PLC0415 - optional, and slow to load

    return keyring
