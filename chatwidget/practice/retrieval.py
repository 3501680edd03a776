"""Retrieval of the sections of the handbook that fit a question.

Two things are compared: the words of the question with all words of the section (BM25), and the
question with the section's heading, because the headings are questions themselves.
BM25 with weighted fields: S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework:
BM25 and Beyond", Foundations and Trends in Information Retrieval 3 (2009), section 3.6.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from chatwidget.client.request.parameters import PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.practice.handbook import Section

__all__ = ["SectionIndex", "terms"]

_HEADING_WEIGHT = 3.0
_PAGE_WEIGHT = 1.0
_FIRST_PARAGRAPH_WEIGHT = 1.0  # on top of the body's one
_SATURATION = 1.2
_LENGTH_NORMALISATION = 0.5
_LIKENESS = 1.0  # how much the likeness with the heading counts, beside BM25 scaled to one
_PARAMETER_WEIGHT = 1.5  # the name of a parameter is what a question is about
_PHRASING = 0.15  # "What is X?" and "How do I set X?" have the same terms, and are not the same

_OVERVIEW = 0.85  # what the score of a page's introduction is worth: a section says more

_ENOUGH = 0.33
"""The score that a section must have, or the question is off topic."""

_RUNNERS_UP = 2
_NEAR = 0.6
"""How near to the best score a runner-up must come to be kept."""

_INTRODUCTION = "Who are you?"

# They say how something is asked, not what about; "n" and "stop" are names and stay.
_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a about all also although am an and any are as at be been best better but by can could
        did do does doing done each every everything explain for from get give good got had has
        have having hello help hey hi how however i if in into is it its just let list ll make may
        me might more much my name now of on or our out please re s say see set shall she should
        show so some such t tell than thank thanks that the their them then there these they this
        those time to us use ve very want was we were what whats when where which who whom whose
        why will with without work would write wrote you your""",
    )
)

_SYNONYMS = {
    "abort": "stop",
    "asynchronous": "async",
    "cancel": "stop",
    "completion": "answer",
    "creativity": "random",
    "deterministic": "repeat",
    "different": "differ",
    "halt": "stop",
    "interrupt": "stop",
    "kwarg": "parameter",
    "llm": "model",
    "log": "logprob",
    "option": "parameter",
    "output": "answer",
    "probability": "logprob",
    "quit": "stop",
    "randomness": "random",
    "reply": "answer",
    "reproducible": "repeat",
    "reset": "default",
    "response": "answer",
    "setting": "parameter",
}

# "top p", "top-p", "topp" and "top_p" are one name
_SPELLED = {name: name for name in PARAMETERS if "_" in name} | {"api_key": "key"}
_NAMES = {name.replace("_", ""): meaning for name, meaning in _SPELLED.items()}
_NAME = re.compile(rf"\b(?:{'|'.join(_SPELLED).replace('_', '[ _-]?')})\b")
_WORD = re.compile(r"%*[^\W_]\w*")  # "%chat" is not "%%chat"
_CAMEL = re.compile(r"\b[A-Z]+[a-z]+[A-Z]\w*")
_CAMEL_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+")

_SHORTEST = 3
"""Words of this length are stems already."""


