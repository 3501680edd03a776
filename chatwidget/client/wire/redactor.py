"""Redaction of an answer: a server may send the key back anywhere in it, and in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.client.wire.types import (
    ChatCompletionChunk,
    ChoiceDelta,
    ChoiceLogprobs,
    ChunkChoice,
    FunctionCallDelta,
    TokenLogprob,
    ToolCallDelta,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatwidget.client.auth.key_finder import KeyFinder
    from chatwidget.client.wire.types import ChatCompletion

__all__ = ["AnswerRedactor", "redact_values"]

_PLACEHOLDER = "[key]"
_TEXTS = ("content", "refusal", "reasoning_content", "reasoning")


class AnswerRedactor:
    """Redacts the chunks of an answer as they come, and the whole at any moment.

    What may be the beginning of the key is held back until the next piece of its text tells.
    """

    def __init__(self, finder: KeyFinder) -> None:
        self._finder = finder
        self._first = finder.first
        self._held: dict[tuple[int, str, int | None], str] = {}

    def redact_chunk(self, chunk: ChatCompletionChunk, data: bytes) -> None:
        """Redact a chunk that was decoded from some data."""
        for choice in chunk.choices:
            delta = choice.delta
            # Nearly all chunks have a text alone, and nothing in it that may belong to a key.
            if delta is not None and (
                self._held
                or (delta.content is not None and delta.content.find(self._first) >= 0)
                or delta.reasoning_content is not None
                or delta.tool_calls is not None
                or delta.reasoning is not None
                or delta.refusal is not None
                or delta.function_call is not None
            ):
                self._redact_delta(choice.index, delta)
            if choice.finish_reason and self._held:
                self._release(choice)
        if self._finder.may_be_in(data):
            for choice in chunk.choices:
                self._redact_logprobs(choice.logprobs)
            redact_values(chunk, self._finder)

    def release(self) -> Iterator[ChatCompletionChunk]:
        """Yield what is held back when no more comes."""
        choices = [ChunkChoice(index) for index in sorted({slot[0] for slot in self._held})]
        for choice in choices:
            self._release(choice)
        if choices:
            yield ChatCompletionChunk(choices=choices)

    def redact_completion(self, completion: ChatCompletion) -> ChatCompletion:
        """Redact an answer, or what there is of it."""
        for choice in completion.choices:
            self._redact_logprobs(choice.logprobs)
        redact_values(completion, self._finder)
        return completion

    def _redact_delta(self, index: int, delta: ChoiceDelta) -> None:
        for name in _TEXTS:
            if text := getattr(delta, name):
                setattr(delta, name, self._settled(index, name, text))
        if delta.function_call is not None and delta.function_call.arguments:
            text = self._settled(index, "function_call", delta.function_call.arguments)
            delta.function_call.arguments = text
        for call in delta.tool_calls or ():
            if call.function is not None and call.function.arguments:
                text = self._settled(index, "tool_calls", call.function.arguments, call.index)
                call.function.arguments = text

    def _settled(self, index: int, name: str, piece: str, number: int | None = None) -> str:
        """Return a text with what was held back before it, and without what is held back now."""
        if not self._held and piece.find(self._first) < 0:
            return piece
        slot = (index, name, number)
        text = self._held.pop(slot, "") + piece
        size = self._finder.open_end(text)
        if size:
            self._held[slot] = text[-size:]
            text = text[:-size]
        return self._replaced(text)

    def _release(self, choice: ChunkChoice) -> None:
        """Add what is held back of a choice to its last chunk."""
        delta = choice.delta = choice.delta or ChoiceDelta()
        for slot in [slot for slot in self._held if slot[0] == choice.index]:
            text = self._replaced(self._held.pop(slot))
            if slot[1] == "tool_calls":
                delta.tool_calls = [*(delta.tool_calls or ()), _call_piece(slot[2], text)]
            elif slot[1] == "function_call":
                call = delta.function_call = delta.function_call or FunctionCallDelta()
                call.arguments = (call.arguments or "") + text
            else:
                setattr(delta, slot[1], (getattr(delta, slot[1]) or "") + text)

    def _replaced(self, text: str) -> str:
        return self._finder.replace(text, _PLACEHOLDER)

    def _redact_logprobs(self, logprobs: ChoiceLogprobs | None) -> None:
        for tokens in (logprobs.content, logprobs.refusal) if logprobs is not None else ():
            _redact_tokens(tokens or [], self._finder)


def _call_piece(index: int | None, arguments: str) -> ToolCallDelta:
    return ToolCallDelta(index=index, function=FunctionCallDelta(arguments=arguments))


def _redact_tokens(tokens: list[TokenLogprob], finder: KeyFinder) -> None:
    """Redact the tokens that the key is made of, with all that could have stood there."""
    spans = finder.spans("".join(token.token for token in tokens))
    end = 0
    for position, token in enumerate(tokens) if spans else ():
        start, end = end, end + len(token.token)
        if any(start < last and first < end for first, last in spans):
            tokens[position] = TokenLogprob(_PLACEHOLDER, token.logprob)


def redact_values(root: object, finder: KeyFinder) -> None:
    """Redact all texts in structs, lists and dictionaries, however deep they lie.

    Log probabilities are left to those who see the tokens side by side.
    """
    rest = [root]
    while rest:
        holder: Any = rest.pop()
        for name, value in _items(holder):
            if isinstance(value, str):
                _put(holder, name, finder.replace(value, _PLACEHOLDER), value)
            elif isinstance(value, (dict, list, msgspec.Struct)):
                rest.append(value)


def _items(holder: object) -> Iterable[tuple[Any, Any]]:
    if isinstance(holder, ChoiceLogprobs):
        return ()
    if isinstance(holder, msgspec.Struct):
        return [(name, getattr(holder, name)) for name in holder.__struct_fields__]
    if isinstance(holder, dict):
        return list(holder.items())
    return enumerate(holder) if isinstance(holder, list) else ()


def _put(holder: Any, name: Any, text: str, before: str) -> None:
    if text == before:
        return
    if isinstance(holder, msgspec.Struct):
        setattr(holder, name, text)
    else:
        holder[name] = text
