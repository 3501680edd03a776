"""Whether a server continues an answer that has begun, found out by asking for a token twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import (
    BadRequestError,
    ConfigurationError,
    UnprocessableEntityError,
)
from chatwidget.client.wire.logprobs import told_logprobs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chatwidget.client.client import ChatClient
    from chatwidget.client.wire.types import ChatCompletion, TokenLogprob, TopLogprob

__all__ = ["check_continues", "continues", "distributions", "token_bytes"]

_SAME = 0.3
"""By how much the log probabilities of the same token differ at most, when it is asked again."""

_found: dict[tuple[str, str], bool] = {}
"""What was found out in this process, by the server's address and the model."""


def check_continues(client: ChatClient, model: str, messages: Sequence[Any]) -> None:
    """Find out once whether a server continues an answer; a model of this machine does.

    Raises
    ------
    ConfigurationError
        If it does not.
    APIError
        If the exchange with the server fails.
    """

    def ask(tokens: int, prefill: str) -> ChatCompletion:
        return client.create_chat_completion(
            [*messages],
            model,
            temperature=0,
            max_tokens=tokens,
            logprobs=True,
            top_logprobs=5,
            prefill=prefill or None,
        )

    place = (client.server.base_url, model)
    if client.server.transport is None and place not in _found:
        _found[place] = continues(ask)
    if not _found.get(place, True):
        raise ConfigurationError(
            f"{client.server.name} does not continue an answer that has begun.",
            hint="The practice model, the local model, llama.cpp and vLLM do.",
        )


def continues(ask: Callable[[int, str], ChatCompletion]) -> bool:
    """Ask for two tokens, and for the second one again, after the first.

    A server that continues the answer tells the same probabilities twice.

    Parameters
    ----------
    ask
        Asks for so many tokens after a prefill, with some log probabilities.

    Raises
    ------
    APIError
        If the exchange fails, such as at a server that is busy: nothing is known then.
    """
    try:
        both = distributions(ask(2, ""))
        first = max(both[0], key=both[0].__getitem__)
        again, second = distributions(ask(1, first.decode()))[0], both[1]
    except (BadRequestError, UnprocessableEntityError, IndexError, ValueError):
        return False
    shared = again.keys() & second.keys()
    return bool(shared) and all(abs(again[each] - second[each]) <= _SAME for each in shared)


def distributions(completion: ChatCompletion) -> list[dict[bytes, float]]:
    """Return the log probabilities of the alternatives of each token."""
    logprobs = completion.choices[0].logprobs if completion.choices else None
    tokens = (logprobs and logprobs.content) or []
    return [told_logprobs(token.top_logprobs, token_bytes) for token in tokens]


def token_bytes(token: TokenLogprob | TopLogprob) -> bytes:
    """Return the bytes of a token; those that mean no text end an answer."""
    if token.bytes is not None:
        return bytes(token.bytes)
    is_mark = token.token.startswith("<|") or token.token in ("</s>", "<eos>", "<end_of_turn>")
    return b"" if is_mark else token.token.encode("utf-8", "surrogatepass")
