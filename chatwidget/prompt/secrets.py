"""Keeping keys and passwords out of what a prompt takes along."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["refuse_secrets"]

_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD")
_KEY_SHAPED = re.compile(r"\bsk-[\w-]{20,}")
# A shorter value may be a word of any text, so it counts only where it stands alone.
_SHORTEST = 8
_FRAGMENT = 16


def refuse_secrets(what: str, value: object, keys: Iterable[ApiKey] = ()) -> None:
    """Refuse a value that is or contains a secret.

    Parameters
    ----------
    what
        What the value is, for the message.
    value
        An object or its text. A text is searched for the secrets in the environment, for the
        given keys, and for anything in the shape of a key; other objects are not looked into.
    keys
        The keys in use that are not in the environment.

    Raises
    ------
    ConfigurationError
        If there is one; it says which, never what it is.
    """
    is_text = issubclass(type(value), str)
    found = _secret_in(str(value), keys) if is_text else _secret_object(value)
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


def _secret_in(text: str, keys: Iterable[ApiKey]) -> str:
    for variable, secret in os.environ.items():
        if variable.upper().rstrip("_0123456789").endswith(_NAMES) and _is_in(text, secret.strip()):
            return f"the value of the environment variable {variable}"
    for key in keys:
        if key.redact_in(text) != text:
            return f"the key from {key.source}"
    return "what looks like a key" if _KEY_SHAPED.search(text) else ""


def _is_in(text: str, secret: str) -> bool:
    """Tell whether a text holds a secret; a cut may have left its beginning or its end only."""
    if len(secret) < _FRAGMENT:
        return len(secret) >= _SHORTEST and text.strip() == secret
    return secret[:_FRAGMENT] in text or secret[-_FRAGMENT:] in text
