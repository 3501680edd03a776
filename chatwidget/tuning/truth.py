"""The truth about a study of the practice model: values along a parameter that no draw blurs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import msgspec

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.text import counted, printable
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    CompletionUsage,
)
from chatwidget.tuning.answer_density import Drawing
from chatwidget.tuning.conclusion import value_text
from chatwidget.tuning.curve import Curve, label_of, title_of
from chatwidget.tuning.film.axis import Axis
from chatwidget.tuning.film.practice import Scene
from chatwidget.tuning.requests import can_tell_truth, expand
from chatwidget.tuning.result import Result, Setting
from chatwidget.tuning.statistics.proportion import Interval
from chatwidget.tuning.summary import Value
from chatwidget.tuning.table import Cell, Table, value_cell
from chatwidget.tuning.table_html import study_html
from chatwidget.tuning.table_text import table_text
from chatwidget.tuning.true_answers import AnswerTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chatwidget.tuning.definition import Definition
    from chatwidget.tuning.requests import StudyRequest
    from chatwidget.tuning.true_answers import TrueAnswer

__all__ = ["TrueCurve", "TruePoint", "truth_along"]

_NINETY_FIVE = 1.96


class TruePoint(NamedTuple):
    """A true value.

    Attributes
    ----------
    setting
        Where.
    value
        The value.
    error
        How far off it is with 95 % confidence; 0 where the answers could be counted up.
    draws
        How many free draws tell of the answers that could not.
    """

    setting: Setting
    value: float
    error: float
    draws: int

    @property
    def label(self) -> str:
        """How it was found, in a word or two."""
        return f"by {self.draws} free draws" if self.draws else "exact"


class TrueCurve(Sequence[TruePoint]):
    """True values along a parameter.

    Parameters
    ----------
    x, y
        The parameter, and what is told of the answers.
    points
        The values.
    """

    def __init__(self, x: str, y: str, points: Sequence[TruePoint]) -> None:
        self.x = x
        self.y = y
        self._points = tuple(points)

    @property
    def curves(self) -> list[Curve]:
        """The same as curves to draw."""
        found: dict[str, Curve] = {}
        for point in self:
            label = label_of(point.setting, self.x)
            curve = found.setdefault(label, Curve(label))
            curve.places.append(point.setting.values[self.x])
            curve.values.append(Value(point.value, _interval(point)))
        return [*found.values()]

    @property
    def table(self) -> Table:
        """The values as a table."""
        names = [*dict.fromkeys(name for point in self for name in point.setting.values)]
        rows = [
            [
                *(Cell(value_text(point.setting.values.get(name))) for name in names),
                value_cell(point.value, _interval(point), is_rate=self.y == "pass"),
                Cell(point.label),
            ]
            for point in self
        ]
        return Table([*map(printable, [*names, title_of(self.y)]), "found"], rows)

    @overload
    def __getitem__(self, place: int) -> TruePoint: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[TruePoint]: ...

    def __getitem__(self, place: int | slice) -> TruePoint | Sequence[TruePoint]:
        return self._points[place]

    def __len__(self) -> int:
        return len(self._points)

    def __repr__(self) -> str:
        return f"<TrueCurve {self.y!r} along {self.x!r}: {counted(len(self), 'value')}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        title = printable(f"The true {title_of(self.y)} along {self.x}")
        html = study_html(title, self.table, [])
        return {"text/html": html, "text/plain": f"{title}\n\n{table_text(self.table)}"}


def truth_along(
    definition: Definition,
    x: str,
    y: str,
    number: Callable[[Sequence[Result]], Sequence[float | None]],
    at: Sequence[float] | None = None,
) -> TrueCurve:
    """Return the true values along one parameter.

    Parameters
    ----------
    definition
        The study.
    x, y
        The parameter, and what the numbers are called.
    number
        Returns the number of each answer.
    at
        The values of the parameter; by default those of the study, and the middles between.

    Raises
    ------
    ConfigurationError
        If another model answers, or the parameter is none of those that answers are pooled along.
    """
    if not can_tell_truth(definition):
        raise ConfigurationError("The truth is known of the practice model alone.")
    if x not in Drawing._fields:
        known = ", ".join(Drawing._fields)
        raise ConfigurationError(f"The truth is told along {known}, not along {x}.")
    requests = expand(definition)
    usual = getattr(Drawing(), x)
    places = at or _with_middles({_sent(each.body, x, usual) for each in requests})
    groups: dict[Setting, dict[bytes, StudyRequest]] = {}
    for request in requests:
        others = {name: each for name, each in request.setting.values.items() if name != x}
        body = {name: each for name, each in request.body.items() if name != x}
        groups.setdefault(Setting(others), {})[msgspec.json.encode(body)] = request
    points = []
    for rest, bodies in groups.items():
        items = [_Item(body, request, number) for body, request in bodies.items()]
        for place in places:
            setting = Setting({x: place, **rest.values})
            points.append(_point(setting, [each.value(x, place) for each in items]))
    return TrueCurve(x, y, points)


class _Item:
    """What is asked about, with its answers."""

    def __init__(
        self,
        body: bytes,
        request: StudyRequest,
        number: Callable[[Sequence[Result]], Sequence[float | None]],
    ) -> None:
        scene = Scene.of(body, Axis("temperature", 0.0, 1.0), 0)
        self._tree = AnswerTree(scene)
        self._sampling = scene.request.sampling
        self._request = request
        self._number = number

    def value(self, x: str, place: float) -> tuple[float, float, int]:
        """Return the value at a place, how far off it may be, and how many draws tell of it."""
        moved: dict[str, Any] = {x: place}
        sampling = replace(self._sampling, **moved)
        followed, drawn = self._tree.under(sampling)
        known = [*self._numbers(followed)]
        guessed = [*self._numbers(drawn)]
        told = math.fsum(share for share, _ in [*known, *guessed])
        if not told:
            return math.nan, 0.0, 0
        value = math.fsum(share * number for share, number in [*known, *guessed]) / told
        return value, _error(guessed) / told, len(guessed)

    def _numbers(self, answers: Sequence[TrueAnswer]) -> Iterator[tuple[float, float]]:
        """Yield the share and the number of each answer that has one."""
        results = [self._result(each) for each in answers]
        for answer, number in zip(answers, self._number(results), strict=True):
            if number is not None:
                yield answer.share, number

    def _result(self, answer: TrueAnswer) -> Result:
        choice = Choice(0, ChatCompletionMessage(content=answer.text), answer.reason)
        usage = CompletionUsage(completion_tokens=answer.tokens)
        completion = ChatCompletion([choice], model=self._request.model, usage=usage)
        request = self._request
        return Result(
            setting=request.setting,
            prompt=request.prompt,
            item=request.item,
            draw=1,
            server=request.server.name,
            variables=request.variables,
            completion=completion,
        )


def _point(setting: Setting, found: Sequence[tuple[float, float, int]]) -> TruePoint:
    """Return the mean over what is asked about."""
    told = [each for each in found if not math.isnan(each[0])]
    if not told:
        return TruePoint(setting, math.nan, 0.0, 0)
    value = sum(each for each, _, _ in told) / len(told)
    error = math.hypot(*(each for _, each, _ in told)) / len(told)
    return TruePoint(setting, value, error, sum(draws for _, _, draws in told))


def _error(drawn: Sequence[tuple[float, float]]) -> float:
    """Return how far off the sum of drawn numbers, with equal shares, may be."""
    if not drawn:
        return 0.0
    share, numbers = drawn[0][0], [number for _, number in drawn]
    mean = sum(numbers) / len(numbers)
    spread = math.fsum((number - mean) ** 2 for number in numbers) / max(1, len(numbers) - 1)
    return _NINETY_FIVE * share * math.sqrt(len(numbers) * spread)


def _interval(point: TruePoint) -> Interval | None:
    return Interval(point.value - point.error, point.value + point.error) if point.draws else None


def _with_middles(places: Iterable[float]) -> list[float]:
    known = sorted(places)
    return sorted([*known, *(round((low + high) / 2, 4) for low, high in pairwise(known))])


def _sent(body: dict[str, Any], x: str, usual: float) -> float:
    value = body.get(x)
    return usual if value is None else float(value)
