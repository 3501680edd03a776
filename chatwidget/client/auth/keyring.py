"""The keyring of the system, where the user keeps keys; the package keyring is optional.

A key is saved under the origin that it is for, and is found for no other.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.errors import ConfigurationError

__all__ = ["delete_key", "save_key", "saved_key"]

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
