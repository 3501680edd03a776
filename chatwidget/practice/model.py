"""The practice models: what they read, what they have learned, and one answer in the making."""

from __future__ import annotations

import hashlib
import math
from copy import copy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from chatwidget.practice.copy_model import CopyModel, Passage, Trust
from chatwidget.practice.handbook import is_prose, read_handbook, segments
from chatwidget.practice.language_model import NgramModel
from chatwidget.practice.retrieval import SectionIndex
from chatwidget.practice.tokenizer import END, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.practice.handbook import Section

__all__ = ["Continuation", "PracticeModel", "load_models", "train_models"]


class Continuation:
    """One answer in the making: what may come next, given what came so far.

    Parameters
    ----------
    ngrams
        What was learned from the whole handbook.
    copy_model
        Reads the passages that fit the question.

    Attributes
    ----------
    expected
        The log probabilities of the tokens that one of them expects.
    shift
        By how much the log probability of any other token differs from that by itself.
    """

    def __init__(self, ngrams: NgramModel, copy_model: CopyModel) -> None:
        self._ngrams = ngrams
        self._copy_model = copy_model
        self._context = [END] * (ngrams.order - 1)
        self._predict()

    @cached_property
    def logits(self) -> list[float]:
        """The log probability of every token; these are exact and finite."""
        shift = self.shift
        logits = [shift + logit for logit in self._ngrams.log_unigrams]
        for token, logit in self.expected.items():
            logits[token] = logit
        return logits

    def logit(self, token: int) -> float:
        """Return the log probability of one token."""
        expected = self.expected.get(token)
        return self.shift + self._ngrams.log_unigrams[token] if expected is None else expected

    def likely(self, least: float) -> set[int]:
        """Return the tokens with at least this log probability."""
        likely = {token for token, logit in self.expected.items() if logit >= least}
        return likely.union(self._ngrams.likely(least - self.shift))

    def accept(self, token: int) -> None:
        """Go one token on."""
        otherwise = self._factor * self._ngrams.unigrams[token]
        otherwise += (1.0 - self._copy_model.trust) * self._additions.get(token, 0.0)
        self._copy_model.follow(token, otherwise)
        self._context = [*self._context[1:], token]
        self.__dict__.pop("logits", None)
        self._predict()

    def copy(self) -> Continuation:
        """Return another answer that begins in the same way."""
        other = copy(self)
        other._copy_model = copy(self._copy_model)  # noqa: SLF001 - it is one of its own kind
        return other

    def _predict(self) -> None:
        """Mix both components.

        Most tokens are as likely as by themselves, but for one factor; those that are not are
        `expected`, with their log probabilities.
        """
        trust = self._copy_model.trust
        scale, self._additions = self._ngrams.mixture(self._context)
        self._factor = (1.0 - trust) * scale
        self.shift = math.log(self._factor)
        mixed = {token: (1.0 - trust) * share for token, share in self._additions.items()}
        for token, share in self._copy_model.expected().items():
            mixed[token] = mixed.get(token, 0.0) + trust * share
        factor, unigrams, log = self._factor, self._ngrams.unigrams, math.log
        self.expected = {
            token: log(factor * unigrams[token] + share) for token, share in mixed.items()
        }


@dataclass(frozen=True)
class PracticeModel:
    """A model that answers with the handbook.

    Attributes
    ----------
    name
        What a request calls it.
    fingerprint
        The same for the same handbook and the same settings of the model.
    tokenizer, ngrams, index, trust
        Its parts.
    """

    name: str
    fingerprint: str
    tokenizer: Tokenizer
    ngrams: NgramModel
    index: SectionIndex
    trust: Trust

    def answer(self, question: str) -> Continuation:
        """Begin an answer from the sections that fit a question best."""
        found = self.index.find(question)
        return self._read([self._passage(section.text, weight) for section, weight in found])

    def retell(self, text: str) -> Continuation:
        """Begin an answer that tells a text again, such as the result of a tool."""
        return self._read([self._passage(text.strip(), 1.0)])

    def _read(self, passages: Sequence[Passage]) -> Continuation:
        return Continuation(self.ngrams, CopyModel(passages, self.trust))

    def _passage(self, text: str, weight: float) -> Passage:
        passage = Passage(weight=weight)
        for segment in segments(text):
            passage.add(self.tokenizer.encode(segment), prose=is_prose(segment))
        return passage


@lru_cache(maxsize=1)
def load_models() -> dict[str, PracticeModel]:
    """Train the models on the handbook, once in each process.

    Training takes a tenth of a second, so that nothing is gained by keeping its result on disk.
    """
    return train_models(read_handbook())


def train_models(sections: Sequence[Section]) -> dict[str, PracticeModel]:
    """Train both models on sections of a handbook."""
    tokenizer = Tokenizer(
        text for section in sections for text in (section.page, section.heading, section.text)
    )
    sequences = [tokenizer.encode(_prose(section.text)) for section in sections]
    index = SectionIndex(sections)
    digest = hashlib.sha256("\0".join(section.text for section in sections).encode())
    return {
        name: PracticeModel(
            name=name,
            fingerprint=f"fp_{digest.hexdigest()[:10]}_{order}gram",
            tokenizer=tokenizer,
            ngrams=NgramModel(sequences, len(tokenizer), order),
            index=index,
            trust=trust,
        )
        for name, order, trust in (
            ("practice", 4, Trust(following=0.97, strayed=0.3)),
            # sees one word back, and loses its place in the passage more easily
            ("practice-2gram", 2, Trust(following=0.7, strayed=0.4)),
        )
    }


def _prose(text: str) -> str:
    """Leave out code, formulas and tables: in the middle of a sentence they look like noise."""
    return "".join(segment for segment in segments(text) if is_prose(segment))
