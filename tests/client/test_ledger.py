"""The ledger: what was asked, sent, refused and ignored."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chatwidget.client.request.report import report_on
from chatwidget.client.wire.ledger import Ledger
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    ChoiceLogprobs,
    CompletionUsage,
    TokenLogprob,
    TopLogprob,
)

NONE: dict[str, str] = {}


def answer(*texts: str, tokens: int | None = 3, finish: str = "stop", **choice: Any) -> Any:
    """A complete answer."""
    return ChatCompletion(
        choices=[
            Choice(i, ChatCompletionMessage(content=text), finish_reason=finish, **choice)
            for i, text in enumerate(texts)
        ],
        usage=None if tokens is None else CompletionUsage(completion_tokens=tokens),
    )


def logprobs(*alternatives: int) -> ChoiceLogprobs:
    """Log probabilities of as many tokens, with so many alternatives each."""
    tops = [[TopLogprob("a", -1.0)] * count for count in alternatives]
    return ChoiceLogprobs([TokenLogprob("a", -1.0, top_logprobs=top) for top in tops])


def ignored(completion: ChatCompletion, **sent: Any) -> dict[str, str]:
    """What of the parameters was ignored, as the answer shows."""
    return report_on(sent, sent, NONE, completion).ignored


JSON = {"type": "json_schema", "json_schema": {}}


@pytest.mark.parametrize(
    ("sent", "completion", "note"),
    [
        ({"n": 3}, answer("a"), "n: 3 answers were asked for, 1 came."),
        (
            {"logprobs": True},
            answer("a"),
            "logprobs: log probabilities were asked for and did not come.",
        ),
        (
            {"logprobs": True, "top_logprobs": 2},
            answer("a", logprobs=ChoiceLogprobs([])),
            "logprobs: log probabilities were asked for and did not come.",
        ),
        (
            {"top_logprobs": 5},
            answer("a", logprobs=logprobs(1, 2, 0)),
            "top_logprobs: 5 were asked for at each token, at most 2 came.",
        ),
        (
            {"max_tokens": 4},
            answer("a", "b", tokens=9),
            "max_tokens: an answer of at most 4 tokens was asked for, 9 tokens came.",
        ),
        (
            {"max_completion_tokens": 4},
            answer("a", tokens=5),
            "max_completion_tokens: an answer of at most 4 tokens was asked for, 5 tokens came.",
        ),
        ({"stop": ["é", "\n"]}, answer("a", "b\nc"), 'stop: the answer goes on after "\\n".'),
        ({"stop": ["", "#"]}, answer("a#b"), 'stop: the answer goes on after "#".'),
        (
            {"response_format": JSON},
            answer("```json\n{}\n```"),
            "response_format: JSON was asked for, and the answer is none.",
        ),
        (
            {"stream_options": {"include_usage": True}},
            answer("a", tokens=None),
            "usage: the number of tokens was asked for and did not come.",
        ),
    ],
    ids=str,
)
def test_what_the_answer_lacks_is_noted(
    sent: dict[str, Any], completion: ChatCompletion, note: str
) -> None:
    assert report_on(sent, sent, NONE, completion).notes() == [note]


@pytest.mark.parametrize(
    ("sent", "completion"),
    [
        ({"n": 2}, answer("a", "b")),
        ({"logprobs": False}, answer("a")),
        ({"logprobs": True}, answer("a", logprobs=logprobs(0))),
        ({"logprobs": True}, answer("")),
        ({"logprobs": True, "top_logprobs": 2}, answer("a", logprobs=logprobs(0, 2))),
        ({"max_tokens": 4}, answer("a", "b", tokens=8)),
        ({"max_tokens": 4}, answer(tokens=3)),
        ({"stop": ""}, answer("a")),
        ({"stop": "#"}, answer("a", "")),
        ({"response_format": {"type": "text"}}, answer("a")),
        ({"response_format": JSON}, answer('{"a": 1}')),
        ({"response_format": JSON}, answer("")),
        ({"response_format": JSON}, answer('{"a"', finish="length")),
        ({"stream_options": {"include_usage": False}}, answer("a", tokens=None)),
        ({"seed": 1, "temperature": 0}, answer("a")),
        ({}, ChatCompletion(choices=[], usage=CompletionUsage())),
    ],
    ids=str,
)
def test_what_came_as_asked_is_not_noted(sent: dict[str, Any], completion: Any) -> None:
    assert ignored(completion, **sent) == {}


def test_json_that_is_too_deep_to_read_is_none() -> None:
    assert "response_format" in ignored(answer("[" * 100_000), response_format=JSON)


def test_a_missing_count_of_tokens_is_told_to_those_who_asked_for_it() -> None:
    ledger = report_on({}, {}, NONE, answer("a", tokens=None))
    assert ledger.ignored.keys() == {"usage"}
    assert ledger.notes() == []
    assert report_on({}, {}, {"stream_options": "No."}, answer("a", tokens=None)).ignored == {}


def test_nothing_is_ignored_before_the_end() -> None:
    assert report_on({"n": 3}, {"n": 3}, NONE) == Ledger({"n": 3}, {"n": 3}, {}, {})


def test_a_refusal_is_told_in_the_servers_words() -> None:
    ledger = Ledger({"top_p": 0.5}, {}, {"top_p": "Not here.", "stream_options": "No."}, {})
    assert ledger.notes() == ["The server refused top_p, so it was not sent: Not here."]


def test_a_limit_may_go_under_its_other_name() -> None:
    refused = {"max_tokens": "Not here."}
    ledger = Ledger({"max_tokens": 4}, {"max_completion_tokens": 4}, refused, {})
    assert ledger.notes() == [
        "The server refused max_tokens, so max_completion_tokens was sent in its place: Not here."
    ]
    both = {"max_tokens": 4, "max_completion_tokens": 5}
    ledger = Ledger(both, {"max_completion_tokens": 5}, refused, {})
    assert ledger.notes() == ["The server refused max_tokens, so it was not sent: Not here."]


def test_a_ledger_is_plain_data() -> None:
    ledger = report_on({"n": 3}, {"n": 3}, {"top_p": "No."}, answer("a"))
    assert msgspec.json.decode(msgspec.json.encode(ledger), type=Ledger) == ledger
