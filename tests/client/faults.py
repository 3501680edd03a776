"""The faults of the wire as a table: what a server does, and what a user is to see of it.

The numbers are those of the list of faults that the issue on robustness refers to.
"""

from __future__ import annotations

import gzip
import itertools
import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    StreamError,
    StreamInterruptedError,
    UnprocessableEntityError,
)
from chatwidget.client.events import Data, Finish
from chatwidget.client.limits import Limits
from wire.replies import (
    LAST_FRAME,
    SSE_HEAD,
    chunk,
    completion,
    done,
    error,
    event_stream,
    frame,
    head,
    json_response,
    response,
    sse,
    stream_of,
)
from wire.scripted_server import close, drip, half_close, pause, reset, split, stall

if TYPE_CHECKING:
    from chatwidget.client.errors import APIError
    from wire.scripted_server import Step

__all__ = ["CANARY", "FAULTS", "Fault"]

CANARY = "canary-" + "0123456789abcdef"
"""The key of every request, in no well-known form; many of the servers below echo it."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, or looks as if it did.

    Attributes
    ----------
    name
        Its numbers in the list, and what it is.
    steps
        What the server does to the request.
    error
        The class of the error that is raised, exactly; None if the answer is complete.
    text
        The text of the answer, or what had arrived of it.
    said
        A part of what the error says.
    fields
        Attributes of the error.
    reason
        Why a complete answer ended.
    tools
        Identifier, name and arguments of each tool call of the answer.
    others
        The texts of the choices after the first.
    n
        How many choices are asked for.
    kept
        Whether the connection may be kept for the next request, since the response came to its
        end; by default, if the answer is complete or the server refused.
    place
        What is at the address.
    greeting
        What the server does before it reads the request.
    then
        What it does to each further request.
    requests
        How many requests the server is to see.
    timeout, limits
        The limits of the call and of the client.
    sink_fails_at
        The kind of event at which the sink raises.
    """

    name: str
    steps: Step = ()
    error: type[APIError] | None = None
    text: str = ""
    said: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    reason: str | None = "stop"
    tools: tuple[tuple[str, str, str], ...] = ()
    others: tuple[str, ...] = ()
    n: int | None = None
    kept: bool | None = None
    place: Literal["server", "tls", "refusing", "silent"] = "server"
    greeting: Step = ()
    then: Step | None = None
    requests: int = 1
    timeout: Deadlines = field(default_factory=Deadlines)
    limits: Limits = field(default_factory=Limits)
    sink_fails_at: type[Data | Finish] | None = None


HALF = sse(chunk("", delta={"role": "assistant"}), chunk("Half"))
END = sse(chunk(None, finish_reason="stop")) + done()
PING = b": ping\n\n"
ECHO = f"No: {CANARY}, Bearer {CANARY}, sk-canary-of-another."
ODD = "a\u2028b\u2029c\u0085d\u000be\u000cf \U0001f642 Gr\u00fc\u00df"
FORGED = 'data: {"x": 1}\n\ndata: [DONE]\r\n\r\nevent: error\n\n: no'
BODY = stream_of("Half", "!")


def raw(text: str, **extra: Any) -> str:
    """Return a chunk as JSON that escapes no more than it must."""
    return json.dumps(chunk(text, **extra), ensure_ascii=False)


def streamed(*parts: bytes) -> Step:
    """Return a stream that ends well as HTTP goes."""
    return event_stream(*parts)


def cut(*parts: bytes) -> Step:
    """Return a stream whose connection ends after these bytes."""
    return [SSE_HEAD, *parts, close()]


def refusal(status: int, said: str = ECHO, code: str | None = None, **headers: object) -> bytes:
    """Return an error in the vendor's envelope."""
    return json_response(error(said, code=code), status, **headers)


def zipped(body: bytes, coding: str = "gzip") -> Step:
    """Return a stream in a content coding, in small frames."""
    pieces = [frame(piece) for piece in split(body, 16)]
    fields = {"content_type": "text/event-stream", "transfer_encoding": "chunked"}
    return [head(content_encoding=coding, **fields), *pieces, LAST_FRAME]


def calling(*calls: dict[str, Any]) -> dict[str, Any]:
    """Return a chunk with pieces of tool calls."""
    return chunk(None, delta={"tool_calls": list(calls)})


def piece(
    index: object = None, name: str | None = None, arguments: str = "", **extra: Any
) -> dict[str, Any]:
    """Return a piece of a tool call; None is not sent."""
    function = {"arguments": arguments} | ({} if name is None else {"name": name})
    return ({} if index is None else {"index": index}) | {"function": function} | extra


