"""Scores: what a function of the answer says of each result, and what kind of score it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import msgspec

from chatwidget.client.text import printable
from chatwidget.client.wire.types import ChatCompletion
from chatwidget.tuning.measures import measure_named

if TYPE_CHECKING:
    from chatwidget.tuning.result import Result

__all__ = [
    "ExpressionScorer",
    "Grouping",
    "Score",
    "ScoreKind",
    "Scorer",
    "Scores",
    "kind_and_score",
    "kinds",
    "score",
]

Score: TypeAlias = bool | float | str | None
Scorer: TypeAlias = Callable[[ChatCompletion], object] | str
"""A function of the answer, or the name of a measure, such as ``thumb``."""
Grouping: TypeAlias = Callable[[str], Hashable]
ScoreKind: TypeAlias = Literal["pass", "number", "kind", "none"]

_LONGEST = 200


class ExpressionScorer:
    """Scorer by an expression, in which ``text`` is the text of the answer.

    Parameters
    ----------
    expression
        The expression; ``completion`` is all of the answer.
    namespace
        Its other names.

    Raises
    ------
    SyntaxError, ValueError
        If it is no expression.
    """

    def __init__(self, expression: str, namespace: Mapping[str, object]) -> None:
        self.expression = expression
        self._code = compile(expression, "<expression>", "eval")
        self._namespace = namespace

    def __call__(self, completion: ChatCompletion) -> object:
        """Return what the expression says of an answer."""
        names = {**self._namespace, "text": completion.text, "completion": completion}
        return eval(self._code, names)  # noqa: S307 - code of the user's own, as a function is

    @property
    def source(self) -> str:
        """The function that does the same."""
        return f"def passes(completion):\n    text = completion.text\n    return {self.expression}"


class Scores(NamedTuple):
    """The scores of results, in their order.

    Attributes
    ----------
    values
        True and False if answers pass or fail, numbers, or texts; None where there is no score.
    kind
        What they are; a mixture of truth values and numbers is numbers.
    missing
        How many results have no score.
    problem
        The first error that the function raised, as one line.
    """

    values: list[Score]
    kind: ScoreKind
    missing: int
    problem: str


def score(results: Sequence[Result], scorer: Scorer | None) -> Scores:
    """Score results by a function of the answer, or by a measure.

    What it cannot score, because it raises an error or returns None or nan, has no score.
    """
    if scorer is None:
        return Scores([None] * len(results), "none", 0, "")
    found = [_scored(scorer, result) for result in results]
    values = [None if isinstance(each, _Problem) else each for each in found]
    given = [value for value in values if value is not None]
    problem = next((each.said for each in found if isinstance(each, _Problem)), "")
    kind = _kind(given)
    missing = len(values) - len(given)
    return Scores(_alike(values, kind), kind, missing, printable(problem)[:_LONGEST])


def kinds(results: Sequence[Result], grouping: Grouping | None) -> list[Hashable]:
    """Return of which kind each answer is: its text, or what a grouping makes of it."""
    texts = [result.text for result in results]
    if grouping is None:
        return list(texts)
    return [_group(grouping, text) for text in texts]


def kind_and_score(
    result: Result, scorer: Scorer | None, grouping: Grouping | None
) -> tuple[Hashable, Score]:
    """Return of which kind one answer is, and its score."""
    (found,) = score([result], scorer).values
    (kind,) = [found] if isinstance(found, str) else kinds([result], grouping)
    return kind, found


class _Problem(NamedTuple):
    """Why an answer has no score."""

    said: str


def _scored(scorer: Scorer, result: Result) -> Score | _Problem:
    if isinstance(scorer, str):
        return measure_named(scorer)(result)
    try:
        return _plain(scorer(_copied(result.completion)))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it is somebody's function
        return _Problem(f"{type(error).__name__}: {_said(error)}")


def _copied(completion: ChatCompletion) -> ChatCompletion:
    """Return an answer that somebody's function may change: the result keeps its own."""
    replace = msgspec.structs.replace
    choices = [replace(each, message=replace(each.message)) for each in completion.choices]
    return replace(completion, choices=choices)


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - somebody's error may have no words either
        return ""


def _group(grouping: Grouping, text: str) -> Hashable:
    try:
        kind = grouping(text)
        hash(kind)
    except (Exception, SystemExit):  # noqa: BLE001 - it is somebody's function; what it cannot read is a kind
        return None
    return kind


def _plain(value: object) -> Score:
    """Return a score as Python has it, those of numpy among them."""
    if hasattr(value, "item") and not isinstance(value, bool | float | str):
        value = value.item()
    if isinstance(value, bool | str):
        return value
    if value is None:
        return None
    number = float(value)  # type: ignore[arg-type] # what is none raises
    return number if math.isfinite(number) else None


def _kind(values: Sequence[Score]) -> ScoreKind:
    if not values:
        return "none"
    if all(isinstance(value, bool) for value in values):
        return "pass"
    return "kind" if any(isinstance(value, str) for value in values) else "number"


def _alike(values: list[Score], kind: ScoreKind) -> list[Score]:
    """Return scores of one type."""
    if kind == "number":
        return [None if value is None else float(value) for value in values]
    if kind == "kind":
        return [None if value is None else str(value) for value in values]
    return values
