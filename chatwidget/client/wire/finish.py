"""Finish reasons: which words end an answer, and whether it is whole then. Pure.

The vendor has five words; other servers have their own, and some send words that mean nothing.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

__all__ = ["Ending", "cut_off", "cut_off_in_words", "ending", "is_no_reason", "is_whole"]

Ending: TypeAlias = Literal["stop", "tool_calls", "length", "content_filter", "abort", "error"]
"""How an answer ended, in one word for each kind."""

_WORDS: dict[Ending, str] = {
    "stop": "stop stopped stop_sequence stop_string end end_turn end_of_turn eos eos_token"
    " eos_found complete completed finish finished done",
    "tool_calls": "tool_calls tool_call tool_use function_call function_calls",
    "length": "length max_length max_tokens max_output_tokens max_completion_tokens token_limit"
    " model_length context_length context_length_exceeded model_context_window_exceeded",
    "content_filter": "content_filter content_filtered content_filter_error safety recitation"
    " blocklist prohibited_content spii image_safety sensitive refusal guardrail_intervened",
    "abort": "abort aborted cancel cancelled canceled interrupt interrupted preempted timeout"
    " time_limit network_error insufficient_system_resource malformed_function_call",
    "error": "error failed failure internal_error server_error",
}
_ENDINGS: dict[str, Ending] = {
    word: kind for kind, words in _WORDS.items() for word in words.split()
}
_NO_REASONS = frozenset({"", "null", "none", "undefined", "unspecified", "nil"})
_LONGEST = 64

_CUT_OFF: dict[Ending, str] = {
    "length": "cut off: it reached the limit of tokens",
    "content_filter": "cut off by the server's content filter",
    "abort": "cut off: the server aborted it",
}


def ending(reason: str | None) -> Ending | None:
    """Return how an answer ended; None if the word does not say that it did."""
    if not reason:
        return None
    return _ENDINGS.get(reason) or _ENDINGS.get(_plain(reason))


def is_no_reason(reason: str) -> bool:
    """Tell whether a text stands for no reason, as ``"null"`` does."""
    return _plain(reason) in _NO_REASONS


def is_whole(reason: str | None) -> bool:
    """Tell whether nothing is missing of an answer that ended so: its calls may run."""
    return ending(reason) in ("stop", "tool_calls")


def cut_off(reason: str | None) -> str:
    """Return why an answer is not whole, as a sentence; nothing if it is."""
    words = cut_off_in_words(reason)
    return f"The answer was {words}." if words else ""


def cut_off_in_words(reason: str | None) -> str:
    """Return why an answer is not whole, in a few words; nothing if it is."""
    kind = ending(reason)
    return _CUT_OFF.get(kind, "") if kind else ""


def _plain(reason: str) -> str:
    """Return a word as the vendor would write it: ``FinishReason.MAX_TOKENS`` is max_tokens."""
    word = reason[:_LONGEST].strip().rpartition(".")[2]
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|[\s-]", "_", word).lower()
    return parted.removeprefix("finish_reason_").removeprefix("finishreason_")
