"""Answers of a scripted server that call tools."""

from __future__ import annotations

import json
from typing import Any

from wire.replies import chunk, done, event_stream, sse

__all__ = ["answering", "calling"]


def calling(
    *calls: tuple[str, object], finish: str | None = "tool_calls", text: str | None = None
) -> list[bytes]:
    """Return a stream that calls functions; arguments that are a text are sent as they are."""
    deltas: list[dict[str, Any]] = []
    for index, (name, arguments) in enumerate(calls):
        given = arguments if isinstance(arguments, str) else json.dumps(arguments)
        function = {"name": name, "arguments": given[:3]}
        deltas.append({"index": index, "id": f"call_{index}", "function": function})
        deltas.append({"index": index, "function": {"arguments": given[3:]}})
    chunks = [chunk(text, delta={"role": "assistant"})]
    chunks += [chunk(None, delta={"tool_calls": [delta]}) for delta in deltas]
    return _stream(chunks, finish)


def answering(text: str) -> list[bytes]:
    """Return a stream that answers with a text."""
    return _stream([chunk(text)], "stop")


def _stream(chunks: list[dict[str, Any]], finish: str | None) -> list[bytes]:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    end = [chunk(None, finish_reason=finish)] if finish else []
    return event_stream(sse(*chunks, *end, chunk(choices=[], usage=usage)) + done())