def called(*chunks: dict[str, Any]) -> Step:
    """Return a stream of pieces of tool calls that ends as such streams do."""
    return streamed(sse(*chunks, chunk(None, finish_reason="tool_calls")) + done())


def failed(**choice: Any) -> dict[str, Any]:
    """Return a chunk whose choice says that it failed."""
    last = chunk("")
    last["choices"][0] |= choice
    return last


CONNECTING = [
    Fault("F1 refused", error=APIConnectionError, place="refusing", fields={"phase": "connect"}),
    Fault("F1 reset at once", greeting=reset(), error=APIConnectionError, requests=0),
    Fault(
        "F2 silent port",
        error=APITimeoutError,
        place="silent",
        fields={"phase": "connect"},
        timeout=Deadlines(connect=0.05),
    ),
    Fault(
        "F3 unknown authority",
        error=APIConnectionError,
        said="SSL_CERT_FILE",
        fields={"phase": "tls"},
        place="tls",
        requests=0,
    ),
]

_CLASSES = {
    "F7": {
        400: BadRequestError,
        402: APIStatusError,
        403: PermissionDeniedError,
        404: NotFoundError,
        422: UnprocessableEntityError,
    },
    "F8": {401: AuthenticationError},
    "F9": {
        408: APIStatusError,
        409: ConflictError,
        413: APIStatusError,
        500: InternalServerError,
        502: InternalServerError,
        503: InternalServerError,
        504: InternalServerError,
        529: InternalServerError,
    },
}
_WAITS: dict[str, tuple[dict[str, object], float | None]] = {
    "F10 bare": ({}, None),
    "F10 seconds": ({"retry_after": "7"}, 7.0),
    "F10 part of a second": ({"retry_after": "0.5"}, 0.5),
    "F10 milliseconds": ({"retry_after_ms": "20", "retry_after": "7"}, 0.02),
    "F10 date": ({"retry_after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    "F11 negative": ({"retry_after": "-1"}, None),
    "F11 nan": ({"retry_after": "nan"}, None),
    "F11 year 100000": ({"retry_after": "Fri, 01 Jan 100000 00:00:00 GMT"}, None),
    "F11 overflow": ({"retry_after": "9" * 400}, float("inf")),
}
REFUSALS = [
    *(
        Fault(f"{number} {status}", refusal(status), kind, said=f"answered {status}: No: <key")
        for number, classes in _CLASSES.items()
        for status, kind in classes.items()
    ),
    Fault(
        "F8 key in every field",
        json_response({"error": dict.fromkeys(("message", "type", "param", "code"), ECHO)}, 401),
        AuthenticationError,
        said="The key came from openai_api_key=.",
    ),
    Fault("F8 key as text", response(ECHO.encode(), 401), AuthenticationError),
    *(
        Fault(name, refusal(429, **headers), RateLimitError, fields={"retry_after": wait})
        for name, (headers, wait) in _WAITS.items()
    ),
    Fault(
        "F12 no quota",
        refusal(429, code="insufficient_quota"),
        RateLimitError,
        fields={"code": "insufficient_quota"},
    ),
    Fault(
        "F13 says that it may be retried",
        refusal(400, x_should_retry="true"),
        BadRequestError,
        fields={"should_retry": True},
    ),
    Fault(
        "F13 says that it may not",
        refusal(503, x_should_retry="false"),
        InternalServerError,
        fields={"should_retry": False},
    ),
    Fault(
        "F14 page",
        response(f"<html>{CANARY}".encode(), 502, "text/html"),
        InternalServerError,
        said="The server answered 502: Bad Gateway.",
    ),
    Fault("F14 empty", response(b"", 500), InternalServerError, said="500: Internal Server Error."),
    Fault(
        "F14 no UTF-8",
        response(b"\xff\xfe" + ECHO.encode(), 500),
        InternalServerError,
        said="\ufffd\ufffdNo: <key",
    ),
    Fault(
        "F14 large",
        [head(500, content_length=10**8), b"x" * 10**6, stall()],
        InternalServerError,
        kept=False,
    ),
    Fault(
        "F14 cut",
        [head(500, content_length=1000), ECHO.encode(), close()],
        InternalServerError,
        said="500: No: <key",
        kept=False,
    ),
    Fault(
        "F14 not JSON", response(b"{" + ECHO.encode(), 500, "application/json"), InternalServerError
    ),
    *(
        Fault(
            f"F15 {status}",
            head(status, location="/v2", content_length=0),
            APIStatusError,
            said="Redirects are not followed",
        )
        for status in (301, 302, 303)
    ),
    *(
        Fault(
            f"F15 {status} to another path",
            head(status, location="/v2", content_length=0),
            text="Half!",
            then=streamed(BODY),
            requests=2,
        )
        for status in (307, 308)
    ),
    *(
        Fault(
            f"F16 {name}",
            head(307, location=location, content_length=0),
            APIStatusError,
            said="Redirects are not followed",
        )
        for name, location in {
            "other port": "http://127.0.0.1:1/v1",
            "other host": "http://localhost/v1",
            "other scheme": "https://127.0.0.1/v1",
            "file": "file:///etc/passwd",
        }.items()
    ),
]

BODIES = [
    Fault("F17 JSON whole", json_response(completion("Half!")), text="Half!"),
    Fault(
        "F17 no completion",
        json_response({"message": CANARY}),
        StreamError,
        said="no chat completion",
        kept=True,
    ),
    Fault(
        "F18 page",
        response(f"<html>{CANARY}".encode(), content_type="text/html"),
        StreamInterruptedError,
        said="a web page",
        kept=True,
    ),
    Fault("F18 empty", response(b""), StreamInterruptedError, said="no answer", kept=True),
    Fault("F18 204", head(204), StreamInterruptedError, said="no answer", kept=True),
    Fault("F70 one late burst", [pause(0.05), *event_stream(BODY)], text="Half!"),
]

FRAMING = [
    *(
        Fault(
            f"F19 F20 single bytes, {name}",
            [SSE_HEAD, split(sse(raw(ODD), newline=newline) + END), close()],
            text=ODD,
        )
        for name, newline in {"LF": "\n", "CR": "\r", "CRLF": "\r\n"}.items()
    ),
    Fault(
        "F19 mixed",
        streamed(sse(raw("a"), newline="\r") + sse(raw("b"), newline="\r\n") + sse(raw("c")) + END),
        text="abc",
    ),
    Fault("F20", streamed(sse(raw(ODD)) + END), text=ODD),
    Fault("F21", streamed(b"\xef\xbb\xbf", BODY), text="Half!"),
    Fault(
        "F22",
        streamed(PING, HALF, b"id: 1\n\nevent: x\n\nretry: 5\n\ndata:\n\nid: 2\n: c\n\n", END),
        text="Half",
    ),
    Fault("F23", streamed(HALF, b"data: : OPENROUTER PROCESSING\n\n", END), text="Half"),
    Fault("F24 no space", streamed(BODY.replace(b"data: ", b"data:")), text="Half!"),
    Fault(
        "F24 several lines",
        streamed(BODY.replace(b', "object"', b',\ndata: "object"')),
        text="Half!",
    ),
    Fault("F24 odd fields", streamed(HALF, b"id: a\x00b\nretry: soon\n", END), text="Half"),
    Fault("F25", streamed(sse(chunk(FORGED)) + END), text=FORGED),
    Fault(
        "F26 bad JSON",
        streamed(HALF, b'data: {"choices": ' + ECHO.encode() + b"\n\n", END),
        StreamError,
        "Half",
        said="no JSON object",
    ),
    Fault(
        "F26 the excerpt ends within the key",
        streamed(HALF, b'data: {"x": "' + b"x" * 99 + CANARY.encode() + b"\n\n", END),
        StreamError,
        "Half",
        said="x<key",
    ),
    Fault("F26 a list", streamed(HALF, sse([CANARY]), END), StreamError, "Half"),
    Fault("F26 a number", streamed(HALF, sse(7), END), StreamError, "Half"),
    Fault(
        "F26 at first", streamed(b"data: {" + ECHO.encode() + b"\n\n"), StreamError, said="no JSON"
    ),
    Fault(
        "F27 no UTF-8", streamed(sse(chunk("Gr?n")).replace(b"?", b"\xfc"), END), text="Gr\ufffdn"
    ),
    Fault(
        "F27 half a character at the end",
        streamed(sse(chunk("Gr?")).replace(b"?", b"\xc3"), END),
        text="Gr\ufffd",
    ),
    Fault("F28", streamed(HALF, b"\x00\xff garbage\n\x00\n: \x00\n\n", END), text="Half"),
    Fault("F29 1 MB", streamed(sse(chunk("x" * 10**6)) + END), text="x" * 10**6),
    Fault(
        "F29 line without end",
        [SSE_HEAD, HALF, itertools.repeat(b"x" * 100)],
        StreamError,
        "Half",
        said="Limits(event=20000)",
        limits=Limits(event=10_000),
    ),
    Fault(
        "F30 event",
        [SSE_HEAD, HALF, itertools.repeat(sse(CANARY)[:-1])],
        StreamError,
        "Half",
        said="Limits(event=2000)",
        limits=Limits(event=1000),
    ),
    Fault(
        "F30 body",
        json_response(completion(CANARY * 400)),
        StreamError,
        said="Limits(body=2000)",
        limits=Limits(body=1000),
        kept=True,
    ),
    Fault(
        "F30 bomb",
        zipped(gzip.compress(b"data: " + b"0" * 10**6)),
        StreamError,
        said="Limits(body=200000)",
        limits=Limits(body=100_000),
    ),
    Fault("F31 gzip", zipped(gzip.compress(BODY)), text="Half!"),
    Fault("F31 deflate", zipped(zlib.compress(BODY), "deflate"), text="Half!"),
    Fault(
        "F31 corrupt", zipped(b"\x1f\x8b" + CANARY.encode() * 4), StreamError, said="decompressed"
    ),
]

ENDS = [
    Fault("F32 before a byte", close(), APIConnectionError),
    Fault("F32 reset", reset(), APIConnectionError),
    Fault("F32 after the head", cut(), StreamInterruptedError, said="no answer"),
    Fault("F32 half an event", cut(HALF[:30]), StreamInterruptedError, said="no answer"),
    Fault("F33", cut(HALF, sse(chunk("lost"))[:-30]), StreamInterruptedError, "Half"),
    Fault(
        "F33 half closed",
        [SSE_HEAD, HALF, sse(chunk("lost"))[:-30], half_close(), stall()],
        StreamInterruptedError,
        "Half",
    ),
    Fault("F33 reset", [SSE_HEAD, HALF, pause(0.1), reset()], APIConnectionError, "Half"),
    Fault(
        "F34",
        [*event_stream(HALF)[:2], frame(END)[:20], close()],
        APIConnectionError,
        "Half",
    ),
    Fault(
        "F34 reset",
        [*event_stream(HALF)[:2], frame(END)[:20], pause(0.1), reset()],
        APIConnectionError,
        "Half",
    ),
    Fault(
        "F34 after the last reason",
        [*event_stream(HALF, sse(chunk(None, finish_reason="stop")))[:-1], b"5\r\nda", close()],
        text="Half",
        kept=False,
    ),
    Fault("F35", cut(HALF), StreamInterruptedError, "Half", said="broke off"),
    Fault(
        "F35 in frames", streamed(HALF), StreamInterruptedError, "Half", said="broke off", kept=True
    ),
    Fault("F36 no [DONE]", cut(HALF, sse(chunk(None, finish_reason="stop"))), text="Half"),
    Fault("F36 no reason", streamed(HALF, done()), text="Half", reason=None),
    Fault("F37", cut(HALF, sse(chunk("!", finish_reason="stop"))[:-2]), text="Half!"),
    Fault("F38 more", streamed(HALF, END, sse(chunk("more")), b"data: {\n\n"), text="Half"),
    Fault("F38 no end", [SSE_HEAD, HALF, END, stall()], text="Half", kept=False),
    Fault("F39 no head", stall(), APITimeoutError, timeout=Deadlines(first_event=0.1)),
    Fault(
        "F39 no event",
        [SSE_HEAD, stall()],
        APITimeoutError,
        said="no answer began",
        timeout=Deadlines(first_event=0.1),
    ),
    Fault(
        "F40 head",
        drip(head(x_slow="x" * 1000), every=0.01),
        APITimeoutError,
        said="no answer began",
        timeout=Deadlines(first_event=0.1),
    ),
    *(
        Fault(
            name,
            [SSE_HEAD, HALF, silence],
            APITimeoutError,
            "Half",
            said="nothing more of the answer came",
            timeout=Deadlines(idle=0.1),
        )
        for name, silence in {
            "F39 in the middle": stall(),
            "F40 heartbeats": drip(PING * 1000, every=0.01, size=len(PING)),
            "F40 single bytes": drip(sse(chunk("x" * 1000)), every=0.01),
        }.items()
    ),
    Fault(
        "F41",
        [SSE_HEAD, HALF, drip(sse(chunk("")) * 1000, every=0.005, size=len(sse(chunk(""))))],
        APITimeoutError,
        "Half",
        said="not complete within",
        timeout=Deadlines(total=0.25),
    ),
]

_REPORTS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "object": (
        sse(error(ECHO, "overloaded", code="over")),
        {"type": "overloaded", "code": "over"},
    ),
    "text": (sse({"error": ECHO}), {}),
    "named": (
        b"event: error\n" + sse({"message": ECHO, "type": "overloaded"}),
        {"type": "overloaded"},
    ),
    "named text": (b"event: error\n" + sse(ECHO), {}),
    "choice": (sse(failed(error={"message": ECHO, "code": 502})), {"code": "502"}),
    "choice with text": (sse(failed(error=ECHO)), {}),
    "reason": (sse(failed(finish_reason="error")), {}),
}
MEANING = [
    *(
        Fault(
            f"F42 {name}",
            streamed(HALF, report, END),
            StreamError,
            "Half",
            said="The server reports: ",
            fields=fields,
        )
        for name, (report, fields) in _REPORTS.items()
    ),
    *(
        Fault(
            f"F43 {place}",
            streamed(before + sse(error(ECHO, "overloaded_error"))),
            StreamError,
            text,
            said="The server reports: No: <key",
            fields={"type": "overloaded_error"},
        )
        for place, before, text in (("before content", b"", ""), ("after content", HALF, "Half"))
    ),
    *(
        Fault(
            f"F44 {reason}", streamed(stream_of("Half", finish=reason)), text="Half", reason=reason
        )
        for reason in ("length", "content_filter")
    ),
    Fault(
        "F45",
        streamed(
            sse(chunk(choices=[]), chunk(choices=None), chunk(None), chunk(None, delta={"x": 1})),
            sse({"choices": [{"index": 0, "delta": None}]}),
            sse({"choices": [{"index": 0, "delta": {"content": None}}], "obfuscation": "xxxx"}),
            HALF,
            stream_of("!", usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}),
        ),
        text="Half!",
    ),
    Fault(
        "F46",
        streamed(
            sse(
                chunk("c", index=3, finish_reason="stop"),
                chunk("b", index=1),
                chunk("a"),
                chunk("B", index=1, finish_reason="stop"),
                chunk("A", finish_reason="stop"),
            ),
            done(),
        ),
        text="aA",
        others=("bB", "c"),
        n=3,
    ),
    *(
        Fault(f"{name}", called(*chunks), reason="tool_calls", tools=tools)
        for name, chunks, tools in (
            (
                "F47 second before first",
                [
                    calling(piece(1, "g", id="b")),
                    calling(piece(0, "f", id="a")),
                    calling(piece(1, arguments="1"), piece(0, arguments="0")),
                ],
                (("a", "f", "0"), ("b", "g", "1")),
            ),
            (
                "F47 gap",
                [calling(piece(0, "f", id="a")), calling(piece(2, "g", "{}", id="b"))],
                (("a", "f", ""), ("b", "g", "{}")),
            ),
            (
                "F48 by identifier",
                [
                    calling(piece(None, "f", id="a"), piece(None, "g", id="b")),
                    calling(piece(None, arguments="0", id="a")),
                    calling(piece(None, arguments="1", id="b")),
                ],
                (("a", "f", "0"), ("b", "g", "1")),
            ),
            (
                "F48 the only open call",
                [calling(piece(None, "f", id="a")), calling(piece(None, arguments="{}"))],
                (("a", "f", "{}"),),
            ),
            (
                "F49 twice in one chunk",
                [calling(piece(0, "f", "{", id="a"), piece(0, arguments="}"))],
                (("a", "f", "{}"),),
            ),
            (
                "F49 new identifier",
                [calling(piece(0, "f", "1", id="a")), calling(piece(0, "g", "2", id="b"))],
                (("a", "f", "1"), ("b", "g", "2")),
            ),
            ("F50 text", [calling(piece("x", "f", "{}", id="a"))], (("a", "f", "{}"),)),
            ("F51 no object", [calling(piece(0, "f", "[1]", id="a"))], (("a", "f", "[1]"),)),
            (
                "F51 keys twice",
                [calling(piece(0, "f", '{"x": 1, "x": 2}', id="a"))],
                (("a", "f", '{"x": 1, "x": 2}'),),
            ),
        )
    ),
    *(
        Fault(
            f"F50 {index:.0e}",
            streamed(HALF, sse(calling(piece(index, "f", id="a"))), END),
            StreamError,
            "Half",
            said=f"a tool call with the index {index}",
        )
        for index in (-1, 10**9, 10**30)
    ),
    Fault(
        "F51 cut",
        cut(HALF, sse(calling(piece(0, "f", '{"x": ', id="a")))),
        StreamInterruptedError,
        "Half",
        tools=(("a", "f", '{"x": '),),
    ),
    Fault(
        "F52 at data",
        [SSE_HEAD, sse(chunk("Half")), stall()],
        StreamError,
        "Half",
        sink_fails_at=Data,
    ),
    Fault("F52 at the finish", streamed(BODY), text="Half!", sink_fails_at=Finish),
]

FAULTS = [*CONNECTING, *REFUSALS, *BODIES, *FRAMING, *ENDS, *MEANING]
