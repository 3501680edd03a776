"""Any answer, cut and interleaved in any way, is the same answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chatwidget.client.wire.response import ResponseParser
from wire.replies import chunk, completion, done, sse

if TYPE_CHECKING:
    from chatwidget.client.wire.types import ChatCompletion

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
TEXTS = st.lists(TEXT, max_size=4)


def collected(pieces: list[bytes]) -> ChatCompletion:
    """Return the answer that comes of pieces."""
    parser = ResponseParser()
    for piece in pieces:
        list(parser.feed(piece))
    list(parser.finish())
    return parser.completion


def cut(body: bytes, places: list[int]) -> list[bytes]:
    """Cut a body at places, which may be anywhere."""
    at = sorted({place % (len(body) + 1) for place in places})
    return [body[a:b] for a, b in zip([0, *at], [*at, len(body)], strict=True)]


def written(events: list[Any], newline: str, *, escaped: bool) -> bytes:
    """Write events as a server may."""
    texts = [json.dumps(each, ensure_ascii=escaped) for each in events]
    return sse(*texts, newline=newline) + done(newline)


@settings(max_examples=200, deadline=None)
@given(
    TEXTS,
    st.lists(st.integers(0, 10_000), max_size=30),
    st.sampled_from(["\n", "\r", "\r\n"]),
    st.booleans(),
)
def test_a_cut_makes_no_difference_T12_F19(
    texts: list[str],
    places: list[int],
    newline: str,
    escaped: bool,  # noqa: FBT001 - a parameter
) -> None:
    events = [*map(chunk, texts), chunk(None, finish_reason="stop")]
    body = written(events, newline, escaped=escaped)
    assert collected(cut(body, places)) == collected([body])
    assert collected([body]).text == "".join(texts)


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_choices_may_be_mixed_F46(choices: list[list[str]], chance: Any) -> None:
    queues = [
        [*(chunk(text, at) for text in texts), chunk(None, at, finish_reason="stop")]
        for at, texts in enumerate(choices)
    ]
    answer = collected([sse(*_mixed(queues, chance))])
    assert [choice.index for choice in answer.choices] == list(range(len(choices)))
    told = [choice.message.content or "" for choice in answer.choices]
    assert told == ["".join(texts) for texts in choices]


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_tool_calls_may_be_mixed_F47(calls: list[list[str]], chance: Any) -> None:
    queues = [
        [
            _piece(at, id=f"call-{at}", function={"name": f"f{at}", "arguments": ""}),
            *(_piece(at, function={"arguments": text}) for text in texts),
        ]
        for at, texts in enumerate(calls)
    ]
    events = [*_mixed(queues, chance), chunk(None, finish_reason="tool_calls")]
    found = collected([sse(*events)]).choices[0].message.tool_calls or []
    assert [call.id for call in found] == [f"call-{at}" for at in range(len(calls))]
    assert [call.function.arguments for call in found] == ["".join(texts) for texts in calls]


@settings(max_examples=200, deadline=None)
@given(TEXT, st.lists(st.integers(0, 100), max_size=8))
def test_a_text_may_be_cut_inside_characters_T10(text: str, places: list[int]) -> None:
    units = text.encode("utf-16-le")
    pieces = [
        units[a : a + 2].decode("utf-16-le", "surrogatepass") for a in range(0, len(units), 2)
    ]
    body = sse(*map(chunk, pieces), chunk(None, finish_reason="stop"))
    parser = ResponseParser()
    heard = [each.text for piece in cut(body, places) for each in parser.feed(piece)]
    assert "".join(heard) == parser.completion.text == text
    for each in heard:
        each.encode()


PIECE = st.none() | TEXT
TOKENS = st.lists(st.builds(lambda token: {"token": token, "logprob": -0.5}, TEXT), max_size=2)
LOGPROBS = st.none() | st.fixed_dictionaries(
    {"content": st.none() | TOKENS, "refusal": st.none() | TOKENS}
)
CALL = st.fixed_dictionaries(
    {"id": TEXT, "function": st.fixed_dictionaries({"name": TEXT, "arguments": TEXT})}
)
MESSAGE = st.fixed_dictionaries(
    {"content": PIECE, "refusal": PIECE, "reasoning": PIECE},
    optional={"tool_calls": st.none() | st.lists(CALL, max_size=3)},
)
CHOICE = st.fixed_dictionaries(
    {"message": MESSAGE, "logprobs": LOGPROBS, "finish_reason": st.sampled_from(["stop", "length"])}
)


@settings(max_examples=300, deadline=None)
@given(st.lists(CHOICE, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_a_streamed_answer_equals_a_whole_one_D15_H9_H14(
    choices: list[dict[str, Any]], chance: Any
) -> None:
    numbered = [choice | {"index": at} for at, choice in enumerate(choices)]
    whole = json.dumps(completion(choices=numbered, usage=None)).encode()
    events = _mixed([_streamed(choice, chance) for choice in numbered], chance)
    assert collected([whole]) == collected([sse(*events) + done()])


def _streamed(choice: dict[str, Any], chance: Any) -> list[dict[str, Any]]:
    """Return the chunks of a choice, each with half of a thing that it says; "" is not said."""
    at, said = choice["index"], dict(choice["message"])
    calls = enumerate(said.pop("tool_calls", None) or ())
    queues = [[{"tool_calls": [call | {"index": place}]}] for place, call in calls]
    queues += [[{name: piece} for piece in _halves(text)] for name, text in said.items()]
    events = [chunk(None, at, delta=delta) for delta in _mixed(queues, chance)]
    events.append(chunk(None, at, finish_reason=choice["finish_reason"]))
    if any((choice["logprobs"] or {}).values()):
        chance.choice(events)["choices"][0]["logprobs"] = choice["logprobs"]
    return events


def _halves(text: str | None) -> list[str]:
    return [text[: len(text) // 2], text[len(text) // 2 :]] if text else []


def _piece(index: int, **delta: Any) -> dict[str, Any]:
    return chunk(None, delta={"tool_calls": [{"index": index} | delta]})


def _mixed(queues: list[list[Any]], chance: Any) -> list[Any]:
    """Take from queues by chance, each in its order."""
    rest = [list(queue) for queue in queues]
    mixed = []
    while rest := [queue for queue in rest if queue]:
        mixed.append(chance.choice(rest).pop(0))
    return mixed
