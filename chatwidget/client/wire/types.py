"""The wire types of a chat completion, whole and in chunks.

What comes in thousands is left out of the garbage collection: it comes from JSON, and so has no
circles.

Names and meanings are the vendor's: see "Chat Completions" in the OpenAI API reference.
Fields that a server adds are ignored; fields that it leaves out have a default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeAlias

import msgspec

from chatwidget.client.wire.ledger import Ledger
from chatwidget.client.wire.messages import TypedMessage
from chatwidget.client.wire.services import mime_bundle, serve

__all__ = [
    "PLACEHOLDER",
    "ChatCompletion",
    "ChatCompletionChunk",
    "ChatCompletionMessage",
    "Choice",
    "ChoiceDelta",
    "ChoiceLogprobs",
    "ChunkChoice",
    "CompletionUsage",
    "CustomCall",
    "CustomCallDelta",
    "FunctionCall",
    "FunctionCallDelta",
    "Message",
    "Messages",
    "Model",
    "TokenLogprob",
    "ToolCall",
    "ToolCallDelta",
    "TopLogprob",
]


PLACEHOLDER = -9999.0
"""What servers say in place of minus infinity, which JSON does not have."""

# What JSON has not, such as nan, could not be stored: the default takes its place.
_Finite = Annotated[float, msgspec.Meta(ge=-1e308, le=1e308)]
_Byte = Annotated[int, msgspec.Meta(ge=0, le=255)]


class TopLogprob(msgspec.Struct, gc=False):
    """One token that could have stood at a position, with its log probability."""

    token: str
    logprob: _Finite = PLACEHOLDER
    bytes: tuple[_Byte, ...] | None = None


class TokenLogprob(msgspec.Struct, gc=False):
    """The token that was chosen at a position, its log probability, and the likeliest others."""

    token: str
    logprob: _Finite = PLACEHOLDER
    bytes: tuple[_Byte, ...] | None = None
    top_logprobs: tuple[TopLogprob, ...] = ()


class ChoiceLogprobs(msgspec.Struct, gc=False):
    """Log probabilities of the tokens of one choice: of its content and of its refusal."""

    content: list[TokenLogprob] | None = None
    refusal: list[TokenLogprob] | None = None


class FunctionCall(msgspec.Struct):
    """A function's name and its arguments, which are JSON text and may be invalid JSON."""

    name: str = ""
    arguments: str = ""
    extra_fields: dict[str, Any] | None = None


class CustomCall(msgspec.Struct):
    """A custom tool's name and its input, which is any text."""

    name: str = ""
    input: str = ""


class ToolCall(msgspec.Struct):
    """A call that the model asks for; of a custom tool, `function` says the same as `custom`.

    `extra_content` and all `extra_fields` are what a server adds and may want back with the result,
    such as a signature of its thoughts (Gemini).
    """

    id: str = ""
    type: str = "function"
    function: FunctionCall = msgspec.field(default_factory=FunctionCall)
    extra_content: dict[str, Any] | None = None
    extra_fields: dict[str, Any] | None = None
    custom: CustomCall | None = None


