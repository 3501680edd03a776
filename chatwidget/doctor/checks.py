"""The checks of the environment and of a server, step by step; what fails early ends them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chatwidget.client.auth.consent import is_loopback
from chatwidget.client.client import ChatClient
from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    ChatWidgetError,
    ConfigurationError,
)
from chatwidget.client.events import Data
from chatwidget.client.logprobs_probe import probe_logprobs
from chatwidget.client.request.report import over_limit
from chatwidget.client.text import counted
from chatwidget.client.timing import Stopwatch
from chatwidget.client.transport.environment import (
    certificate_setting,
    names_proxy,
    proxy_setting,
)
from chatwidget.client.transport.http import check_certificates, check_proxy
from chatwidget.client.wire.ledger import LIMITS
from chatwidget.doctor.finding import BAD, Finding, bad, good, neutral, trouble, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.chat.session import ChatSession
    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.events import StreamEvent
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["check_environment", "run_checks"]


def check_environment(server: Server, key: ApiKey | None) -> Iterator[Finding]:
    """Check the environment: the address, the key, the proxy and the certificates."""
    yield good("address", f"{server.name}: {server.place}.")
    yield _key(server, key)
    if server.base_url.startswith("https:"):
        yield _proxy(server)
        yield _certificates()
    else:
        place = "on this machine" if is_loopback(_host(server)) else "in a network of your own"
        yield neutral("proxy", f"None is used: the server is {place}.")
        yield neutral("certificates", f"None are used: the server is {place}.")


def _host(server: Server) -> str:
    return urlsplit(server.base_url).hostname or ""


def _key(server: Server, key: ApiKey | None) -> Finding:
    if key is not None:
        return good("key", f"There is one, from {key.source}; it goes to {key.origin} only.")
    if server.key_variable:
        step = f"Set {server.key_variable} before the notebook starts, or run %chat key."
        return bad("key", f"There is none for {server.origin}.", step)
    return neutral("key", "There is none; many servers on one's own machine need none.")


def _proxy(server: Server) -> Finding:
    setting = proxy_setting(server)
    if setting is None and names_proxy():
        told = f"The environment names one, and NO_PROXY excepts {_host(server)}."
        return neutral("proxy", told)
    if setting is None:
        return neutral("proxy", "The environment names none.")
    try:
        check_proxy(server)
    except ConfigurationError as error:
        return trouble("proxy", error)
    return good("proxy", f"Requests go through {setting.shown} ({setting.variable}).")


def _certificates() -> Finding:
    try:
        check_certificates()
    except ConfigurationError as error:
        return trouble("certificates", error)
    setting = certificate_setting()
    if setting is not None and not Path(setting.value).exists():
        step = f"Correct {setting.variable}, or remove it."
        told = f"{setting.variable} names {setting.shown}, which is not there."
        return bad("certificates", told, step)
    if setting is not None:
        told = f"Servers are checked against {setting.shown} ({setting.variable})."
        return good("certificates", told)
    step = ""
    if os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE"):
        step = "REQUESTS_CA_BUNDLE is not read here: set SSL_CERT_FILE to the same file."
    return neutral("certificates", "Servers are checked against the usual authorities.", step)


PATIENCE = Deadlines(connect=5.0, first_event=20.0, idle=10.0, total=30.0)
"""How long each step may take. A model may have to be loaded before it says anything."""

_SHORT_ANSWER = 16
_LOGPROBS = {
    "raw": "They are what the model thinks, the same at every temperature.",
    "processed": "They are what the token is drawn from: the temperature changes them.",
    "unclear": "They came, but not enough of them to tell what they mean.",
}


def run_checks(session: ChatSession) -> Iterator[Finding]:
    """Run the checks: yield one finding after the other, each as soon as it is known.

    The server is asked for its models, and four short questions.
    """
    key = session.client.key
    environment = [*check_environment(session.server, key)]
    yield from environment
    if any(each.mark == BAD and each.subject in ("proxy", "certificates") for each in environment):
        yield neutral("the rest", "It was not tried: first, this must be put right.")
        return
    client = ChatClient(session.server, openai_api_key=key, timeout=PATIENCE, retries=0)
    with client:
        yield from _ServerChecks(session, client).run()


class _ServerChecks:
    """Checks of one server, which remember what the next step needs.

    Parameters
    ----------
    session
        Whose model is asked.
    client
        What asks; it does not wait for long.
    """

    def __init__(self, session: ChatSession, client: ChatClient) -> None:
        self._session = session
        self._client = client
        self._is_reachable = True
        self._offered: list[str] = []
        self._pieces = 0
        self._stopwatch = Stopwatch()

    def run(self) -> Iterator[Finding]:
        """Yield what each step finds."""
        yield self._models()
        if not self._is_reachable:
            yield neutral("the rest", "It was not tried: first, the server must be reached.")
            return
        model = self._model()
        if not model:
            step = "%chat models lists them; choose one with %chat model NAME, then run this again."
            yield bad("model", "None is chosen, so nothing could be asked.", step)
            return
        yield from self._answers(model)

    def _models(self) -> Finding:
        try:
            self._offered = [each.id for each in self._client.list_models()]
        except APIConnectionError as error:
            self._is_reachable = False
            return trouble("connection", error)
        except AuthenticationError as error:
            self._is_reachable = False
            return trouble("connection", error, "Enter another key with %chat key.")
        except APIError as error:
            told = f"The server answers; it lists no models: {words_of(error)}"
            return neutral("connection", told)
        offered = counted(len(self._offered), "model")
        return good("connection", f"The server answers and offers {offered}.")

    def _model(self) -> str:
        chosen = self._session.model or self._session.server.default_model
        only = self._offered[0] if len(self._offered) == 1 else ""
        return chosen or only

    def _answers(self, model: str) -> Iterator[Finding]:
        try:
            completion = self._ask(model)
        except ChatWidgetError as error:
            yield self._no_answer(model, error)
            return
        seconds = self._stopwatch.timing().total
        yield good("answer", f"{model} answered a question within {seconds:.1f} s.")
        yield self._streaming()
        yield _usage(completion)
        yield _limit(completion)
        yield self._logprobs(model)

    def _ask(self, model: str) -> ChatCompletion:
        return self._client.create_chat_completion(
            "Count from one to ten in words.",
            model,
            max_completion_tokens=_SHORT_ANSWER,
            stream_to=self._on_event,
        )

    def _on_event(self, event: StreamEvent) -> None:
        if isinstance(event, Data):
            self._stopwatch.feed(event.chunk)
            self._pieces += bool(event.chunk.text)

    def _no_answer(self, model: str, error: ChatWidgetError) -> Finding:
        is_listed = not self._offered or model in self._offered
        step = "" if is_listed else f"{model} is not among its models: see %chat models."
        return trouble("answer", error, step)

    def _streaming(self) -> Finding:
        first = self._stopwatch.timing().first_token
        if self._pieces > 1 and first is not None:
            told = f"The answer came in {self._pieces} pieces, the first after {first:.2f} s."
            return good("streaming", told)
        step = "A proxy on the way may hold streams back; answers come, but all at once."
        return neutral("streaming", "The answer came in one piece.", step)

    def _logprobs(self, model: str) -> Finding:
        try:
            meaning = probe_logprobs(self._client, model)
        except ChatWidgetError as error:
            return neutral("log probabilities", f"They could not be tried: {words_of(error)}")
        if meaning == "absent":
            return neutral("log probabilities", "The server does not send them.")
        return good("log probabilities", _LOGPROBS[meaning])


def _usage(completion: ChatCompletion) -> Finding:
    usage = completion.usage
    if usage is None:
        told = "The server does not say how many tokens a streamed answer took."
        return neutral("tokens counted", told)
    told = f"{usage.prompt_tokens} were sent and {usage.completion_tokens} came, says the server."
    return good("tokens counted", told)


def _limit(completion: ChatCompletion) -> Finding:
    """Tell by which name the server takes the limit of tokens, and whether it keeps to it."""
    sent = completion.ledger.sent if completion.ledger else {}
    name = next((each for each in LIMITS if each in sent), None)
    if name is None:
        step = "Ask for a short answer in the prompt, or use Stop."
        return bad("limit of tokens", "The server takes none.", step)
    if over_limit(_SHORT_ANSWER, completion):
        return bad("limit of tokens", f"It takes {name} and does not keep to it.", "Use Stop.")
    return good("limit of tokens", f"It takes {name}.")
