"""The accumulator: chunks in, one completion out, at any moment.

Every field has its own rule and every list is keyed by an index:
merging by type, as "append all strings", repeats roles and tool names that servers resend.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import StreamError
from chatwidget.client.wire.additions import plain_message
from chatwidget.client.wire.extra_fields import fed, value_of
from chatwidget.client.wire.finish import ending, is_no_reason
from chatwidget.client.wire.logprobs import is_told
from chatwidget.client.wire.media import MEDIA
from chatwidget.client.wire.mending import REASONING_NAMES
from chatwidget.client.wire.surrogates import join_surrogates
from chatwidget.client.wire.thoughts import Said, ThoughtSplitter
from chatwidget.client.wire.tool_calls import PartialFunction, PartialToolCalls
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    Choice,
    ChoiceDelta,
    ChoiceLogprobs,
    ChunkChoice,
    TokenLogprob,
)

if TYPE_CHECKING:
    from chatwidget.client.wire.extra_fields import PartialFields
    from chatwidget.client.wire.types import (
        CompletionUsage,
    )

__all__ = ["ChatCompletionAccumulator"]

_MOST_CHOICES = 65_536


class ChatCompletionAccumulator:
    """Collect the chunks of one streamed answer; each costs the same, however long it is.

    Parameters
    ----------
    think_tags
        Whether what stands between ``<think>`` and ``</think>`` is reasoning. It is moved there in
        the chunks, too, so that all who hear of them see the same.
    is_sole
        Whether one choice was asked for: it has the index 0, however the server numbers it.

    Attributes
    ----------
    finished
        Whether there is a choice, and every choice has said that and why it ended.
    """

    def __init__(self, *, think_tags: bool = True, is_sole: bool = False) -> None:
        self._head = ChatCompletion(choices=[])
        self._choices: dict[int, _PartialChoice] = {}
        self._open = 0
        self._think_tags = think_tags
        self._is_sole = is_sole
        self._renumbered: dict[int, int] = {}
        self._citations: Any = None
        self.finished = False

    @property
    def count(self) -> int:
        """How many choices have begun."""
        return len(self._choices)

    @property
    def usage(self) -> CompletionUsage | None:
        """How many tokens there are, if the server has said it."""
        return self._head.usage

    @property
    def is_empty(self) -> bool:
        """Whether nothing has been said so far; what servers add is said beside an answer."""
        said = [plain_message(choice.message) for choice in self.completion.choices]
        return all(message == ChatCompletionMessage(role=message.role) for message in said)

    @property
    def completion(self) -> ChatCompletion:
        """What has arrived so far; the text is joined anew at each look."""
        head = self._head
        choices = [self._choices[index].choice(index) for index in sorted(self._choices)]
        for choice in choices:
            choice.message.citations = choice.message.citations or self._citations
        return ChatCompletion(
            choices=choices,
            id=head.id,
            created=head.created,
            model=head.model,
            system_fingerprint=head.system_fingerprint,
            service_tier=head.service_tier,
            usage=head.usage,
        )

    def feed(self, chunk: ChatCompletionChunk) -> None:
        """Add a chunk.

        Raises
        ------
        StreamError
            If it holds a tool call that cannot be one, or more choices than an answer can have.
        """
        head = self._head
        if not head.id:
            head.id = chunk.id or ""
            head.created = chunk.created or 0
        head.model = head.model or chunk.model or ""
        if chunk.system_fingerprint:
            head.system_fingerprint = chunk.system_fingerprint
        if chunk.service_tier:
            head.service_tier = chunk.service_tier
        if chunk.usage is not None:
            head.usage = _larger(head.usage, chunk.usage)
        if chunk.search_results or chunk.citations:
            self._citations = chunk.search_results or chunk.citations
        for part in chunk.choices:
            if self._renumbered:
                part.index = self._renumbered.get(part.index, part.index)
            choice = self._choices.get(part.index)
            if choice is None:
                choice = self._begun(part)
            had_ended = choice.has_ended
            choice.feed(part)
            if choice.has_ended and not had_ended:
                self._open -= 1
                self.finished = not self._open

    def finish(self) -> ChatCompletionChunk | None:
        """Take the end of the answer; return what was held back until it was known what it is."""
        ends = [ChunkChoice(index, ChoiceDelta()) for index in self._choices]
        said = [end for end in ends if self._choices[end.index].finish(end)]
        if self._is_sole and len(self._choices) == 1:
            self._choices = dict(enumerate(self._choices.values()))
        return ChatCompletionChunk(said) if said else None

    def _begun(self, part: ChunkChoice) -> _PartialChoice:
        if len(self._choices) >= _MOST_CHOICES:
            raise StreamError(f"The server sent more than {_MOST_CHOICES:,} choices.")
        if self._is_sole and not self._choices and part.index == 1:  # the server counts from 1
            self._renumbered = {1: 0, 0: 1}
            part.index = 0
        self._open += 1
        self.finished = False
        choice = self._choices[part.index] = _PartialChoice(think_tags=self._think_tags)
        return choice


class _PartialChoice:
    def __init__(self, *, think_tags: bool) -> None:
        self.role = ""
        self.refusal: list[str] = []
        self.text = ThoughtSplitter()
        self.think_tags = think_tags
        self.reasoning_name = ""
        self.extra_fields: PartialFields | None = None
        self.tool_calls: PartialToolCalls | None = None
        self.function_call: PartialFunction | None = None
        self.content_logprobs: list[TokenLogprob] = []
        self.refusal_logprobs: list[TokenLogprob] = []
        self.finish_reason: str | None = None
        self.has_ended = False

    def feed(self, part: ChunkChoice) -> None:
        if part.finish_reason:
            self._end(part.finish_reason)
        if part.delta is not None:
            self._feed_delta(part.delta)
        if part.finish_reason:
            self.finish(part)
        if part.logprobs is not None:
            self.content_logprobs += part.logprobs.content or ()
            self.refusal_logprobs += part.logprobs.refusal or ()

    def _end(self, reason: str) -> None:
        """Note why the choice ended; a word that means nothing is noted until there is another."""
        ends = ending(reason) is not None
        if ends or not (self.has_ended or is_no_reason(reason)):
            self.finish_reason = reason
            self.has_ended = ends

    def _feed_delta(self, delta: ChoiceDelta) -> None:
        if delta.reasoning_content or delta.reasoning:
            self.reasoning_name = "reasoning_content" if delta.reasoning_content else "reasoning"
            self.text.reasoning.append(delta.reasoning_content or delta.reasoning or "")
        if delta.content is not None:
            if (self.text.is_idle and "<" not in delta.content) or not self.think_tags:
                self.text.content.append(delta.content)
            else:
                _tell(delta, self.text.feed(delta.content))
        if delta.role and not self.role:
            self.role = delta.role
        if delta.refusal is not None:
            self.refusal.append(delta.refusal)
        if delta.tool_calls:
            self.tool_calls = self.tool_calls or PartialToolCalls()
            self.tool_calls.feed(delta.tool_calls)
        if delta.function_call is not None:
            self.function_call = self.function_call or PartialFunction()
            self.function_call.feed(delta.function_call)
        if delta.extra_fields:
            self.extra_fields = fed(self.extra_fields, delta.extra_fields)

    def finish(self, part: ChunkChoice) -> bool:
        """Add what was held back to a part; tell whether there was anything."""
        rest = self.text.finish()
        if any(rest):
            part.delta = part.delta or ChoiceDelta()
            _tell(part.delta, Said((part.delta.content or "") + rest.content, rest.reasoning))
        return any(rest)

    def choice(self, index: int) -> Choice:
        rest = self.text.rest
        calls = self.tool_calls.calls() if self.tool_calls is not None else None
        reasoning = _joined([*self.text.reasoning, rest.reasoning])
        extra = self._extra_fields(reasoning if calls else None)
        return Choice(
            index=index,
            message=ChatCompletionMessage(
                role=self.role or "assistant",
                content=_joined([*self.text.content, rest.content]),
                refusal=_joined(self.refusal),
                reasoning=reasoning,
                tool_calls=calls,
                function_call=self.function_call.call() if self.function_call else None,
                **{name: extra.pop(name, None) for name in MEDIA},
                extra_fields=extra or None,
            ),
            finish_reason=self.finish_reason,
            logprobs=self._logprobs(),
        )

    def _extra_fields(self, reasoning: str | None) -> dict[str, Any]:
        """Return what else was said; the reasoning is a part of it where calls go back with it."""
        fields = value_of(self.extra_fields) or {}
        names = fields.keys() & set(REASONING_NAMES)
        if reasoning is None:
            fields = {name: value for name, value in fields.items() if name not in names}
        elif self.reasoning_name and not names:
            fields[self.reasoning_name] = reasoning
        return fields

    def _logprobs(self) -> ChoiceLogprobs | None:
        """Return the log probabilities; None if none of them says anything."""
        told = chain(self.content_logprobs, self.refusal_logprobs)
        if not any(is_told(token.logprob) for token in told):
            return None
        return ChoiceLogprobs(
            content=list(self.content_logprobs) or None,
            refusal=list(self.refusal_logprobs) or None,
        )


def _tell(delta: ChoiceDelta, said: Said) -> None:
    """Let a delta say what its text turned out to be, so that all who hear of it see the same."""
    delta.content = said.content
    if said.reasoning:
        delta.reasoning = (delta.reasoning_content or delta.reasoning or "") + said.reasoning
        delta.reasoning_content = None


def _joined(pieces: list[str]) -> str | None:
    """Join a text; servers say null or "" where there is none, one here and the other there."""
    return join_surrogates("".join(pieces)) or None


def _larger(known: CompletionUsage | None, new: CompletionUsage) -> CompletionUsage:
    """Keep the fuller count: some servers count in each chunk, some send zeros at the end."""
    return new if known is None or new.total_tokens >= known.total_tokens else known
