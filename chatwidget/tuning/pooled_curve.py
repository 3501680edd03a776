"""The curve that was already paid for: values along a parameter, from all draws of a study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.text import counted, printable
from chatwidget.tuning.answer_density import Drawing
from chatwidget.tuning.conclusion import value_text
from chatwidget.tuning.curve import SHARES, title_of
from chatwidget.tuning.sweep import PooledPoint, places_between, pooled_points
from chatwidget.tuning.table import Cell, Table, value_cell
from chatwidget.tuning.table_html import study_html
from chatwidget.tuning.table_text import table_text

if TYPE_CHECKING:
    from chatwidget.tuning.pooled_draws import Pools
    from chatwidget.tuning.sweep import Draw

__all__ = ["PooledCurve", "pooled_along"]

_MEANING = (
    "Each row counts all answers, by how likely they are at its setting; brackets hold the true "
    "value with 95 % confidence, for these prompts."
)


class PooledCurve(Sequence[PooledPoint]):
    """Values along a parameter, each from the draws of all settings.

    Parameters
    ----------
    x
        The parameter.
    y
        What is told of the answers.
    points
        The values.
    untold_ends
        How many answers ended by themselves without a log probability of that.
    """

    def __init__(self, x: str, y: str, points: Sequence[PooledPoint], untold_ends: int = 0) -> None:
        self.x = x
        self.y = y
        self.untold_ends = untold_ends
        self._points = tuple(points)

    @property
    def notes(self) -> list[str]:
        """What the numbers mean."""
        said = [_MEANING]
        if any(point.pooled.is_weak for point in self):
            said.append("Rows in parentheses are worth fewer than 5 answers: a hint at best.")
        if self.untold_ends:
            said.append(
                f"{counted(self.untold_ends, 'answer')} ended without a log probability of the "
                "end, which is taken as equally likely at all settings."
            )
        return said

    def to_records(self) -> list[dict[str, Any]]:
        """Return a dictionary for each value."""
        return [
            point.setting.values
            | {
                self.y: point.pooled.value,
                "low": point.pooled.interval and point.pooled.interval.low,
                "high": point.pooled.interval and point.pooled.interval.high,
                "effective": point.pooled.effective,
                "answers": point.answers,
            }
            for point in self
        ]

    @property
    def table(self) -> Table:
        """The values as a table."""
        names = [*dict.fromkeys(name for point in self for name in point.setting.values)]
        intervals = [point.pooled.interval for point in self if point.pooled.interval]
        low = 0.0 if self.y in SHARES else min((each.low for each in intervals), default=0.0)
        high = 1.0 if self.y in SHARES else max((each.high for each in intervals), default=1.0)
        rows = [
            [
                *(Cell(value_text(point.setting.values.get(name))) for name in names),
                _value_cell(point, (low, high), is_rate=self.y in SHARES),
                Cell(f"{point.pooled.effective:.1f} of {point.answers}", is_number=True),
            ]
            for point in self
        ]
        return Table([*map(printable, [*names, title_of(self.y)]), "worth"], rows)

    @overload
    def __getitem__(self, place: int) -> PooledPoint: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[PooledPoint]: ...

    def __getitem__(self, place: int | slice) -> PooledPoint | Sequence[PooledPoint]:
        return self._points[place]

    def __len__(self) -> int:
        return len(self._points)

    def __repr__(self) -> str:
        return f"<PooledCurve {self.y!r} along {self.x!r}: {counted(len(self), 'value')}>"

    @property
    def _sentence(self) -> str:
        return f"{title_of(self.y)} along {self.x}, from all answers of the study".capitalize()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        plain = [printable(self._sentence), "", table_text(self.table), "", *self.notes]
        html = study_html(printable(self._sentence), self.table, self.notes)
        return {"text/html": html, "text/plain": "\n".join(plain)}


def _value_cell(point: PooledPoint, ends: tuple[float, float], *, is_rate: bool) -> Cell:
    value, interval = point.pooled.value, point.pooled.interval
    cell = value_cell(value, interval, ends, is_rate=is_rate)
    return cell._replace(text=f"({cell.text})", bar=None) if point.pooled.is_weak else cell


def pooled_along(
    x: str,
    y: str,
    pools: Pools,
    *,
    at: Sequence[float] | None = None,
    are_rates: bool = False,
    is_closed: bool = True,
) -> PooledCurve:
    """Return the values along one parameter.

    Parameters
    ----------
    x, y
        The parameter, and what the numbers of the draws are called.
    pools
        The draws.
    at
        The values of the parameter; by default what was sampled, and values between.
    are_rates, is_closed
        As in `chatwidget.tuning.pooling.pool`.

    Raises
    ------
    ConfigurationError
        If the parameter changes answers in a way that cannot be computed.
    """
    if x not in Drawing._fields:
        known = ", ".join(Drawing._fields)
        raise ConfigurationError(f"Answers can be pooled along {known}, not along {x}.")
    points = []
    draws = [draw for items in pools.values() for each in items.values() for draw in each]
    names = _varied(draws, x)
    for others, items in pools.items():
        drawings = _drawings([draw for each in items.values() for draw in each], x, at)
        points += pooled_points(
            others.values,
            [*items.values()],
            drawings,
            names,
            are_rates=are_rates,
            is_closed=is_closed,
        )
    return PooledCurve(x, y, points, sum(draw.has_untold_end for draw in draws))


def _varied(draws: Sequence[Draw], x: str) -> list[str]:
    """Return the names of a drawing that vary, and the one that is looked along."""
    return [
        name
        for name in Drawing._fields
        if name == x or len({getattr(draw.drawing, name) for draw in draws}) > 1
    ]


def _drawings(draws: Sequence[Draw], x: str, at: Sequence[float] | None) -> list[Drawing]:
    """Return where to look: along one parameter, for each sampled combination of the others."""
    sampled = [*dict.fromkeys(draw.drawing for draw in draws)]
    places = at if at is not None else places_between(getattr(each, x) for each in sampled)
    bases = dict.fromkeys(each._replace(**{x: 0.0}) for each in sampled)
    return [base._replace(**{x: float(place)}) for base in bases for place in places]
