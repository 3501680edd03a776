"""Shorthand of the tests: one request to the practice service, and the answer as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatwidget.practice.service import PracticeService

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.practice.model import PracticeModel

QUESTION = "What does the temperature do?"


def ask(
    models: Mapping[str, PracticeModel],
    question: str = QUESTION,
    *,
    status: int = 200,
    **parameters: Any,
) -> dict[str, Any]:
    """Ask for a whole answer, and expect a status."""
    request = {
        "model": "practice",
        "messages": [{"role": "user", "content": question}],
        **parameters,
    }
    return post(models, request, status=status)


def post(models: Mapping[str, PracticeModel], request: Any, *, status: int = 200) -> dict[str, Any]:
    """Send any request."""
    reply = PracticeService(models).reply(
        "POST", "/v1/chat/completions", "", json.dumps(request).encode()
    )
    body = b"".join(reply.parts)
    assert reply.status == status, body
    assert not reply.streams
    answer: dict[str, Any] = json.loads(body)
    return answer


def stream(
    models: Mapping[str, PracticeModel], question: str = QUESTION, **parameters: Any
) -> list[dict[str, Any]]:
    """Ask for a stream, and return its chunks."""
    request = {
        "model": "practice",
        "messages": [{"role": "user", "content": question}],
        "stream": True,
        **parameters,
    }
    reply = PracticeService(models).reply(
        "POST", "/v1/chat/completions", "", json.dumps(request).encode()
    )
    assert reply.status == 200
    assert reply.streams
    *events, last, rest = b"".join(reply.parts).split(b"\n\n")
    assert (last, rest) == (b"data: [DONE]", b"")
    return [json.loads(event.removeprefix(b"data: ")) for event in events]
