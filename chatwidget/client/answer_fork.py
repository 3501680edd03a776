"""A fork of an answer: another token in the place of one, and how it goes on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.client.asked import require_asked
from chatwidget.client.client import ChatClient
from chatwidget.client.continuing import check_continues, token_bytes
from chatwidget.client.errors import ParameterError
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.request.prefill import CONTINUING
from chatwidget.client.wire.ledger import LIMITS
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    ChoiceLogprobs,
    TokenLogprob,
    TopLogprob,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["fork", "fork_prefill", "limits_after"]

_OURS = {"model", "messages", "stream", "stream_options", "n", *CONTINUING}


def fork(
    completion: ChatCompletion, position: int, token: str | int, choice: int = 0
) -> ChatCompletion:
    """Return the answer that goes on with another token; `ChatCompletion.fork` says more."""
    prefill = fork_prefill(completion, position, token, choice)
    asked = require_asked(completion)
    body = msgspec.json.decode(asked.body)
    messages, model = body["messages"], body["model"]
    if body.get("continue_final_message") and asked.begun:
        messages = messages[:-1]
    with ChatClient(asked.server, openai_api_key=asked.key) as client:
        check_continues(client, model, messages)
        rest = {name: each for name, each in body.items() if name not in _OURS}
        rest |= limits_after(rest, position + 1 - asked.begun)
        named = {name: each for name, each in rest.items() if name in PARAMETERS}
        extra = {name: each for name, each in rest.items() if name not in PARAMETERS}
        more: dict[str, Any] = {**named, "extra_body": extra, "prefill": prefill}
        forked: ChatCompletion = client.create_chat_completion(messages, model, **more)
        return forked


def limits_after(parameters: Mapping[str, Any], tokens: int) -> dict[str, int]:
    """Return the limits of what is left of an answer that has begun with so many tokens."""
    given = {name: parameters.get(name) for name in LIMITS}
    return {name: max(1, limit - tokens) for name, limit in given.items() if limit is not None}


def fork_prefill(
    completion: ChatCompletion, position: int, token: str | int, choice: int = 0
) -> ChatCompletion:
    """Return an answer as far as a position, with another token there.

    Parameters
    ----------
    completion
        The answer, which came with log probabilities.
    position
        The number of the token, from 0.
    token
        The token in its place: its text, or its rank among the alternatives, from 0.
    choice
        Which of several answers, from 0.

    Raises
    ------
    ParameterError
        If there is no such token, or no server could go on from it.
    """
    chosen = next((each for each in completion.choices if each.index == choice), None)
    logprobs = chosen.logprobs if chosen is not None else None
    tokens = (logprobs and logprobs.content) or []
    if not 0 <= position < len(tokens):
        raise ParameterError(
            f"Choice {choice} has {len(tokens)} tokens with log probabilities, and none at "
            f"position {position}.",
            hint="Ask with logprobs=True and top_logprobs=20; positions count from 0.",
        )
    other = _alternative(tokens[position], token)
    kept = [*tokens[:position], other]
    message = ChatCompletionMessage(content=_text(kept))
    return ChatCompletion([Choice(0, message, logprobs=ChoiceLogprobs(content=kept))])


def _alternative(there: TokenLogprob, token: str | int) -> TokenLogprob:
    """Return what could have stood in the place of a token."""
    known: Sequence[TopLogprob | TokenLogprob] = [*there.top_logprobs, there]
    if isinstance(token, int):
        found = known[token : token + 1]
    else:
        found = [each for each in known if token in (each.token, _spelled(each))]
    if not found:
        listed = ", ".join(repr(each.token) for each in there.top_logprobs[:_NAMED])
        raise ParameterError(
            f"{token!r} is none of the tokens that are known there.",
            hint=f"They begin with {listed}." if listed else "The server told no alternatives.",
        )
    if not token_bytes(found[0]):
        raise ParameterError(f"{found[0].token!r} ends the answer: nothing goes on from it.")
    return TokenLogprob(
        token=found[0].token,
        logprob=found[0].logprob,
        bytes=found[0].bytes,
        top_logprobs=there.top_logprobs,
    )


_NAMED = 5


def _spelled(token: TopLogprob | TokenLogprob) -> str:
    return token_bytes(token).decode("utf-8", "backslashreplace")


def _text(tokens: Sequence[TokenLogprob]) -> str:
    try:
        return b"".join(map(token_bytes, tokens)).decode()
    except ValueError:
        raise ParameterError(
            "The answer would break off within a character there, where no server goes on.",
            hint="Take the position after it.",
        ) from None
