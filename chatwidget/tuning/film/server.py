"""The film of a real server: what comes after each beginning is asked for, one token at a time.

A server can be filmed if it continues an answer that has begun, and tells raw log probabilities.
It is asked for one beginning after another: of requests that are calculated together the last
digits differ.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatwidget.practice.noise import noise_of
from chatwidget.tuning.distributions import Bounds, Known, processed, unseen_wins
from chatwidget.tuning.film.envelope import Line, Stretch, upper_envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from chatwidget.practice.sampling import Sampling
    from chatwidget.tuning.film.axis import Axis

__all__ = ["END", "ServerScene", "ServerWalker"]

END = b""
"""The token that ends an answer; servers tell it without a text."""

HOPELESS = 0.5
"""The doubt from which on an answer is not worth a request."""


@dataclass(frozen=True)
class ServerScene:
    """What all answers of a film share.

    Attributes
    ----------
    model
        The model that writes.
    ask
        Tells what comes after a beginning, for temperatures up to one; None where no more may be
        asked.
    axis, others
        The parameter that changes, and the others.
    seed
        Which noise.
    limit
        After how many tokens an answer ends.
    stop
        The texts that end an answer.
    """

    model: str
    ask: Callable[[bytes, float], Known[bytes] | None]
    axis: Axis
    others: Sampling
    seed: int
    limit: int
    stop: Sequence[bytes] = ()
    lost: set[bytes] = field(default_factory=set, repr=False)
    """Answers that are not asked to their end: another one is likelier."""

    _known: dict[bytes, Known[bytes]] = field(default_factory=dict, repr=False)
    _noise: dict[int, _PositionNoise] = field(default_factory=dict, repr=False)

    def known(self, text: bytes, warmth: float) -> Known[bytes] | None:
        """Return what comes after a beginning; each is asked for once."""
        known = self._known.get(text) or self.ask(text, warmth)
        if known is not None:
            self._known[text] = known
        return known

    def noise(self, position: int) -> _PositionNoise:
        """Return the noise of tokens at a position, which all answers share."""
        if position not in self._noise:
            self._noise[position] = _PositionNoise(self.seed, position)
        return self._noise[position]


class _PositionNoise(dict[bytes, float]):
    """The noise of tokens at a position, each calculated once."""

    def __init__(self, seed: int, position: int) -> None:
        self._place = seed, position

    def __missing__(self, token: bytes) -> float:
        self[token] = noise = noise_of(*self._place, token)
        return noise


class ServerWalker:
    """An answer of a server, as far as it has come.

    Parameters
    ----------
    scene
        What all answers of the film share.
    """

    def __init__(self, scene: ServerScene) -> None:
        self.scene = scene
        self.tokens: tuple[bytes, ...] = ()
        self._certain = 1.0
        self._is_cut = False

    @property
    def model(self) -> str:
        """The model that writes."""
        return self.scene.model

    @property
    def position(self) -> int:
        """How many tokens there are."""
        return len(self.tokens)

    @property
    def is_done(self) -> bool:
        """Whether nothing comes any more."""
        return self.spelled()[1] is not None or self._is_cut

    @property
    def text(self) -> bytes:
        """The bytes of the answer."""
        return b"".join(self.tokens)

    def spelled(self) -> tuple[str, str | None]:
        """Return the text and the finish reason, which is None for an answer without its end."""
        text = self.text
        stops = [text.index(stop) for stop in self.scene.stop if stop in text]
        if stops:
            return text[: min(stops)].decode("utf-8", "replace"), "stop"
        reason = "length" if self.position >= self.scene.limit else None
        return text.decode("utf-8", "replace"), "stop" if self.tokens[-1:] == (END,) else reason

    def accept(self, token: bytes) -> None:
        """Go one token on."""
        self.tokens = (*self.tokens, token)

    def copy(self) -> ServerWalker:
        """Return another answer that begins in the same way."""
        other = ServerWalker(self.scene)
        other.tokens, other._certain = self.tokens, self._certain
        return other

    def stretches(self, low: float, high: float) -> Sequence[Stretch[bytes]]:
        """Return which token comes next, from value to value of the parameter."""
        scene = self.scene
        warmth = scene.axis.warmth(scene.others, high)
        known = None if self._is_lost(low) else scene.known(self.text, warmth)
        if known is None:
            self._is_cut = True
            return ()
        return upper_envelope(self._lines(known, known.logprobs), low, high)

    def doubt(self, low: float, high: float) -> float:
        """Return how likely an unknown token would have won anywhere in it, in a range."""
        certain: float = 1.0
        step = ServerWalker(self.scene)
        for token in self.tokens:
            certain *= 1.0 - max(step._doubts(token, (low, high)), default=0.0)
            step.accept(token)
        return 1.0 - certain

    def _is_lost(self, low: float) -> bool:
        """Whether another answer is likelier, even where doubt is least: no more is asked for."""
        if self.tokens:
            before = ServerWalker(self.scene)
            before.tokens = self.tokens[:-1]
            self._certain *= 1.0 - max(before._doubts(self.tokens[-1], (low,)), default=0.0)
        is_lost = 1.0 - self._certain > HOPELESS
        if is_lost:
            self.scene.lost.add(self.text)
        return is_lost

    def label(self, token: bytes) -> str:
        """Return a token as text to show."""
        return "<|end|>" if token == END else token.decode("utf-8", "backslashreplace")

    def probability(self, token: bytes, value: float) -> float:
        """Return how likely a token is to come next; the middle, where that is not certain."""
        known = self.scene.known(self.text, 0.0)
        if known is None:
            return math.nan
        bounds = self._processed(known, value)[token]
        return (bounds.low + bounds.high) / 2

    def _processed(self, known: Known[bytes], value: float) -> Mapping[bytes, Bounds]:
        axis = self.scene.axis
        return processed(
            known, temperature=axis.warmth(self.scene.others, value), shifted=self._shifted(value)
        ).tokens

    def _shifted(self, value: float) -> dict[bytes, float]:
        counts, axis = Counter(self.tokens), self.scene.axis
        shifted = axis.added(counts, self.scene.others)
        for token, slope in axis.moving(counts).items():
            shifted[token] = shifted.get(token, 0.0) + slope * value
        return shifted

    def _lines(self, known: Known[bytes], tokens: Iterable[bytes]) -> list[Line[bytes]]:
        """Return the lines of some tokens."""
        scene, counts = self.scene, Counter(self.tokens)
        added = scene.axis.added(counts, scene.others)
        fixed = {token: known.logprobs[token] + added.get(token, 0.0) for token in tokens}
        noise = scene.noise(self.position)
        return scene.axis.lines(fixed, scene.axis.moving(counts), noise, scene.others)

    def _doubts(self, token: bytes, values: Iterable[float]) -> Iterator[float]:
        """Yield how likely an unseen token would have won over one, at values."""
        known = self.scene.known(self.text, 0.0)
        if known is None:
            return
        line, axis = self._lines(known, [token])[0], self.scene.axis
        for value in values:
            warmth = axis.warmth(self.scene.others, value)
            shifted = self._shifted(value)
            yield unseen_wins(known, line.at(value), temperature=warmth, shifted=shifted)
