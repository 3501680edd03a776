"""What the server streams: one answer per case, of any length, as bytes. Pure and deterministic."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["CASES", "Case", "question", "response", "texts"]

Delta = dict[str, Any]

_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
_LAST_FRAME = b"0\r\n\r\n"
_WORDS = ("The", " sea", " was", " calm", ",", " and", " no", " wind", " blew", ".", " ", "Then")


@dataclass(frozen=True)
class Case:
    """A kind of answer.

    Attributes
    ----------
    title
        Its row in a table.
    choice
        The choice that chunk number i adds to.
    events_per_frame
        How many events share an HTTP chunk.
    """

    title: str
    choice: Callable[[int], dict[str, Any]]
    events_per_frame: int = 1


@lru_cache(maxsize=16)
def response(name: str, chunks: int) -> bytes:
    """A whole response; `chunks` says how many of its events carry content."""
    case = CASES[name]
    events = _events(case, chunks)
    frames = iter(lambda: b"".join(itertools.islice(events, case.events_per_frame)), b"")
    return b"".join([_HEAD, *(b"%x\r\n%b\r\n" % (len(each), each) for each in frames), _LAST_FRAME])


def question(name: str, chunks: int) -> str:
    """The model's name that asks the server for this answer."""
    return f"{name}-{chunks}"


def texts(name: str, chunks: int) -> dict[int, str]:
    """What each choice of the answer says: its content, or its tool calls' arguments."""
    said: dict[int, str] = {}
    for choice in map(CASES[name].choice, range(chunks)):
        calls = choice["delta"].get("tool_calls") or ()
        arguments = [call["function"]["arguments"] for call in calls]
        piece = choice["delta"].get("content") or "".join(arguments)
        said[choice["index"]] = said.get(choice["index"], "") + piece
    return said


def _word(i: int) -> str:
    return _WORDS[i % len(_WORDS)]


def _choice(delta: Delta, index: int = 0, logprobs: object = None) -> dict[str, Any]:
    return {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": None}


def _plain(i: int) -> dict[str, Any]:
    return _choice({"content": _word(i)})


def _with_logprobs(i: int) -> dict[str, Any]:
    alternatives = [_token(_word(i + other), -0.1 - 1.37 * other) for other in range(5)]
    chosen = {**alternatives[0], "top_logprobs": alternatives}
    return _choice({"content": _word(i)}, logprobs={"content": [chosen], "refusal": None})


def _token(text: str, logprob: float) -> dict[str, Any]:
    return {"token": text, "logprob": logprob, "bytes": list(text.encode())}


def _tool_call(i: int) -> dict[str, Any]:
    call: Delta = {"index": 0, "function": {"arguments": '{"text": "' if i == 0 else _word(i)}}
    if i == 0:
        call |= {"id": "call_Xq2v8sB1", "type": "function"}
        call["function"]["name"] = "write_down"
    return _choice({"tool_calls": [call]})


def _one_of_four(i: int) -> dict[str, Any]:
    return _choice({"content": _word(i)}, index=i % 4)


CASES = {
    "plain": Case("plain, one event per HTTP chunk", _plain),
    "coalesced": Case("coalesced, 50 events per HTTP chunk", _plain, events_per_frame=50),
    "logprobs": Case("with 5 logprobs", _with_logprobs),
    "tools": Case("tool-call deltas", _tool_call),
    "choices": Case("n = 4", _one_of_four),
}


def _events(case: Case, chunks: int) -> Iterator[bytes]:
    choices = [case.choice(i) for i in range(min(chunks, 4))]
    indices = sorted({choice["index"] for choice in choices})
    for index in indices:
        yield _event(_choice({"role": "assistant", "content": "", "refusal": None}, index))
    for i in range(chunks):
        yield _event(case.choice(i))
    for index in indices:
        yield _event(_choice({}, index) | {"finish_reason": "stop"})
    yield b"data: [DONE]\n\n"


def _event(choice: dict[str, Any]) -> bytes:
    value = {
        "id": "chatcmpl-CZk1vGzTQO3Ww5yR9mFhNq8Lx2Jbd",
        "object": "chat.completion.chunk",
        "created": 1_763_800_000,
        "model": "gpt-4o-mini-2024-07-18",
        "service_tier": "default",
        "system_fingerprint": "fp_560af6e559",
        "choices": [choice],
        "usage": None,
        "obfuscation": "k3Yw",
    }
    return b"data: %b\n\n" % json.dumps(value, separators=(",", ":")).encode()
