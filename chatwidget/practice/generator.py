"""The generator of an answer: token by token, with the log probability of each."""

from __future__ import annotations

import codecs
import secrets
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from chatwidget.practice.noise import NoiseSource
from chatwidget.practice.sampling import choose, likeliest
from chatwidget.practice.tokenizer import END, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chatwidget.practice.model import Continuation, PracticeModel
    from chatwidget.practice.request import ChatRequest

__all__ = ["Piece", "TokenGenerator", "begin", "spelled"]

Logprob: TypeAlias = "dict[str, Any] | None"
"""The vendor's entry about one token, if logprobs are wanted."""

_Option = TypeVar("_Option")

_SENTENCE_ENDS = (".", "!", "?", ":")
_LONGEST_SENTENCE = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """What one token adds to an answer; its text is empty while a character is incomplete.

    Attributes
    ----------
    text
        The text.
    logprob
        The vendor's entry about the token, if it is wanted.
    tokens
        How many tokens it took: 0 for what is left of an incomplete character.
    """

    text: str
    logprob: Logprob = None
    tokens: int = 1


class TokenGenerator:
    """Generator of one of the n answers of a request, token by token.

    Parameters
    ----------
    model
        The model that writes.
    request
        What is asked for.
    index
        Which of the n answers this is; each has its own chance, so that the first answer does not
        depend on n.
    """

    def __init__(self, model: PracticeModel, request: ChatRequest, index: int) -> None:
        self._model = model
        self._request = request
        seed = secrets.randbits(64) if request.seed is None else request.seed
        # seeded with text, a generator gives the same numbers in every version of Python
        self._random = Random(f"{seed}:{index}")  # noqa: S311 - sampling keeps no secret
        self._noise = NoiseSource(seed, index, len(model.tokenizer))
        self._counts: Counter[int] = Counter()
        self._drawn = 0
        self._continuation = self._begin()
        for token in model.tokenizer.encode(request.prefill):
            self._accept(token)

    def text(self) -> Iterator[Piece]:
        """Write until the end token."""
        return self._pieces(self._tokens())

    def sentence(self) -> Iterator[Piece]:
        """Write one more sentence, for a string in JSON; after the end, begin again."""
        started = False
        for piece in islice(self._pieces(self._tokens()), _LONGEST_SENTENCE):
            if started or piece.text.strip():
                yield piece if started else replace(piece, text=piece.text.lstrip())
                started = True
            if started and ("\n" in piece.text or piece.text.endswith(_SENTENCE_ENDS)):
                return
        self._continuation = self._begin()

    def fixed(self, text: str) -> Iterator[Piece]:
        """Write text that the grammar leaves no choice about: its probability is one."""
        wanted = self._request.alternatives is not None
        return self._pieces(
            (token, {**self._entry(token, 0.0), "top_logprobs": []} if wanted else None)
            for token in self._model.tokenizer.encode(text)
        )

    def pick(self, options: Sequence[_Option]) -> _Option:
        """Choose one of several equally likely values; at temperature 0, the first."""
        greedy = self._request.sampling.temperature == 0
        return options[0] if greedy else self._random.choice(options)

    def _begin(self) -> Continuation:
        return begin(self._model, self._request)

    def _pieces(self, tokens: Iterable[tuple[int, Logprob]]) -> Iterator[Piece]:
        return spelled(self._model.tokenizer, tokens)

    def _tokens(self) -> Iterator[tuple[int, Logprob]]:
        while True:
            logits = self._continuation.logits
            noise = self._noise.at(self._drawn)
            token = choose(logits, self._counts, self._request.sampling, noise)
            if token == END:
                self._drawn += 1
                return
            logprob = self._logprob(token, logits)
            self._accept(token)
            yield token, logprob

    def _accept(self, token: int) -> None:
        """Go one token on, whether it was drawn or the answer began with it."""
        self._drawn += 1
        self._counts[token] += 1
        self._continuation.accept(token)

    def _logprob(self, token: int, logits: Sequence[float]) -> Logprob:
        if self._request.alternatives is None:
            return None
        others = likeliest(logits, self._request.alternatives)
        return {
            **self._entry(token, logits[token]),
            "top_logprobs": [self._entry(other, logits[other]) for other in others],
        }

    def _entry(self, token: int, logprob: float) -> dict[str, Any]:
        tokenizer = self._model.tokenizer
        spelled = None if token == END else list(tokenizer.bytes(token))
        return {"token": tokenizer.label(token), "logprob": logprob, "bytes": spelled}


def begin(model: PracticeModel, request: ChatRequest) -> Continuation:
    """Begin the answer to a request."""
    prompt = request.prompt
    if prompt.tool_result is not None:
        return model.retell(prompt.tool_result)
    return model.answer(prompt.question)


def spelled(tokenizer: Tokenizer, tokens: Iterable[tuple[int, Logprob]]) -> Iterator[Piece]:
    """Turn bytes into text; a character may need several tokens."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token, logprob in tokens:
        yield Piece(decoder.decode(tokenizer.bytes(token)), logprob)
    rest = decoder.decode(b"", final=True)
    if rest:
        yield Piece(rest, tokens=0)
