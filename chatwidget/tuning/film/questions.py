"""The questions of a film: one token after each prefill, one after another, within a budget."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatwidget.client.continuing import continues, distributions
from chatwidget.client.errors import APIError, APIStatusError, ConfigurationError
from chatwidget.client.logprobs_probe import probe_logprobs
from chatwidget.client.pace.asking import ask_at_pace_blocking
from chatwidget.client.pace.verdicts import is_refusal
from chatwidget.tuning.distributions import Known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chatwidget.client.client import ChatClient
    from chatwidget.client.pace.pace import Turn
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["MOST_REQUESTS", "Asking", "FilmProgress", "check_server"]

MOST_REQUESTS = 600
"""The budget of a film whose budget nobody has said."""

_MOST_ALTERNATIVES = (1000, 20, 5)
"""How many alternatives are asked for; a server that refuses the first is asked for fewer."""

_COOL = ((0.3, 20), (0.6, 100), (0.9, 400))
"""Up to which temperatures so many suffice: what is below them wins less than once in a hundred."""

_TRIES = 3


@dataclass(frozen=True, slots=True)
class FilmProgress:
    """How far the film of a server has come.

    Attributes
    ----------
    asked
        How many beginnings were asked for.
    most
        How many are asked for at most: the budget.
    seconds
        For how long.
    answers
        How many different ones were found so far.
    """

    asked: int
    most: int
    seconds: float
    answers: int = 1

    def __str__(self) -> str:
        """Return it as a sentence."""
        pace = self.seconds / self.asked if self.asked else 0.0
        left = f", at most {pace * (self.most - self.asked):.0f} s more" if self.asked else ""
        found = "one answer" if self.answers == 1 else f"{self.answers} different answers"
        return f"{self.asked} of at most {self.most} requests for one token each, {found}{left}"


class Asking:
    """Asking a server what comes after beginnings of an answer.

    Parameters
    ----------
    client
        The client of the server, which does not retry: the pace of the server says when.
    model, messages
        Which model, and what is asked.
    most
        How many requests there are at most.
    show
        Hears of the progress. An interrupt stops the film, and what is there stays.
    count
        Is given each answer that came.
    stopped
        Tells before each request whether to ask no more.
    """

    def __init__(
        self,
        client: ChatClient,
        model: str,
        messages: Sequence[Any],
        most: int,
        *,
        show: Callable[[FilmProgress], object] | None = None,
        count: Callable[[ChatCompletion], object] | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._messages = [*messages]
        self._most = most
        self._show = show or (lambda _: None)
        self._count = count or (lambda _: None)
        self._is_stopped = stopped or (lambda: False)
        self._offered = [*_MOST_ALTERNATIVES]
        self._started = time.monotonic()
        self._is_waiting = False
        self.asked = 0
        self.answers = 1
        """How many different ones were found so far; whoever walks through them says so."""
        self.end = ""
        """Why nothing is asked any more."""

    def __call__(self, text: bytes, warmth: float) -> Known[bytes] | None:
        """Return what comes after a prefill; None if there is no more to ask."""
        prefill = _text(text)
        if self._is_stopped():
            self.stop()
        if self.asked >= self._most:
            self.end = "its budget was used up"
        if self.end or prefill is None:
            return None
        try:
            known = self.known(prefill, warmth)
            self.asked += 1
            self._show(self.progress)
        except KeyboardInterrupt:
            self.stop()
            return None
        except APIError as error:
            if not self.asked:
                raise
            self.end = f"the server failed ({error})"
            return None
        return known

    @property
    def progress(self) -> FilmProgress:
        """How far the film has come."""
        seconds = time.monotonic() - self._started
        return FilmProgress(self.asked, self._most, seconds, self.answers)

    def found(self, answers: int) -> None:
        """Take note of how many different answers were found so far."""
        self.answers = answers

    def stop(self) -> None:
        """Ask nothing more; what is there is a film."""
        self.end = "it was stopped"

    @contextmanager
    def stopped_by_interrupts(self) -> Iterator[None]:
        """Let an interrupt stop the film, wherever it comes; it breaks off a request."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def interrupted(*_: object) -> None:
            if self._is_waiting or self.end:
                raise KeyboardInterrupt
            self.stop()

        before = signal.signal(signal.SIGINT, interrupted)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def known(self, prefill: str, warmth: float) -> Known[bytes] | None:
        """Return what comes after a prefill, with as many alternatives as may win."""
        needed = next((count for most, count in _COOL if warmth <= most), _MOST_ALTERNATIVES[0])
        while True:
            try:
                completion = self.ask(prefill, min(needed, self._offered[0]))
            except APIStatusError as error:
                if is_refusal(error) or len(self._offered) == 1:
                    raise
                del self._offered[0]
                continue
            found = distributions(completion)
            return Known(found[0]) if found and found[0] else None

    def ask(self, prefill: str, alternatives: int, tokens: int = 1) -> ChatCompletion:
        """Ask for the tokens after a prefill, at the pace of the server."""

        def attempt(turn: Turn) -> ChatCompletion:
            completion = self._client.create_chat_completion(
                self._messages,
                self._model,
                temperature=0,
                max_tokens=tokens,
                logprobs=True,
                prefill=prefill or None,
                extra_body={"top_logprobs": alternatives},
            )
            turn.succeeded(completion.usage)
            return completion

        self._is_waiting = True
        try:
            pace = self._client.pace(self._model)
            completion = ask_at_pace_blocking(pace, attempt, lane=self)
        finally:
            self._is_waiting = False
        self._count(completion)
        return completion


def check_server(asking: Asking, client: ChatClient, model: str) -> None:
    """Check that a server can be filmed.

    Raises
    ------
    ConfigurationError
        If it tells no raw log probabilities, or does not continue an answer that has begun.
    """
    # a first token that ends the answer tells nothing
    meanings = (probe_logprobs(client, model) for _ in range(_TRIES))
    meaning = next((each for each in meanings if each in ("raw", "processed")), "absent")
    if meaning != "raw":
        kind = "processed" if meaning == "processed" else "no raw"
        raise _no_film(client, f"tells {kind} log probabilities")
    if not continues(lambda tokens, prefill: asking.ask(prefill, 5, tokens)):
        raise _no_film(client, "does not continue an answer that has begun")


def _no_film(client: ChatClient, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"There is no film of {client.server.name}: it {why}.",
        hint="The practice model, the local model, llama.cpp and vLLM can be filmed.",
    )


def _text(text: bytes) -> str | None:
    """Return a prefill as text; None within a character, where no server can go on."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return None
