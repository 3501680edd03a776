"""The ``%chat`` commands for who is asked, and with which key."""

from __future__ import annotations

import getpass
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from IPython.core.error import StdinNotImplementedError

from chatwidget.client.auth.keys import ApiKey, delete_key, key_from_environment, save_key
from chatwidget.client.auth.servers import PROFILES, allow_plain_http, find_server
from chatwidget.client.errors import ChatWidgetError, ConfigurationError
from chatwidget.local.catalog import DEFAULT_MODEL, find_model
from chatwidget.local.process import check_installed
from chatwidget.magic.answer_cache import stored_answers
from chatwidget.magic.commands.argument_parsing import required
from chatwidget.magic.commands.command import Theme, say
from chatwidget.magic.commands.state import model_in_words

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.auth.servers import Server

__all__ = ["KEY_THEME", "THEME"]

_KEEP_TAGS = "--keep-think-tags"
_INSECURE = "--insecure"
_PATIENCE = 2.0


def use(session: ChatSession, rest: str) -> None:
    """Ask another server: ``%chat use ollama``, ``%chat use http://127.0.0.1:8000/v1``.

    ``%chat use local`` runs a model on this machine; ``local:NAME`` or ``local:FILE.gguf``, which;
    ``local or practice`` takes the first that is there.
    With ``--keep-think-tags``, what stands between ``<think>`` tags stays in its answers' text;
    with ``--insecure``, plain http may go to that server of your own network, now and later.
    """
    flags = {word for word in rest.split() if word in (_KEEP_TAGS, _INSECURE)}
    name = " ".join(word for word in rest.split() if word not in flags)
    if _INSECURE in flags:
        allow_plain_http(name)
    server = _first_there(required(name, "a server's name or address", "%chat use ollama"))
    session.use(replace(server, think_tags=False) if _KEEP_TAGS in flags else server)
    if server.default_model == DEFAULT_MODEL:
        session.model = find_model(DEFAULT_MODEL).name
    _take_only_model(session)
    _confirm(session)


def _first_there(names: str) -> Server:
    """Return the first of some servers, parted by "or", that can be asked."""
    first, _, others = names.partition(" or ")
    try:
        return _server_there(first.strip())
    except ConfigurationError as error:
        if not others:
            raise
        say(str(error))
        return _first_there(others)


def _server_there(name: str) -> Server:
    server = find_server(name)
    if server.name == "local":
        check_installed()
        find_model(server.default_model or DEFAULT_MODEL)
    return server


def _take_only_model(session: ChatSession) -> None:
    """Choose the model of a server that has one alone, and says so at once."""
    from chatwidget.client.client import ChatClient  # noqa: PLC0415 - loads httpx

    server = session.server
    if server.default_model or server.transport or server == PROFILES["openai"]:
        return
    key = session.client.key
    with (
        ChatClient(server, openai_api_key=key, timeout=_PATIENCE, retries=0) as client,
        suppress(ChatWidgetError),  # there is time to say so when it is asked
    ):
        offered = client.list_models()
        if len(offered) == 1:
            session.model = offered[0].id
            say(f"{session.model} is its only model.")


def model(session: ChatSession, rest: str) -> None:
    """Choose the model of the next questions: ``%chat model NAME``."""
    session.model = required(rest, "the name of a model", "%chat model practice")
    _confirm(session)


def alias(session: ChatSession, rest: str) -> None:
    """Give a model a short name: ``%chat alias fast gpt-4o-mini``; without a model, forget it."""
    short, _, long = rest.partition(" ")
    if not short:
        known = [f"{name} is {model}" for name, model in session.aliases.items()]
        say(*(known or ["No model has a short name; as in %chat alias fast gpt-4o-mini."]))
    elif not long.strip() and short not in session.aliases:
        raise ConfigurationError(
            f"No model is called {short!r}.", hint="As in %chat alias fast gpt-4o-mini."
        )
    else:
        others = {name: model for name, model in session.aliases.items() if name != short}
        session.aliases = others | ({short: long.strip()} if long.strip() else {})
        say(f"{short} is {long.strip()}." if long.strip() else f"{short} is no alias any more.")


def models(session: ChatSession, rest: str) -> None:
    """List the server's models, or those with a word in their names: ``%chat models mini``."""
    offered = session.client.list_models()
    found = [each for each in offered if rest.casefold() in each.id.casefold()]
    is_local = session.server.name == "local"
    names = [f"{each.id}, from {each.owned_by}" if is_local else each.id for each in found]
    say("\n".join(names) or "The server lists no such model.")


def doctor(session: ChatSession, _rest: str) -> None:
    """Try the server step by step, with four short questions, and say what to do about it."""
    from chatwidget.doctor import run_checks  # noqa: PLC0415 - seldom needed

    for finding in run_checks(session):
        say(str(finding))


def forget(session: ChatSession, rest: str) -> None:
    """Forget what this server has refused, or, with ``--answers``, what ``--cached`` stored."""
    if rest not in {"", "--answers"}:
        raise ConfigurationError(
            f"%chat forget takes --answers or nothing; got {rest!r}.",
            hint="Without it, the refusals of the current server are forgotten.",
        )
    if rest:
        stored_answers().clear()
        say("The stored answers are gone: what is asked with --cached is asked anew.")
    else:
        session.client.unsupported_parameters.forget(session.server.base_url)


def _confirm(session: ChatSession) -> None:
    server = session.server
    say(f"Questions go to {server.name} ({server.place}), model {model_in_words(session)}.")


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


THEME = Theme("Who is asked", (use, models, model, alias, doctor, forget))
KEY_THEME = Theme("The key of the current server", (key,))
