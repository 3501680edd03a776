"""Errors and values survive being pickled and copied, as between processes; keys go nowhere."""

from __future__ import annotations

import concurrent.futures
import copy
import multiprocessing
import pickle
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

import chatwidget
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    BadRequestError,
    ChatWidgetError,
    ParameterError,
    RateLimitError,
    StreamError,
)
from chatwidget.client.events import Data, Error, Finish, ToolProgress, Wait
from chatwidget.client.wire.ledger import Ledger
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    Choice,
    ChoiceDelta,
    ChoiceLogprobs,
    ChunkChoice,
    CompletionUsage,
    FunctionCall,
    Model,
    TokenLogprob,
    ToolCall,
    TopLogprob,
)
from forked import can_fork
from wire.replies import error, json_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from wire.scripted_server import ScriptedServer


@dataclass
class City:
    name: str


LOGPROBS = ChoiceLogprobs([TokenLogprob("Hi", -0.5, (72, 105), (TopLogprob("Ho", -1.0),))])
CALL = ToolCall("call_1", function=FunctionCall("f", "{}"), extra_content={"signature": "x"})
MESSAGE = ChatCompletionMessage(content="Hi", reasoning="So.", tool_calls=[CALL])
COMPLETION = ChatCompletion(
    choices=[Choice(0, MESSAGE, "stop", LOGPROBS)],
    usage=CompletionUsage(1, 2, 3, {"cached_tokens": 1}),
    parsed=City("Rome"),
    ledger=Ledger({"n": 1}, {"n": 1}, {"seed": "No."}, {"n": "One came."}, ("Odd.",)),
)
CHUNK = ChatCompletionChunk([ChunkChoice(0, ChoiceDelta(content="Hi"), "stop", LOGPROBS)])
PREVIEW = ChatClient("practice").draft("Hello", temperature=0)

VALUES: dict[str, Any] = {
    "completion": COMPLETION,
    "chunk": CHUNK,
    "message": MESSAGE,
    "model": Model("m"),
    "ledger": COMPLETION.ledger,
    "data": Data(CHUNK),
    "finish": Finish(COMPLETION),
    "tools": ToolProgress(steps=[{"role": "tool"}], pending="1"),
    "server": chatwidget.PROFILES["openai"],
    "server with ranges": chatwidget.Server("x", "https://x/v1", ranges={"temperature": (0, 1, 1)}),
    "parameter": chatwidget.PARAMETERS["temperature"],
    "deadlines": chatwidget.Deadlines(idle=1),
    "limits": chatwidget.Limits(connections=2),
    "retries": chatwidget.RetryPolicy(limit=7),
    "preview": PREVIEW,
}

WAYS: dict[str, Callable[[Any], Any]] = {
    **{
        f"pickle {protocol}": lambda it, protocol=protocol: pickle.loads(pickle.dumps(it, protocol))
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


def kinds_of(kind: type[ChatWidgetError]) -> list[type[ChatWidgetError]]:
    return [kind, *(each for below in kind.__subclasses__() for each in kinds_of(below))]


PUBLIC = [
    kind for kind in kinds_of(ChatWidgetError) if kind.__module__ == ChatWidgetError.__module__
]


def full(kind: type[ChatWidgetError]) -> Any:
    """Return an error of which everything is set."""
    facts: dict[str, Any] = {"hint": "Do this."}
    if issubclass(kind, ParameterError):
        facts |= {"parameter": "n"}
    if issubclass(kind, APIConnectionError):
        facts |= {"phase": "dns"}
    if issubclass(kind, APIStatusError | StreamError):
        facts |= {"code": "c", "param": "n", "type": "t"}
    if issubclass(kind, APIStatusError):
        facts |= {"status_code": 418}
    made: Any = kind("It failed.", **facts)
    if issubclass(kind, APIError):
        made.completion, made.retry_after, made.should_retry = COMPLETION, 1.5, True
    return made


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("kind", PUBLIC, ids=lambda kind: kind.__name__)
def test_every_error_survives(kind: type[ChatWidgetError], way: Callable[[Any], Any]) -> None:
    before = full(kind)
    after = way(before)
    assert type(after) is kind
    assert str(after) == "It failed. Do this."
    assert after.args == before.args
    assert vars(after) == vars(before)


def test_every_error_of_the_package_is_among_them() -> None:
    names = {name for name in chatwidget.__all__ if name.endswith("Error") and name != "Error"}
    assert names == {kind.__name__ for kind in PUBLIC}


class OwnError(RateLimitError):
    """An error of a user, which is made in another way."""

    def __init__(self, model: str, *, tries: int) -> None:
        super().__init__(f"{model} is busy.", status_code=429)
        self.tries = tries


def test_an_error_that_a_user_derives_survives_too() -> None:
    before = OwnError("m", tries=3)
    before.__notes__ = ["in the first study"]
    after = pickle.loads(pickle.dumps(before))
    assert (type(after), str(after), vars(after)) == (OwnError, "m is busy.", vars(before))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("name", VALUES)
def test_every_value_survives(name: str, way: Callable[[Any], Any]) -> None:
    after = way(VALUES[name])
    assert type(after) is type(VALUES[name])
    assert after == VALUES[name]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_every_event_with_an_error_survives(way: Callable[[Any], Any]) -> None:
    failed, waits = way(Error(full(RateLimitError), COMPLETION)), way(Wait(1, full(APIError), 2))
    assert failed.completion == COMPLETION
    assert failed.error.status_code == 418
    assert waits.sentence == "It failed. Trying again in 1 s."


def test_a_copy_of_a_preview_has_no_key() -> None:
    client = ChatClient("openai", openai_api_key="sk-this-is-secret")
    before = client.draft("Hello", "m")
    assert before.key is not None
    stored = pickle.dumps(before)
    assert b"secret" not in stored
    for after in (pickle.loads(stored), copy.copy(before), copy.deepcopy(before)):
        assert (after.key, after.body) == (None, before.body)
    for way in WAYS.values():
        with pytest.raises(TypeError, match="A key is not pickled"):
            way(before.key)


def test_what_retries_may_spend_is_shared_by_no_copy() -> None:
    policy = chatwidget.RetryPolicy()
    while policy.budget.spend():
        pass
    assert copy.deepcopy(policy).budget.spend()


def ask(url: str) -> Any:
    with ChatClient(url, retries=0) as client:
        return client.create_chat_completion("Hello", "m")


@can_fork
def test_a_pool_of_processes_hears_of_a_failure(server: ScriptedServer) -> None:
    server.otherwise(json_response(error("No such thing.", param="n", code="c"), 400))
    fork = multiprocessing.get_context("fork")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # this process has threads
        with fork.Pool(2) as pool, pytest.raises(BadRequestError) as by_pool:
            pool.apply_async(ask, [server.url]).get(20)
        with (
            concurrent.futures.ProcessPoolExecutor(1, mp_context=fork) as executor,
            pytest.raises(BadRequestError) as by_executor,
        ):
            executor.submit(ask, server.url).result(20)
    for caught in (by_pool, by_executor):
        assert (
            str(caught.value) == "The server answered 400: No such thing. Change n or leave it out."
        )
        assert (caught.value.param, caught.value.code) == ("n", "c")
