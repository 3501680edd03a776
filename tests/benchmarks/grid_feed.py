"""What runs in a notebook's kernel: a study of many settings, whose answers all come at once.

They come at an even pace, however long showing them takes; nobody is asked.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    Choice,
    ChoiceDelta,
    ChunkChoice,
)
from chatwidget.lab.study_display import study_display
from chatwidget.tuning import Result, Results, Study
from chatwidget.tuning.outcomes import Begun, Part
from chatwidget.tuning.progress import Tally
from chatwidget.tuning.requests import Call

from .long_answer import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.lab.study_display import StudyDisplay

__all__ = ["feed_grid", "said", "study_of"]

_ROWS = 10
_LAST_MESSAGES = 0.5
"""Seconds that the kernel's own threads have to send what is left."""


def feed_grid(cells: int, count: int, per_second: float, report: str) -> None:
    """Let so many answers of so many tokens come at once, and write down what it took."""
    study = study_of(cells)
    calls = [Call(request, 1) for request in study.requests]
    answers = [said(cell, count) for cell in range(cells)]
    display = study_display(study, mode="live", on_stop=lambda: None)
    tally = Tally(cells, 0)
    before = time.process_time()
    for call in calls:
        display.hear(Begun(call))
    for number in _paced(count, per_second):
        for call, answer in zip(calls, answers, strict=True):
            display.hear(Part(call, _chunk(answer[number])))
        display.show(tally.progress)
    ended = time.time()
    texts = ["".join(answer) for answer in answers]
    _end(display, study, calls, texts)
    cpu = time.process_time() - before
    size = sum(len(text.encode()) for text in texts)
    told = {"ended": ended, "cpu": cpu, "bytes": size}
    Path(report).write_text(json.dumps(told), "utf-8")


def study_of(cells: int) -> Study:
    """Return a study with so many settings, ten in each row."""
    vary = {
        "temperature": [place / 10 for place in range(_ROWS)],
        "top_p": [(place + 1) / 10 for place in range(cells // _ROWS)],
    }
    return Study("How does one sail?", vary=vary, repeats=1, server="practice", store=False)


def said(cell: int, count: int) -> tuple[str, ...]:
    """Return the tokens of the answer in a cell: no two of them are the same."""
    return tokens(cell + count)[cell:]


def _end(display: StudyDisplay, study: Study, calls: list[Call], texts: list[str]) -> None:
    results = [_result(call, text) for call, text in zip(calls, texts, strict=True)]
    for result in results:
        display.hear(result)
    time.sleep(_LAST_MESSAGES)
    display.close(Results(study.definition, len(study), results), [])
    time.sleep(_LAST_MESSAGES)


def _paced(count: int, per_second: float) -> Iterator[int]:
    began = time.perf_counter()
    for number in range(count):
        wait = began + number / per_second - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        yield number


def _chunk(text: str) -> ChatCompletionChunk:
    return ChatCompletionChunk(choices=[ChunkChoice(index=0, delta=ChoiceDelta(content=text))])


def _result(call: Call, text: str) -> Result:
    choice = Choice(0, ChatCompletionMessage(content=text), "stop")
    return Result(**call.identity, completion=ChatCompletion([choice], model="benchmark"))