class FunctionCallDelta(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A piece of a function call."""

    name: str | None = None
    arguments: str | None = None
    extra_fields: dict[str, Any] | None = None


class CustomCallDelta(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A piece of a call of a custom tool."""

    name: str | None = None
    input: str | None = None


class ToolCallDelta(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A piece of a tool call; `index` tells which call of the message it continues."""

    index: int | None = None
    id: str | None = None
    type: str | None = None
    function: FunctionCallDelta | None = None
    extra_content: dict[str, Any] | None = None
    extra_fields: dict[str, Any] | None = None
    custom: CustomCallDelta | None = None


class ChoiceDelta(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """What one chunk adds to one choice.

    Reasoning text comes as `reasoning_content` from some servers and as `reasoning` from others.
    What has other fields is not in good order, and read field by field; they are `extra_fields`.
    """

    role: str | None = None
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[ToolCallDelta] | None = None
    function_call: FunctionCallDelta | None = None
    extra_fields: dict[str, Any] | None = None


class ChunkChoice(msgspec.Struct, gc=False):
    """One choice's part of a chunk; a server that fails may say so in `error`.

    What stands in `usage` is that of the chunk.
    """

    index: int = 0
    delta: ChoiceDelta | None = None
    finish_reason: str | None = None
    logprobs: ChoiceLogprobs | None = None
    error: Any = None
    usage: Any = None


class CompletionUsage(msgspec.Struct):
    """How many tokens the prompt and the answer have, as counted by the server."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    prompt_tokens_details: dict[str, Any] | None = None
    completion_tokens_details: dict[str, Any] | None = None


class ChatCompletionChunk(msgspec.Struct, gc=False):
    """One event of a streamed answer.

    A server that fails in mid-stream sends `error`, in a shape of its own. What Groq says of the
    usage in `x_groq` stands in `usage`.
    """

    choices: list[ChunkChoice]
    id: str | None = None
    created: int | None = None
    model: str | None = None
    object: str | None = None
    system_fingerprint: str | None = None
    service_tier: str | None = None
    usage: CompletionUsage | None = None
    x_groq: Any = None
    error: Any = None
    citations: Any = None
    search_results: Any = None

    @property
    def text(self) -> str:
        """The text that this chunk adds to the first choice; empty if it adds none."""
        for choice in self.choices:
            if choice.index == 0 and choice.delta is not None:
                return choice.delta.content or ""
        return ""


class ChatCompletionMessage(msgspec.Struct):
    """The message that the model wrote; `reasoning` is kept apart from `content`.

    Attributes
    ----------
    audio, annotations, images, citations
        What the answer holds beside its text, as the server sent it.
    extra_fields
        What the server said in fields that the vendor does not have. If the message calls tools,
        the reasoning is among them, under the name that the server gave it: servers may want all
        of it back with the results.
    origin
        The server that `extra_fields` of the message and its calls go back to, and no other.
    """

    role: str = "assistant"
    content: str | None = None
    refusal: str | None = None
    reasoning: str | None = None
    tool_calls: list[ToolCall] | None = None
    function_call: FunctionCall | None = None
    audio: Any = None
    annotations: Any = None
    images: Any = None
    citations: Any = None
    extra_fields: dict[str, Any] | None = None
    origin: str = ""

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing in it that a later request could say again."""
        has_text = bool((self.content or "").strip() or self.refusal)
        return not (has_text or self.tool_calls or self.function_call)


class Choice(msgspec.Struct):
    """One of the n answers to a request.

    `finish_reason` is None as long as the answer is incomplete.
    """

    index: int = 0
    message: ChatCompletionMessage = msgspec.field(default_factory=ChatCompletionMessage)
    finish_reason: str | None = None
    logprobs: ChoiceLogprobs | None = None


class ChatCompletion(msgspec.Struct, weakref=True):
    """A model's answer, the same value whether it was streamed or fetched whole.

    `parsed` is the answer as an instance of the type that ``response_format`` named, and `ledger`
    says what became of the request's parameters; neither is a part of the wire.
    """

    choices: list[Choice]
    id: str = ""
    created: int = 0
    model: str = ""
    object: str = "chat.completion"
    system_fingerprint: str | None = None
    service_tier: str | None = None
    usage: CompletionUsage | None = None
    parsed: Any = None
    ledger: Ledger | None = None

    @property
    def text(self) -> str:
        """The text of the first choice; empty if it has none."""
        first = self._first
        return (first.message.content or "") if first is not None else ""

    @property
    def finish_reason(self) -> str | None:
        """Why the first choice ended, or None if it is incomplete."""
        first = self._first
        return first.finish_reason if first is not None else None

    @property
    def _first(self) -> Choice | None:
        """The choice of index 0, as in each chunk, whatever has come of others."""
        return next((choice for choice in self.choices if choice.index == 0), None)

    def film(
        self,
        parameter: str = "temperature",
        low: float | None = None,
        high: float | None = None,
        **options: Any,
    ) -> Any:
        """Return the `Film` of this answer: all that it would have been along one parameter.

        Parameters
        ----------
        parameter, low, high, **options
            As in `chatwidget.film`.

        Raises
        ------
        ConfigurationError
            If the server that answered has no films, or this answer was read from a file.
        """
        return serve("film", self, parameter, low, high, **options)

    def tokens(self, choice: int = 0) -> Any:
        """Return the `AnswerTokens` of this answer: how probable each was, and what else could be.

        Parameters
        ----------
        choice
            Which of several answers, from 0.

        Raises
        ------
        ConfigurationError
            If this answer came without log probabilities.
        """
        return serve("tokens", self, choice)

    def fork(self, position: int, token: str | int, choice: int = 0) -> ChatCompletion:
        """Return the answer that goes on with another token in the place of one.

        Parameters
        ----------
        position
            The number of the token that is another one, from 0.
        token
            The token in its place: its text, or its rank among the alternatives, from 0.
        choice
            Which of several answers, from 0.

        Raises
        ------
        ParameterError
            If this answer came without log probabilities, or the token is not known there.
        ConfigurationError
            If the server does not continue an answer, or this one was read from a file.
        """
        forked: ChatCompletion = serve("fork", self, position, token, choice)
        return forked

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str] | None:
        """Return what IPython shows at the end of a cell: the answer and a line of facts."""
        return mime_bundle("answer output", self)


class Model(msgspec.Struct):
    """A model that a server offers."""

    id: str
    owned_by: str = ""


Message: TypeAlias = TypedMessage | Mapping[str, Any] | ChatCompletionMessage
"""One message: a mapping with ``role`` and ``content``, or the message of an earlier answer."""

Messages: TypeAlias = str | Sequence[Message]
"""What a request says: a string is short for one message of the user."""
