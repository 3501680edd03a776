"""The report on a request, made by comparing what was sent with what came."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatwidget.client.wire.finish import ending
from chatwidget.client.wire.json_text import json_in_answer
from chatwidget.client.wire.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatwidget.client.wire.types import ChatCompletion, Choice

__all__ = ["over_limit", "report_on"]


def report_on(
    asked: Mapping[str, Any],
    sent: Mapping[str, Any],
    unsupported: Mapping[str, str],
    completion: ChatCompletion | None = None,
) -> Ledger:
    """Report what became of the parameters of a request.

    Parameters
    ----------
    asked, sent
        As in `Ledger`.
    unsupported
        The parameters that were left out, each with the server's words.
    completion
        The complete answer; None while it is not complete, when nothing can be said to be ignored.
    """
    ignored = {}
    if completion is not None:
        ignored = dict(_ignored(sent, completion))
        if completion.usage is None and "stream_options" not in unsupported and _counts(sent):
            ignored["usage"] = "the number of tokens was asked for and did not come."
    return Ledger(dict(asked), dict(sent), dict(unsupported), ignored)


def over_limit(limit: object, completion: ChatCompletion) -> bool:
    """Tell whether an answer, by the server's own count, is longer than its limit allows."""
    if completion.usage is None or not isinstance(limit, int):
        return False
    return completion.usage.completion_tokens > limit * max(1, len(completion.choices))


def _counts(sent: Mapping[str, Any]) -> bool:
    """Tell whether the number of tokens was asked for, as it is by default."""
    options = sent.get("stream_options", {"include_usage": True})
    return bool(options.get("include_usage"))


def _ignored(sent: Mapping[str, Any], completion: ChatCompletion) -> Iterator[tuple[str, str]]:
    """Yield what was sent without effect, and how that shows."""
    signs = {
        "n": _few_choices,
        "logprobs": _no_logprobs,
        "top_logprobs": _few_alternatives,
        "max_tokens": _too_long,
        "max_completion_tokens": _too_long,
        "stop": _did_not_stop,
        "response_format": _no_json,
    }
    for name, sign in signs.items():
        shown = sign(sent[name], completion) if name in sent else ""
        if shown:
            yield name, shown


def _few_choices(n: Any, completion: ChatCompletion) -> str:
    came = len(completion.choices)
    return f"{n} answers were asked for, {came} came." if came < n else ""


def _no_logprobs(wanted: Any, completion: ChatCompletion) -> str:
    texts = [choice for choice in completion.choices if choice.message.content]
    is_missing = wanted and texts and not any(map(_alternatives, texts))
    return "log probabilities were asked for and did not come." if is_missing else ""


def _few_alternatives(wanted: Any, completion: ChatCompletion) -> str:
    counts = [count for choice in completion.choices for count in _alternatives(choice)]
    most = max(counts, default=wanted)
    return f"{wanted} were asked for at each token, at most {most} came." if most < wanted else ""


def _alternatives(choice: Choice) -> list[int]:
    """Return how many alternatives came with each token that has a log probability."""
    content = (choice.logprobs and choice.logprobs.content) or ()
    return [len(token.top_logprobs) for token in content]


def _too_long(limit: Any, completion: ChatCompletion) -> str:
    if not over_limit(limit, completion) or completion.usage is None:
        return ""
    came = completion.usage.completion_tokens
    return f"an answer of at most {limit} tokens was asked for, {came} tokens came."


def _did_not_stop(stop: Any, completion: ChatCompletion) -> str:
    ends = [stop] if isinstance(stop, str) else stop
    texts = [choice.message.content or "" for choice in completion.choices]
    passed = next((end for end in ends if end and any(end in text for text in texts)), None)
    return f"the answer goes on after {json.dumps(passed, ensure_ascii=False)}." if passed else ""


def _no_json(wanted: Any, completion: ChatCompletion) -> str:
    if not str(wanted.get("type")).startswith("json"):
        return ""
    ended = [choice for choice in completion.choices if ending(choice.finish_reason) == "stop"]
    texts = [choice.message.content for choice in ended if choice.message.content]
    is_json = all(json_in_answer(text) is not None for text in texts)
    return "" if is_json else "JSON was asked for, and the answer is none."
