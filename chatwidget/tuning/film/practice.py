"""The film of the practice model: its distribution is known, so that nothing is asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from chatwidget.client.errors import ParameterError
from chatwidget.practice.api_error import PracticeAPIError
from chatwidget.practice.generator import begin, spelled
from chatwidget.practice.model import load_models
from chatwidget.practice.noise import NoiseSource
from chatwidget.practice.request import read_request
from chatwidget.practice.sampling import adjusted, likely, nucleus, probabilities
from chatwidget.practice.stop_sequences import WINDOW, limited
from chatwidget.practice.tokenizer import END
from chatwidget.tuning.film.envelope import Line, Stretch, upper_envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from collections.abc import Set as AbstractSet

    from chatwidget.practice.generator import Piece
    from chatwidget.practice.model import Continuation, PracticeModel
    from chatwidget.practice.noise import Noise
    from chatwidget.practice.request import ChatRequest
    from chatwidget.tuning.film.axis import Axis

__all__ = ["PracticeWalker", "Scene", "token_number"]


@dataclass(frozen=True)
class Scene:
    """What all answers of a film share.

    Attributes
    ----------
    model
        The model that writes.
    request
        What is asked for.
    axis
        The parameter that changes.
    noise
        The noise of each position.
    """

    model: PracticeModel
    request: ChatRequest
    axis: Axis
    noise: Callable[[int], Noise]

    @classmethod
    def of(cls, body: bytes, axis: Axis, seed: int) -> Scene:
        """Read a request.

        Raises
        ------
        ParameterError
            If it has no film.
        """
        models = load_models()
        size = len(next(iter(models.values())).tokenizer)
        try:
            request = read_request(body, models, size)
        except PracticeAPIError as error:
            raise ParameterError(error.message, parameter=error.param or "") from None
        _check(request, axis)
        source = NoiseSource(seed, 0, size)
        return cls(models[request.model], request, axis, lru_cache(maxsize=None)(source.at))

    @property
    def limit(self) -> int:
        """After how many tokens an answer ends."""
        return min(self.request.limit or WINDOW, WINDOW)


def token_number(token: int | str) -> int:
    """Return the number of a token of the practice models.

    Raises
    ------
    ParameterError
        If there is none.
    """
    tokenizer = next(iter(load_models().values())).tokenizer
    numbers = [token] if isinstance(token, int) else tokenizer.encode(token)
    if len(numbers) != 1 or not 0 <= numbers[0] < len(tokenizer):
        raise ParameterError(
            f"{token!r} is not one token of the practice model.",
            hint="Most words carry the space before them: ' the'.",
            parameter="logit_bias",
        )
    return numbers[0]


def _check(request: ChatRequest, axis: Axis) -> None:
    if request.output_format.kind != "text":
        raise ParameterError("There are films of text, and none of JSON or calls of tools.")
    if request.prefill:
        raise ParameterError("There are films of whole answers, and none of one that goes on.")
    if request.sampling.top_p < 1 and axis.parameter != "top_p":
        raise ParameterError(
            f"A film along {axis.parameter} needs top_p = 1, and it is {request.sampling.top_p:g}.",
            hint="Ask with top_p=1, or make a film along top_p.",
            parameter="top_p",
        )


class PracticeWalker:
    """An answer of the practice model, as far as it has come.

    Parameters
    ----------
    scene
        What all answers of the film share.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.tokens: list[int] = []
        self._continuation = begin(scene.model, scene.request)

    @property
    def is_done(self) -> bool:
        """Whether the answer has ended: by its end, its limit or a stop sequence."""
        # one more than the limit is drawn, which may be the end
        return (
            self.tokens[-1:] == [END]
            or len(self.tokens) > self.scene.limit
            or (bool(self.scene.request.stop) and self._has_stopped())
        )

    @property
    def model(self) -> str:
        """The model that writes."""
        return self.scene.model.name

    @property
    def position(self) -> int:
        """How many tokens there are."""
        return len(self.tokens)

    def doubt(self, low: float, high: float) -> float:  # noqa: ARG002 - as with a server
        """Return 0: no token is unknown."""
        return 0.0

    def accept(self, token: int) -> None:
        """Go one token on."""
        self.tokens.append(token)
        if token != END:
            self._continuation.accept(token)

    def copy(self) -> PracticeWalker:
        """Return another answer that begins in the same way."""
        other = object.__new__(PracticeWalker)
        other.scene, other.tokens = self.scene, [*self.tokens]
        other._continuation = self._continuation.copy()
        return other

    def stretches(self, low: float, high: float) -> Sequence[Stretch[int]]:
        """Return which token comes next, from value to value of the parameter."""
        if self.scene.axis.parameter == "top_p":
            return _along_top_p(self, low, high)
        return upper_envelope(self._lines(high), low, high)

    def spelled(self) -> tuple[str, str]:
        """Return the text and the finish reason, as the server gives them."""
        written = [token for token in self.tokens if token != END]
        request, tokenizer = self.scene.request, self.scene.model.tokenizer
        pieces = spelled(tokenizer, ((token, None) for token in written))
        return _drained(limited(pieces, request.stop, request.limit))

    def label(self, token: int) -> str:
        """Return a token as text to show."""
        return self.scene.model.tokenizer.label(token)

    def probability(self, token: int, value: float) -> float:
        """Return how likely a token is to come next, at a value of the parameter."""
        sampling = self.scene.axis.sampling(self.scene.request.sampling, value)
        changed = adjusted(self._continuation.logits, self.counts, sampling)
        return nucleus(probabilities(changed, sampling.temperature), sampling.top_p)[token]

    @property
    def counts(self) -> Counter[int]:
        """How often each token was drawn."""
        return Counter(self.tokens)

    @property
    def noise(self) -> Noise:
        """The noise of the next position."""
        return self.scene.noise(len(self.tokens))

    @property
    def continuation(self) -> Continuation:
        """What the model thinks, token by token."""
        return self._continuation

    @property
    def logits(self) -> Sequence[float]:
        """What the model thinks of the next token."""
        return self._continuation.logits

    def _lines(self, high: float) -> list[Line[int]]:
        axis, others = self.scene.axis, self.scene.request.sampling
        added, moving = axis.added(self.counts, others), axis.moving(self.counts)
        tokens = self._candidates(added.keys() | moving.keys(), axis.warmth(others, high))
        logit, noise = self._continuation.logit, self.noise
        fixed = {token: logit(token) + added.get(token, 0.0) for token in sorted(tokens)}
        return axis.lines(fixed, moving, noise, others)

    def _candidates(self, named: AbstractSet[int], temperature: float) -> set[int]:
        """Return all tokens that may be drawn: some likely one is hard to beat."""
        noise, likely = self.noise, self._continuation.expected
        rivals = likely.keys() - named if named else likely.keys()
        if not rivals:
            return set(range(len(self.scene.model.tokenizer)))
        best = max(rivals, key=likely.__getitem__)
        least = noise.least(best, likely[best], temperature)
        return self._continuation.likely(least).union(noise.lucky, named)

    def _has_stopped(self) -> bool:
        text = self.scene.model.tokenizer.decode(self.tokens)
        return any(stop in text for stop in self.scene.request.stop)


def _drained(parts: Generator[list[Piece], None, str]) -> tuple[str, str]:
    """Return the text of parts, and what their generator returns."""
    reason = ""

    def passed() -> Generator[list[Piece], None, None]:
        nonlocal reason
        reason = yield from parts

    text = "".join(piece.text for part in passed() for piece in part)
    return text, reason


def _along_top_p(walker: PracticeWalker, low: float, high: float) -> list[Stretch[int]]:
    """Return which token comes next: a larger top_p lets in more, and each may be the highest."""
    others = walker.scene.request.sampling
    changed = adjusted(walker.logits, walker.counts, others)
    warmth, noise = others.temperature, walker.noise
    kept = likely(probabilities(changed, warmth), high)
    stretches: list[Stretch[int]] = []
    highest = float("-inf")
    for token, before in zip(kept.tokens, kept.before, strict=True):
        score = changed[token] + warmth * noise[token]
        if score <= highest:
            continue
        highest = score
        # it is kept where those before it do not reach top_p
        start = max(low, before)
        if stretches:
            stretches[-1] = Stretch(stretches[-1].line, stretches[-1].low, start)
        stretches.append(Stretch(Line(token, score, 0.0), start, high))
    return stretches
