"""What later requests say of a turn, where that is more than its prompt and its answer show."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ParameterError
from chatwidget.client.request.body import wire_messages
from chatwidget.client.text import printable
from chatwidget.render.markup.markdown import code_html

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatwidget.chat.conversation import Turn

__all__ = ["SENT", "sent_html", "sent_text"]

SENT = "Sent with later questions"
_LONGEST = 50_000
_LONGEST_PREVIEW = 80
_TAGS = re.compile("[\U000e0000-\U000e007f]")
"""Letters that nobody sees, and models read."""
_DATA = re.compile(r"(data:[\w/.+-]{0,80};base64,[\w+/=]{20})([\w+/=]+)")
_ASSISTANT = frozenset({"role", "content", "refusal", "tool_calls", "function_call"})
_TOOL = frozenset({"role", "content", "tool_call_id"})
_CALL = frozenset({"id", "type", "function"})


def sent_text(turn: Turn) -> str:
    """Return the messages of a turn as text; empty if people see them anyway.

    What is shown is compared with what is sent, so that nothing goes along unseen, whoever wrote
    the turn. Of what is very long it says how much more there is.
    """
    try:
        messages = wire_messages(turn.messages() or [{"role": "user", "content": turn.prompt}])
    except ParameterError as error:  # it will not be sent
        return error.message
    if _are_shown(messages, turn.prompt):
        return ""
    text = _TAGS.sub(lambda tag: f"<U+{ord(tag[0]):X}>", "\n\n".join(map(_in_words, messages)))
    text = _DATA.sub(lambda found: f"{found[1]}… ({len(found[2]):,} more characters)", text)
    rest = len(text) - _LONGEST
    more = f"\n… {rest:,} more characters, which the Request tab of the panel shows."
    return printable(text[:_LONGEST]) + (more if rest > 0 else "")


def sent_html(turn: Turn) -> str:
    """Return the same as safe HTML: its beginning, and all of it folded away."""
    text = sent_text(turn)
    if not text:
        return ""
    line = " ".join(text.split())
    preview = line if len(line) <= _LONGEST_PREVIEW else f"{line[:_LONGEST_PREVIEW]}…"
    summary = f"<summary>{SENT} → {escape(preview)}</summary>"
    return f"<details>{summary}\n{code_html(text, '')}</details>\n"


def _in_words(message: dict[str, Any]) -> str:
    content = message.get("content")
    if message.keys() == {"role", "content"} and isinstance(content, str):
        return f"{message['role']}: {content}"
    return json.dumps(message, indent=1, ensure_ascii=False)


def _are_shown(messages: list[dict[str, Any]], prompt: str) -> bool:
    """Tell whether messages say what is shown: a prompt, calls with their results, an answer."""
    asked, *rest = messages
    if _TAGS.search(json.dumps(messages, ensure_ascii=False)):
        return False
    if asked != {"role": "user", "content": prompt}:
        return False
    waiting: set[Any] = set()
    for message in rest:
        if message["role"] == "assistant" and _is_plain_answer(message):
            waiting = {call.get("id") for call in message.get("tool_calls") or ()}
        elif _is_result(message) and message["tool_call_id"] in waiting:
            waiting.discard(message["tool_call_id"])
        else:
            return False
    return True


def _is_plain_answer(message: dict[str, Any]) -> bool:
    is_text = isinstance(message.get("content"), str | None)
    calls = message.get("tool_calls") or ()
    return message.keys() <= _ASSISTANT and is_text and all(map(_is_plain_call, calls))


def _is_plain_call(call: dict[str, Any]) -> bool:
    """Tell whether all of a call is shown; of a name that stands there twice only one is."""
    if not call.keys() <= _CALL or call.get("type", "function") != "function":
        return False
    try:
        json.loads(call["function"]["arguments"] or "{}", object_pairs_hook=_distinct)
    except _TwiceError:
        return False
    except (ValueError, KeyError, RecursionError):
        return True  # it is shown as it is
    return True


class _TwiceError(Exception):
    """A name stands in an object twice."""


def _distinct(pairs: Iterable[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise _TwiceError


def _is_result(message: dict[str, Any]) -> bool:
    return (
        message["role"] == "tool"
        and message.keys() == _TOOL
        and isinstance(message.get("content"), str)
    )
