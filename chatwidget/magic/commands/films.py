"""The ``%chat film`` command: every answer along one parameter, for the last question."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.lab.film_usage import counting_film
from chatwidget.magic.commands.command import Theme, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.session import ChatSession
    from chatwidget.client.asked import Asked
    from chatwidget.tuning.film.film import Film
    from chatwidget.tuning.film.questions import FilmProgress

__all__ = ["THEME"]

_USE = "%chat film temperature 0 1.5 --seed 1"
_OPTIONS = {"--seed": ("seed", int), "--most": ("most", int), "--token": ("token", str)}
_INTERVAL = 2.0


def film(session: ChatSession, rest: str) -> Film:
    """Show the last answer along a parameter: ``%chat film temperature 0 1.5 --seed 1``.

    The parameter is temperature, top_p, frequency_penalty, presence_penalty, or logit_bias with
    ``--token``. Where a server has to be asked, ``--most`` is the most requests of one token.
    """
    from chatwidget.tuning.film.making import film_of_request  # noqa: PLC0415 - loads the model
    from chatwidget.tuning.film.questions import MOST_REQUESTS  # noqa: PLC0415

    arguments = _arguments(rest)
    asked = _last_request(session)
    if not asked.server.is_practice:
        most = arguments.setdefault("most", MOST_REQUESTS)
        say(f"At most {most} requests for one token each; an interrupt keeps what is there.")
    count = counting_film(session.tally, asked)
    return film_of_request(asked, show=_progress(), count=count, **arguments)


def _last_request(session: ChatSession) -> Asked:
    path = session.conversation.path()
    asked = session.asked.get(path[-1].id) if path else None
    if asked is None:
        raise ConfigurationError(
            "There is no answer whose request is known.", hint="Ask a question first."
        )
    return asked


def _arguments(rest: str) -> dict[str, Any]:
    """Read a parameter, its range and options."""
    found: dict[str, Any] = {}
    words = iter(shlex.split(rest))
    positions = iter((("parameter", _name), ("low", float), ("high", float)))
    try:
        for word in words:
            name, read = _OPTIONS[word] if word in _OPTIONS else next(positions)
            found[name] = read(next(words) if word in _OPTIONS else word)
    except (StopIteration, ValueError):
        raise ConfigurationError(
            "The command takes a parameter, the two ends of its range, --seed, --token and --most.",
            hint=f"As in {_USE}.",
        ) from None
    return found


def _name(word: str) -> str:
    return word.replace("-", "_")


def _progress() -> Callable[[FilmProgress], None]:
    """Say how far it has come, now and then."""
    said = time.monotonic()

    def show(progress: FilmProgress) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said >= _INTERVAL:
            said = now
            say(str(progress))

    return show


THEME = Theme("Films", (film,))
