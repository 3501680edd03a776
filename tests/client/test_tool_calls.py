"""Which tool call a delta belongs to, as real servers send them."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.wire.response import ResponseParser
from chatwidget.render.display.parts import GrowingAnswer
from wire.replies import chunk, done, sse

PARIS = '{"city": "Paris"}'
OSLO = '{"city": "Oslo, \\"}{\\""}'


def delta(
    arguments: str | None = None, name: str | None = None, id_: str | None = None, index: Any = None
) -> dict[str, Any]:
    told = {"arguments": arguments, "name": name}
    function = {key: value for key, value in told.items() if value is not None}
    told = {"id": id_, "index": index, "function": function or None}
    return {key: value for key, value in told.items() if value is not None}


def read(*deltas: dict[str, Any]) -> tuple[list[tuple[str, str]], list[tuple[str, str]], str]:
    """Return the calls of the answer, those that its chunks add up to, and what is seen of them."""
    parser = ResponseParser()
    events = [chunk(None, delta={"tool_calls": [each]}) for each in deltas]
    seen = GrowingAnswer()
    summed: dict[int, tuple[str, str]] = {}
    for each in parser.feed(sse(*events, chunk(None, finish_reason="tool_calls")) + done()):
        seen.feed(each)
        for call in each.choices[0].delta.tool_calls or ():
            assert call.index is not None
            name, arguments = summed.get(call.index, ("", ""))
            function = call.function
            if function is not None:
                summed[call.index] = (
                    name or function.name or "",
                    arguments + (function.arguments or ""),
                )
    told = parser.completion.choices[0].message.tool_calls or []
    html = "".join(frame.tail for _, frame in seen.frames())
    answer = [(call.function.name, call.function.arguments) for call in told]
    return answer, [summed[index] for index in sorted(summed)], html


def halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


A, B = halves(PARIS)
C, D = halves(OSLO)
BOTH = [("f", PARIS), ("f", OSLO)]
MIXED = [("f", PARIS), ("g", OSLO)]

# How a server tells it: the deltas, and the calls.
HABITS: dict[str, tuple[list[dict[str, Any]], list[tuple[str, str]]]] = {
    "a fresh id per fragment at the same index": (
        [delta(A, "f", "1", 0), delta(B, None, "2", 0)],
        [("f", PARIS)],
    ),
    "a fresh id per fragment, and two calls": (
        [
            delta("", "f", "1", 0),
            delta(A, None, "2", 0),
            delta(B, None, "3", 0),
            delta(C, "f", "4", 1),
            delta(D, None, "5", 1),
        ],
        BOTH,
    ),
    "a fresh id per fragment, and no index": (
        [delta(A, "f", "1"), delta(B, None, "2"), delta(C, "g", "3"), delta(D, None, "4")],
        MIXED,
    ),
    "a fresh id and the name per fragment": (
        [delta("", "f", "1", 0), delta(A, "f", "2", 0), delta(B, "f", "3", 0)],
        [("f", PARIS)],
    ),
    "two whole calls without ids": ([delta(PARIS, "f"), delta(OSLO, "f")], BOTH),
    "two whole calls without ids at one index": (
        [delta(PARIS, "f", None, 0), delta(OSLO, "f", None, 0)],
        BOTH,
    ),
    "two whole calls, one after the other, in pieces without ids": (
        [delta(A, "f"), delta(B), delta(C, "g"), delta(D)],
        MIXED,
    ),
    "two whole calls of one id each at one index": (
        [delta(PARIS, "f", "1", 0), delta(OSLO, "f", "2", 0)],
        BOTH,
    ),
    "a name that is resent": ([delta(A, "f", None, 0), delta(B, "f", None, 0)], [("f", PARIS)]),
    "a name that is resent without an index": ([delta(A, "f"), delta(B, "f")], [("f", PARIS)]),
    "a name that is resent before the arguments": (
        [delta("", "f"), delta(A, "f"), delta(B, "f"), delta("", "f")],
        [("f", PARIS)],
    ),
    "a name that is resent after the end": (
        [delta(PARIS, "f", "1", 0), delta("", "f", "1", 0), delta(None, "f", None, 0)],
        [("f", PARIS)],
    ),
    "ids alone": (
        [delta(A, "f", "1"), delta(C, "g", "2"), delta(B, None, "1"), delta(D, None, "2")],
        MIXED,
    ),
    "indexes alone": (
        [
            delta(A, "f", None, 0),
            delta(C, "g", None, 1),
            delta(B, None, None, 0),
            delta(D, None, None, 1),
        ],
        MIXED,
    ),
    "one id for all": ([delta(PARIS, "f", "1", 0), delta(OSLO, "g", "1", 1)], MIXED),
    "a second call at index 0, and one at 1": (
        [delta(PARIS, "f", "1", 0), delta(OSLO, "f", "2", 0), delta("{}", "g", "3", 1)],
        [*BOTH, ("g", "{}")],
    ),
    "calls without arguments": (
        [delta("", "f", "1", 0), delta("", "f", "2", 0), delta("", "g", "3", 0)],
        [("f", ""), ("f", ""), ("g", "")],
    ),
    "an end of line after a call": (
        [delta(PARIS, "f", "1", 0), delta("\n", None, "2", 0)],
        [("f", PARIS + "\n")],
    ),
}


@pytest.mark.parametrize("habit", HABITS.values(), ids=HABITS)
def test_a_delta_belongs_to_one_call_whatever_the_habit_of_the_server(
    habit: tuple[list[dict[str, Any]], list[tuple[str, str]]],
) -> None:
    deltas, calls = habit
    answer, summed, _ = read(*deltas)
    assert answer == calls
    assert summed == calls


@pytest.mark.parametrize("habit", HABITS.values(), ids=HABITS)
def test_the_live_view_tells_calls_apart_as_the_answer_does(
    habit: tuple[list[dict[str, Any]], list[tuple[str, str]]],
) -> None:
    _, calls = habit
    html = read(*habit[0])[2]
    assert html.count("Tool call") == len(calls)
    assert html.count("Paris") == str(calls).count("Paris")
    assert html.count("Oslo") == str(calls).count("Oslo")


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
calls_of_a_model = st.lists(
    st.tuples(st.sampled_from("fg"), st.dictionaries(st.text(max_size=3), values).map(json.dumps)),
    max_size=4,
)


@given(calls_of_a_model, st.integers(1, 9), st.sampled_from(["plain", "ids", "names", "both"]))
def test_calls_in_a_row_are_told_apart_however_they_are_cut(
    calls: list[tuple[str, str]], size: int, habit: str
) -> None:
    deltas = []
    for name, arguments in calls:
        pieces = [arguments[at : at + size] for at in range(0, len(arguments), size)]
        for number, piece in enumerate(pieces):
            is_named = number == 0 or habit in ("names", "both")
            id_ = str(len(deltas)) if habit in ("ids", "both") else None
            deltas.append(delta(piece, name if is_named else None, id_, 0))
    assert read(*deltas)[0] == calls


def test_a_name_with_each_of_many_pieces_costs_no_more_with_each() -> None:
    many = [delta('{"a": "', "f", "0", 0), *(delta("x" * 9, "f", str(n), 0) for n in range(20_000))]
    start = time.process_time()
    read(*many)
    assert time.process_time() - start < 5
