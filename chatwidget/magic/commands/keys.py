"""The key of the current server."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from IPython.core.error import StdinNotImplementedError

from chatwidget.client.auth.keyring import delete_key, save_key
from chatwidget.client.auth.keys import ApiKey, key_from_environment
from chatwidget.client.errors import ConfigurationError
from chatwidget.magic.commands.output import say

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession

__all__ = ["key"]


def key(session: ChatSession, rest: str) -> None:
    """Ask for the key, unseen; ``--save`` keeps it in the keyring, ``--forget`` deletes it.

    ``--env NAME`` takes the one that an environment variable holds, for the current server.
    """
    option, _, variable = rest.partition(" ")
    if option == "--env":
        _use_variable(session, variable.strip())
        return
    if rest not in ("", "--save", "--forget"):
        raise ConfigurationError(
            "A key is not typed into a cell, where it would be saved.",
            hint="Run %chat key alone, or with --save or --forget. "
            "If what you typed was a key, replace it by a new one.",
        )
    origin = session.server.origin
    if session.server.transport:
        say(f"The server {session.server.name} needs no key.")
    elif rest == "--forget":
        _forget(session)
    else:
        session.client.use_key(_asked_for(origin))
        if rest:
            _save(session)
        say(f"The key for {origin} is set{', and saved in the keyring' if rest else ''}.")


def _use_variable(session: ChatSession, variable: str) -> None:
    """Use the key of a variable that the user names: that is the consent to send it there."""
    origin = session.server.origin
    held = key_from_environment(variable, origin=origin) if variable.isidentifier() else None
    if held is None:
        raise ConfigurationError(
            "%chat key --env takes the name of an environment variable that holds a key.",
            hint="As in %chat key --env OPENAI_API_KEY. Set it before the notebook starts.",
        )
    session.client.use_key(held)
    say(f"The key for {origin} comes from the variable {variable}.")


def _forget(session: ChatSession) -> None:
    origin = session.server.origin
    session.client.forget_key()
    in_keyring = ", in the keyring too" if delete_key(origin) else ""
    left = session.client.key
    say(
        f"The key for {origin} is forgotten{in_keyring}.",
        *([f"The one from {left.source} is sent from now on."] if left else []),
    )


def _asked_for(origin: str) -> ApiKey:
    try:
        # Looked up now: a kernel puts its own in the place of this function while a cell runs.
        return ApiKey(getpass.getpass(f"Key for {origin}: "), origin=origin, source="%chat key")
    except (StdinNotImplementedError, EOFError):
        raise ConfigurationError(
            "Nobody can be asked for a key here.",
            hint="Set it as an environment variable before the notebook starts.",
        ) from None


def _save(session: ChatSession) -> None:
    given = session.client.key
    if given is not None:
        save_key(given)