class SectionIndex:
    """The sections of a handbook, ready to be searched."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self.sections = sections
        self._weights = [_field_weights(section) for section in sections]
        self._headings = [frozenset(terms(section.heading)) for section in sections]
        self._phrasings = [_phrasing(section.heading) for section in sections]
        lengths = [sum(weights.values()) for weights in self._weights]
        mean = sum(lengths) / len(lengths)
        self._norms = [
            1 - _LENGTH_NORMALISATION + _LENGTH_NORMALISATION * length / mean for length in lengths
        ]
        self._document_counts = Counter(term for weights in self._weights for term in weights)

    def find(self, question: str) -> list[tuple[Section, float]]:
        """Return the best section and the runners-up, each with its score relative to the best.

        A question that the handbook does not know gets the section in which the model
        introduces itself.
        """
        scores = self._scores(question)
        ranked = sorted(range(len(scores)), key=lambda number: -scores[number])
        best = scores[ranked[0]]
        if best < _ENOUGH:
            return [(self._introduction(), 1.0)]
        kept = [n for n in ranked[: 1 + _RUNNERS_UP] if scores[n] >= _NEAR * best]
        return [(self.sections[number], scores[number] / best) for number in kept]

    def _introduction(self) -> Section:
        wanted = _phrasing(_INTRODUCTION)
        return self.sections[
            max(range(len(self.sections)), key=lambda n: _dice(wanted, self._phrasings[n]))
        ]

    def _scores(self, question: str) -> list[float]:
        wanted = frozenset(terms(question))
        if not wanted:
            return [0.0] * len(self.sections)
        phrasing = _phrasing(question)
        return [self._score(wanted, phrasing, number) for number in range(len(self.sections))]

    def _score(self, wanted: frozenset[str], phrasing: frozenset[str], number: int) -> float:
        score = (
            self._bm25(wanted, number)
            + _LIKENESS * self._likeness(wanted, self._headings[number])
            + _PHRASING * _dice(phrasing, self._phrasings[number])
        )
        section = self.sections[number]
        return score * _OVERVIEW if section.heading == section.page else score

    def _bm25(self, wanted: frozenset[str], number: int) -> float:
        """Return the score as a part of what a section full of the wanted terms would have."""
        weights, norm = self._weights[number], self._norms[number]
        score = sum(
            self._rarity(term) * weights[term] / (weights[term] + _SATURATION * norm)
            for term in wanted & weights.keys()
        )
        return score / self._total_rarity(wanted)

    def _likeness(self, wanted: frozenset[str], heading: frozenset[str]) -> float:
        """Return the part of question and heading that they have in common, rare terms first."""
        common = self._total_rarity(wanted & heading)
        return 2 * common / (self._total_rarity(wanted) + self._total_rarity(heading))

    def _total_rarity(self, wanted: frozenset[str]) -> float:
        return sum(map(self._rarity, wanted))

    def _rarity(self, term: str) -> float:
        count = self._document_counts[term]
        rarity = math.log(1 + (len(self.sections) - count + 0.5) / (count + 0.5))
        return rarity * _PARAMETER_WEIGHT if term in _PARAMETER_TERMS else rarity


def terms(text: str) -> list[str]:
    """Return the words of a text that say what it is about, in one form for all their forms."""
    words = [word for word in _words(text) if word not in _FUNCTION_WORDS]
    return [_SYNONYMS.get(term, term) for term in map(_stem, words)]


def _words(text: str) -> list[str]:
    """Return all words in lower case; ``RateLimitError`` counts whole and in its parts."""
    parts = [part for name in _CAMEL.findall(text) for part in _CAMEL_PART.findall(name)]
    text = " ".join([text, *parts]).lower()
    return _WORD.findall(_NAME.sub(lambda name: _NAMES[re.sub("[ _-]", "", name[0])], text))


def _phrasing(text: str) -> frozenset[str]:
    return frozenset(_words(text))


def _dice(left: frozenset[str], right: frozenset[str]) -> float:
    return 2 * len(left & right) / max(1, len(left) + len(right))


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    """Cut the commonest endings of English words; names with an underscore stay whole."""
    if "_" in word or len(word) <= _SHORTEST:
        return word
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("ly", "")):
        stem = word.removesuffix(ending) + instead
        if word.endswith(ending) and len(stem) >= _SHORTEST:  # "sing" is not "s"
            return _without_e(_undoubled(stem))
    plural = word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return _without_e(word[:-1] if plural else word)


def _undoubled(stem: str) -> str:
    doubled = stem[-1] == stem[-2] and stem[-1] not in "lsz"
    return stem[:-1] if doubled else stem


def _without_e(stem: str) -> str:
    """Make "use", "using" and "used" one."""
    return stem[:-1] if stem.endswith("e") and len(stem) > _SHORTEST else stem


_PARAMETER_TERMS = frozenset(term for name in PARAMETERS for term in terms(name))


def _field_weights(section: Section) -> Counter[str]:
    weights: Counter[str] = Counter()
    fields = (
        (section.heading, _HEADING_WEIGHT),
        (section.page, _PAGE_WEIGHT),
        (section.text.split("\n\n", 1)[0], _FIRST_PARAGRAPH_WEIGHT),
        (section.text, 1.0),
    )
    for text, weight in fields:
        for term in terms(text):
            weights[term] += weight  # type: ignore[assignment] # a Counter may hold fractions
    return weights
