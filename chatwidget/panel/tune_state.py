"""The messages of the Tune tab: the form of a study over one parameter, and what it has shown."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

__all__ = [
    "MeasureName",
    "TruthStatus",
    "TuneChoice",
    "TuneForm",
    "TuneKind",
    "TunePageState",
    "TunePoint",
    "TuneStatus",
    "TuneTruth",
]

MeasureName: TypeAlias = Literal["words", "contains", "own"]
"""How answers are scored: by their length, by a text in them, or as `scorer_named` reads it."""

TruthStatus: TypeAlias = Literal["unknown", "offered", "computing", "told"]
"""Whether the true scores can be told."""

TuneStatus: TypeAlias = Literal["idle", "running", "ended"]


_Number = Annotated[float, msgspec.Meta(ge=-1e18, le=1e18)]


class TuneForm(msgspec.Struct, frozen=True, kw_only=True):
    """A study over one parameter.

    Attributes
    ----------
    prompt
        What is asked.
    name
        The parameter.
    low, high
        The ends of its range, in any order.
    count
        How many values between them are tried, ends included.
    repeats
        How often each of them is asked.
    measure, wanted
        How answers are scored; what they are to contain, or an expression or a function's name.
    """

    prompt: Annotated[str, msgspec.Meta(max_length=1_000_000)] = ""
    name: Annotated[str, msgspec.Meta(max_length=100)] = "temperature"
    low: _Number = 0.0
    high: _Number = 1.5
    count: Annotated[int, msgspec.Meta(ge=1, le=50)] = 4
    repeats: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 5
    measure: MeasureName = "words"
    wanted: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


class TuneChoice(msgspec.Struct, frozen=True):
    """A parameter that can be varied, with the range of its slider."""

    name: str
    minimum: float
    maximum: float
    step: float


class TuneKind(msgspec.Struct, frozen=True):
    """Equal answers, and how many of them there are."""

    text: str
    count: int


class TunePoint(msgspec.Struct, frozen=True):
    """What there is at one value of the parameter.

    Attributes
    ----------
    place
        The value.
    number, low, high
        The score, and where the true one lies with 95 % confidence; None where it is not known.
    answers
        How many there are.
    kinds
        The different ones, the most frequent first.
    said
        The score in words.
    """

    place: float
    number: float | None
    low: float | None
    high: float | None
    answers: int
    kinds: list[TuneKind]
    said: str


class TuneTruth(msgspec.Struct, frozen=True):
    """The true score at a value of the parameter, and how it was found."""

    place: float
    number: float
    found: str


class TunePageState(msgspec.Struct, frozen=True, kw_only=True):
    """The Tune tab.

    Attributes
    ----------
    form
        The study.
    choices
        The parameters that can be varied.
    brief, plan, problem
        What the study would take, in a sentence and in full; or why it cannot be asked.
    status, progress, done, calls
        How far it has come.
    points
        What there is, by the value of the parameter.
    varied, label, is_rate
        Which parameter, which score, and whether it lies between 0 and 1.
    conclusion
        What the study shows, as sentences.
    truth, truth_status
        The true scores, and whether they can be told: of the practice model, at the end.
    line, code
        The study as a cell and as Python.
    """

    form: TuneForm
    choices: list[TuneChoice]
    brief: str = ""
    plan: str = ""
    problem: str = ""
    status: TuneStatus = "idle"
    progress: str = ""
    done: int = 0
    calls: int = 0
    points: list[TunePoint] = []
    varied: str = ""
    label: str = ""
    is_rate: bool = False
    conclusion: list[str] = []
    truth: list[TuneTruth] = []
    truth_status: TruthStatus = "unknown"
    line: str = ""
    code: str = ""
