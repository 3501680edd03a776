"""Results of studies that were never asked, with answers of our choosing."""

from __future__ import annotations

import html.parser
from typing import TYPE_CHECKING, Any

from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    CompletionUsage,
)
from chatwidget.tuning import Failure, Result, Results, Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.tuning.requests import StudyRequest

__all__ = ["HOSTILE", "Reader", "answered", "failed", "passes", "result", "study", "temperatures"]

PARIS = "Paris"
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">&amp;\x1b[31m\u202e'


class Reader(html.parser.HTMLParser):
    """Reads a page: its elements, what their attributes say, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def study(prompts: Any = "Capital?", vary: Any = None, **options: Any) -> Study:
    """A study of the practice server."""
    varied = {"temperature": [0.0, 0.4, 1.2]} if vary is None else vary
    return Study(prompts, vary=varied, **({"server": "practice", "repeats": 20} | options))


def result(request: StudyRequest, draw: int, text: str, **values: Any) -> Result:
    """The result of a call that was answered with a text."""
    reason = values.pop("finish_reason", "stop")
    usage = CompletionUsage(9, len(text.split()), 9 + len(text.split()))
    completion = ChatCompletion(
        [Choice(0, ChatCompletionMessage(content=text), reason)], model="reported", usage=usage
    )
    return Result(
        setting=request.setting,
        prompt=request.prompt,
        item=request.item,
        variables=request.variables,
        draw=draw,
        server=request.server.name,
        completion=completion,
        **({"seconds": 1.0, "first_token": 0.25} | values),
    )


def failed(request: StudyRequest, draw: int, message: str) -> Failure:
    """A call that was not answered."""
    return Failure(
        setting=request.setting,
        prompt=request.prompt,
        item=request.item,
        variables=request.variables,
        draw=draw,
        server=request.server.name,
        kind="APITimeoutError",
        message=message,
    )


def answered(
    asked: Study, text: Callable[[StudyRequest, int], str | None], **options: Any
) -> Results:
    """The results of a study, if it is answered with texts; where there is none, it was not."""
    results = [
        result(request, draw, said)
        for request in asked.requests
        for draw in range(1, asked.repeats + 1)
        if (said := text(request, draw)) is not None
    ]
    return Results(asked.definition, len(asked), results, **options)


def temperatures(*passed: int, **options: Any) -> Results:
    """Twenty answers at each of three temperatures, of which so many are right."""
    asked = study()
    right = dict(zip(asked.settings, passed, strict=True))
    return answered(
        asked,
        lambda request, draw: PARIS if draw <= right[request.setting] else "Lyon",
        **({"passes": passes} | options),
    )


def passes(completion: ChatCompletion) -> bool:
    """Whether the answer is right."""
    return completion.text == PARIS
