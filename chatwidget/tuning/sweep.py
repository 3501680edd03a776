"""A sweep: draws under several settings, pooled to tell of any other one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chatwidget.tuning.answer_density import Drawing, LogProbability, log_probability
from chatwidget.tuning.pooling import Pooled, Weighted, balance_weights, pool, weighted_mean
from chatwidget.tuning.result import Setting
from chatwidget.tuning.statistics.proportion import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chatwidget.client.wire.types import TokenLogprob

__all__ = ["Draw", "PooledPoint", "places_between", "pooled_points"]

_PLACES = 16


class Draw(NamedTuple):
    """An answer: its number, its tokens, and the settings that it was drawn under.

    `has_untold_end` is whether it ended by itself and the server does not tell how likely that was.
    """

    number: float
    tokens: Sequence[TokenLogprob]
    drawing: Drawing
    has_untold_end: bool = False


class PooledPoint(NamedTuple):
    """A value at one setting, from the draws of all settings.

    Attributes
    ----------
    setting
        The setting; nobody need have asked it.
    pooled
        The value, its interval and how many draws it is worth.
    answers
        How many draws were pooled.
    """

    setting: Setting
    pooled: Pooled
    answers: int


def places_between(sampled: Iterable[float]) -> list[float]:
    """Return the sampled values of a parameter, and others that divide their range evenly."""
    known = sorted({*sampled})
    low, high = known[0], known[-1]
    between = (low + (high - low) * step / _PLACES for step in range(_PLACES + 1))
    return sorted({*known, *(round(each, 4) for each in between)})


def pooled_points(
    others: Mapping[str, Any],
    items: Sequence[Sequence[Draw]],
    drawings: Iterable[Drawing],
    names: Sequence[str],
    *,
    are_rates: bool,
    is_closed: bool,
) -> list[PooledPoint]:
    """Return the value at each drawing.

    Parameters
    ----------
    others
        The values of what varies beside the settings of a drawing.
    items
        The draws of each item.
    drawings
        Where to look.
    names
        The names of a drawing that a point's setting tells.
    are_rates, is_closed
        As in `pool`.
    """
    sweeps = [_Sweep(draws) for draws in items]
    count = sum(map(len, items))
    points = []
    for drawing in drawings:
        shapes = [sweep.weighted(drawing) for sweep in sweeps]
        found = _with_tail(shapes, are_rates=are_rates, is_closed=is_closed)
        values = {name: getattr(drawing, name) for name in names}
        points.append(PooledPoint(Setting({**others, **values}), found, count))
    return points


class _Sweep:
    """The draws to one item under all settings, and the log probabilities of each under any."""

    def __init__(self, draws: Sequence[Draw]) -> None:
        self._draws = draws
        self._sampled = [*dict.fromkeys(draw.drawing for draw in draws)]
        self._counts = [sum(d.drawing == each for d in draws) for each in self._sampled]
        # at low temperatures most draws are the same answer
        answers: dict[tuple[tuple[str, float], ...], int] = {}
        keys = [tuple((t.token, t.logprob) for t in draw.tokens) for draw in draws]
        self._places = [answers.setdefault(key, len(answers)) for key in keys]
        self._answers = {place: d.tokens for place, d in zip(self._places, draws, strict=True)}
        self._logs = [self._under(each) for each in self._sampled]

    def weighted(self, drawing: Drawing) -> dict[str, list[Weighted]]:
        """Return the draws with their weights under a drawing, for each shape of the unseen."""
        wanted = self._under(drawing)
        found = {}
        for shape, name in enumerate(LogProbability._fields):
            weights = balance_weights(
                [each[shape] for each in wanted],
                [[each[shape] for each in logs] for logs in self._logs],
                self._counts,
            )
            found[name] = [
                Weighted(draw.number, weight, self._sampled.index(draw.drawing))
                for draw, weight in zip(self._draws, weights, strict=True)
            ]
        return found

    def _under(self, drawing: Drawing) -> list[LogProbability]:
        found = {each: log_probability(tokens, drawing) for each, tokens in self._answers.items()}
        return [found[place] for place in self._places]


def _with_tail(
    shapes: Sequence[Mapping[str, list[Weighted]]], *, are_rates: bool, is_closed: bool
) -> Pooled:
    """Pool, and widen the interval by how far the shape of what is unseen moves the value."""
    found = pool([each["zipf"] for each in shapes], are_rates=are_rates, is_closed=is_closed)
    if found.interval is None:
        return found
    moved = [
        sum(weighted_mean(each[shape]) for each in shapes) / len(shapes) - found.value
        for shape in ("few", "even")
    ]
    low, high = found.interval.low + min(0.0, *moved), found.interval.high + max(0.0, *moved)
    if are_rates:
        low, high = max(low, 0.0), min(high, 1.0)
    return found._replace(interval=Interval(low, high))
