"""Who is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError
from chatwidget.magic.answer_store import stored_answers
from chatwidget.magic.commands.argument_parsing import required
from chatwidget.magic.commands.output import say
from chatwidget.magic.commands.state import model_in_words

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession

__all__ = ["use", "models", "model", "alias", "doctor", "forget"]  # noqa: RUF022 - in the order of the help


def use(session: ChatSession, rest: str) -> None:
    """Ask another server: ``%chat use ollama``, ``%chat use http://127.0.0.1:8000/v1``."""
    session.use(required(rest, "a server's name or address", "%chat use ollama"))
    _confirm(session)


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
    offered = [each.id for each in session.client.list_models()]
    names = [name for name in offered if rest.casefold() in name.casefold()]
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
