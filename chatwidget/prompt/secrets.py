"""Keeping keys and passwords out of what a prompt takes along."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["refuse_secrets"]

_NAMES = (
    *("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "CREDENTIALS"),
    *("_PAT", "_PWD", "_PASS", "_AUTH", "_CREDS", "_DSN", "_COOKIE"),
)
"""How the names of secrets end; a short word counts as a word of its own alone."""
_OWN_NAMES = re.compile(
    r"(?i)(?:.*_)?(?:password|passwd|passphrase|secret|credentials?|api_?key|secret_?key"
    r"|private_?key|(?:access|auth|api|bearer|github|hf)_token|pat|pwd)\d*"
)
"""Names of variables in Python that say that a secret is in them; any key or token does not."""
_SHAPED = re.compile(
    r"\b(?:sk|rk|pk)[-_][\w-]{20,}"
    r"|\bgh[oprsu]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}"
    r"|\b(?:gsk|hf|npm|xai|pypi|dop_v1|shpat)[-_]\w{20,}"
    r"|\bxox[abeoprs]-[\w-]{10,}|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"
    r"|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"
)
_IN_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/?#:@'\"]{0,200}:([^\s/?#@'\"]{3,200})@")
"""A password in an address, as in that of a database."""
_ASSIGNED = re.compile(
    r"\b(?:[A-Z][A-Z0-9_]{0,60}(?:KEY|TOKEN|_PAT|_PWD)"
    r"|[A-Z0-9_]{0,60}(?:SECRET|PASSWORD|PASSWD|CREDENTIALS?))\d{0,2}"
    r"\\?[\"']? ?[=:] ?\\?[\"']?(?=[^\s\"'\\]{0,100}\d)[\w+/=.~@!%^&*:-]{8,200}"
    r"(?=[\s\"'\\,;]|$)"
)
"""A secret as files of settings say it; a name in its place has no digit, a call has braces."""
# A shorter value may be a word of any text, so it counts only where it stands alone.
_SHORTEST = 8
_FRAGMENT = 16


def refuse_secrets(what: str, value: object, keys: Iterable[ApiKey] = ()) -> None:
    """Refuse a value that is or contains a secret.

    Parameters
    ----------
    what
        What the value is, for the message. The name of a variable may say that it is a secret.
    value
        An object or its text. Text and bytes are searched for the secrets in the environment, for
        the given keys, and for anything in the shape of a key; other objects are not looked into.
    keys
        The keys in use that are not in the environment.

    Raises
    ------
    ConfigurationError
        If there is one; it says which, never what it is.
    """
    text = _text_of(value)
    if text is None:
        found = _secret_object(value)
    else:
        found = _secret_named(what, text) or _secret_in(text, keys)
    if found:
        raise ConfigurationError(
            f"{what} is not sent: it holds {found}.",
            hint="What a model is asked leaves this machine, so take the secret out first.",
        )


def _secret_object(value: object) -> str:
    # by the type alone: a stand-in for another object may raise where it is asked for its class
    if issubclass(type(value), ApiKey):
        return "a key"
    if value is os.environ or value is getattr(os, "environb", None):
        return "all environment variables"
    return ""


def _secret_named(what: str, text: str) -> str:
    """Find a secret by the name of its variable; a sentence in its place is none."""
    is_word = len(text.split(maxsplit=1)) == 1
    return "what its name calls a secret" if is_word and _OWN_NAMES.fullmatch(what) else ""


def _text_of(value: object) -> str | None:
    """Return what is searched; None for an object that is not looked into."""
    if issubclass(type(value), str):
        return str(value)
    for kind in (bytes, bytearray):  # by the type alone, as below
        if issubclass(type(value), kind):
            return kind.decode(value, "latin-1")  # type: ignore[arg-type] # its class was asked
    return None


def _secret_in(text: str, keys: Iterable[ApiKey]) -> str:
    for variable, secret in _secrets_of_environment():
        if _is_in(text, secret):
            return f"the value of the environment variable {variable}"
    for key in keys:
        if key.redact_in(text) != text:
            return f"the key from {key.source}"
    if _SHAPED.search(text):
        return "what looks like a key"
    if _IN_URL.search(text):
        return "an address with a password"
    return "what looks like a password" if _ASSIGNED.search(text) else ""


def _secrets_of_environment() -> Iterator[tuple[str, str]]:
    """Yield what the environment calls a secret, and the passwords in its addresses."""
    for variable, value in os.environ.items():
        secret = value.strip()
        if variable.upper().rstrip("_0123456789").endswith(_NAMES) and not _is_path(secret):
            yield variable, secret
        for found in _IN_URL.finditer(secret):
            yield variable, found[1]


def _is_path(value: str) -> bool:
    """Tell whether a value names a file, as that of the credentials of some clouds does."""
    return "/" in value and os.path.exists(value)  # noqa: PTH110 - a Path may refuse the text


def _is_in(text: str, secret: str) -> bool:
    """Tell whether a text holds a secret; a cut may have left its beginning or its end only."""
    if len(secret) < _FRAGMENT:
        return len(secret) >= _SHORTEST and text.strip() == secret
    return secret[:_FRAGMENT] in text or secret[-_FRAGMENT:] in text
