"""What a server of chat completions sends, as bytes, and the values inside, as dicts.

Headers are given as keywords: `head(429, retry_after="1")` sends ``retry-after: 1``.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

__all__ = [
    "LAST_FRAME",
    "SSE_HEAD",
    "chunk",
    "completion",
    "done",
    "error",
    "event_stream",
    "frame",
    "head",
    "json_response",
    "response",
    "sse",
    "stream_of",
]

_REASONS = {status.value: status.phrase for status in HTTPStatus}


def head(status: int = 200, **headers: object) -> bytes:
    """Status line and headers; nothing is added to what is given."""
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, '')}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def response(
    body: bytes, status: int = 200, content_type: str = "text/plain", **headers: object
) -> bytes:
    """A whole response of known length."""
    fields = {"content_type": content_type, "content_length": len(body)} | headers
    return head(status, **fields) + body


def json_response(value: object, status: int = 200, **headers: object) -> bytes:
    """A whole response with a JSON body."""
    return response(json.dumps(value).encode(), status, "application/json", **headers)


def frame(data: bytes) -> bytes:
    """One piece of a body in the chunked transfer coding."""
    return b"%x\r\n%b\r\n" % (len(data), data)


LAST_FRAME = b"0\r\n\r\n"

SSE_HEAD = head(content_type="text/event-stream", connection="close")
"""The head of a stream that ends where the connection ends."""


def event_stream(*parts: bytes, **headers: object) -> list[bytes]:
    """A whole stream in the chunked transfer coding; each part is a frame, sent by itself."""
    fields = {"content_type": "text/event-stream", "transfer_encoding": "chunked"} | headers
    return [head(200, **fields), *map(frame, parts), LAST_FRAME]


def sse(*events: object, newline: str = "\n") -> bytes:
    """Server-sent events; a string is sent as it is, anything else as JSON."""
    return "".join(
        f"data: {event if isinstance(event, str) else json.dumps(event)}{newline}{newline}"
        for event in events
    ).encode()


def done(newline: str = "\n") -> bytes:
    """The event that ends a stream."""
    return sse("[DONE]", newline=newline)


def chunk(
    content: str | None = "Hi",
    index: int = 0,
    finish_reason: str | None = None,
    delta: dict[str, Any] | None = None,
    **extra: Any,
) -> dict[str, Any]:
    """One chunk of an answer; `delta` is merged with the content, `extra` with the chunk."""
    text = {} if content is None else {"content": content}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "scripted",
        "choices": [
            {
                "index": index,
                "delta": text | (delta or {}),
                "logprobs": None,
                "finish_reason": finish_reason,
            }
        ],
    } | extra


def stream_of(
    *pieces: str, finish: str | None = "stop", usage: dict[str, Any] | None = None
) -> bytes:
    """The body of a stream with the vendor's manners: role, text, finish, usage, [DONE]."""
    chunks = [chunk("", delta={"role": "assistant"}), *map(chunk, pieces)]
    if finish is not None:
        chunks.append(chunk(None, finish_reason=finish))
    if usage is not None:
        chunks.append(chunk(choices=[], usage=usage))
    return sse(*chunks) + done()


def completion(text: str = "Hi", finish_reason: str = "stop", **extra: Any) -> dict[str, Any]:
    """A whole answer."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "scripted",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None},
                "logprobs": None,
                "finish_reason": finish_reason,
            }
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    } | extra


def error(
    message: str,
    kind: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
) -> dict[str, Any]:
    """The vendor's envelope of an error."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
