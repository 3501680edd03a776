"""The Tune tab: a study over one parameter, from a question to a curve."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from chatwidget.client.errors import ChatWidgetError, ConfigurationError
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.lab.session_study import session_keys, session_study
from chatwidget.lab.study_usage import counting
from chatwidget.panel.parameter_state import has_slider, parameter_state
from chatwidget.panel.tune_form import cell_of, label_of, scorer_of, values_of
from chatwidget.panel.tune_state import (
    TruthStatus,
    TuneChoice,
    TuneForm,
    TuneKind,
    TunePageState,
    TunePoint,
    TuneTruth,
)
from chatwidget.tuning.answer_density import Drawing
from chatwidget.tuning.requests import can_tell_truth
from chatwidget.tuning.table import value_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatwidget.chat.session import ChatSession
    from chatwidget.tuning.plan import Plan
    from chatwidget.tuning.results import Results
    from chatwidget.tuning.run import StudyRun
    from chatwidget.tuning.study import Study
    from chatwidget.tuning.summary import Row
    from chatwidget.tuning.truth import TrueCurve

__all__ = ["TunePage"]

_TICK = 0.5
_REST = 9  # times as long is waited as it took to show
_MOST_KINDS = 20


class TunePage:
    """The study that the Tune tab shows; one runs at a time.

    Parameters
    ----------
    session
        Whose settings hold for what does not vary.

    Attributes
    ----------
    shown
        Whether somebody looks.
    """

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self.shown = False
        self._form = TuneForm()
        self._problem = ""
        self._run: StudyRun | None = None
        self._ran: TuneForm | None = None
        self._results: Results | None = None
        self._truth: TrueCurve | None = None
        self._truth_status: TruthStatus = "unknown"

    @property
    def form(self) -> TuneForm:
        """What is chosen."""
        return self._form

    def show(self, prompt: str, shown: bool) -> None:  # noqa: FBT001 - as the action says it
        """Let somebody look, or not; the question begins as what was written or asked last."""
        self.shown = shown
        if not self._form.prompt:
            self._form = replace(self._form, prompt=prompt)

    def fill(self, form: TuneForm) -> None:
        """Take what a person chose; nothing is sent."""
        self._form, self._problem = form, ""

    def start(self, changed: Callable[[], object]) -> None:
        """Ask what is not stored yet.

        Parameters
        ----------
        changed
            Called from a thread when there is something new to show.

        Raises
        ------
        ChatWidgetError
            If it cannot be asked.
        """
        if self._run is not None and not self._run.done():
            return
        self._problem, form = "", self._form
        if not form.prompt.strip():
            raise ConfigurationError("There is no question to vary.", hint="Write one above.")
        study = self._study(form)
        self._results, self._ran = None, form
        self._truth, self._truth_status = None, "unknown"
        keys = session_keys(self._session, study)
        listener = counting(study, self._session.tally, lambda _: None)
        self._run = study.start(passes=scorer_of(form), listener=listener, openai_api_key=keys)
        # It waits for the run, and nobody waits for it; closing the panel stops the run.
        threading.Thread(target=self._follow, args=(self._run, changed), daemon=True).start()

    def tell_truth(self, changed: Callable[[], object]) -> None:
        """Compute what the scores truly are, on a thread of its own."""
        results, ran = self._results, self._ran
        if results is not None and ran is not None and self._truth_status == "offered":
            self._truth_status = "computing"
            arguments = (results, ran.name, changed)
            threading.Thread(target=self._compute, args=arguments, daemon=True).start()
            changed()

    def _compute(self, results: Results, name: str, changed: Callable[[], object]) -> None:
        try:
            truth = results.truth(name, "score")
        except ChatWidgetError as error:
            self._problem, truth = f"{error.message} {error.hint}".strip(), None
        if results is self._results:  # else another study has begun
            self._truth, self._truth_status = truth, "told" if truth else "unknown"
            changed()

    def stop(self) -> None:
        """Ask no more; what was answered is stored."""
        if self._run is not None:
            self._run.stop()

    def close(self) -> None:
        """Ask no more, without waiting for what runs; the panel is gone."""
        self.shown = False
        if self._run is not None and not self._run.done():
            threading.Thread(target=self._run.stop, daemon=True).start()

    def state(self) -> TunePageState | None:
        """Return what is shown; None while nobody looks."""
        if not self.shown:
            return None
        form, ran, results = self._form, self._ran or self._form, self._results
        progress = self._run.progress if self._run is not None else None
        is_over = self._run is None or self._run.done()
        plan, problem = self._planned(form) if is_over else (None, "")
        return TunePageState(
            form=form,
            choices=list(_choices(self._session)),
            brief=plan.brief if plan else "",
            plan=repr(plan) if plan else "",
            problem=self._problem or problem,
            status="idle" if self._run is None else "ended" if is_over else "running",
            progress=str(progress or ""),
            done=progress.stored + progress.done if progress else 0,
            calls=progress.calls if progress else 0,
            points=_points(results, ran) if results else [],
            varied=ran.name,
            label=label_of(ran),
            is_rate=results.scores.kind == "pass" if results else ran.measure == "contains",
            conclusion=[results.conclusion, *results.notes] if results and is_over else [],
            truth=_truth(self._truth),
            truth_status=self._truth_status if is_over else "unknown",
            line=cell_of(form),
            code=results.code if results and is_over else "",
        )

    def _planned(self, form: TuneForm) -> tuple[Plan | None, str]:
        """Return what the study would take, or why it cannot be asked."""
        if not form.prompt.strip():
            return None, ""
        try:
            return self._study(form).plan(), ""
        except ChatWidgetError as error:
            return None, f"{error.message} {error.hint}".strip()

    def _study(self, form: TuneForm) -> Study:
        if form.name not in PARAMETERS or not has_slider(PARAMETERS[form.name]):
            raise ConfigurationError(f"{form.name} has no range to vary it in.")
        return session_study(
            self._session, form.prompt, vary={form.name: values_of(form)}, repeats=form.repeats
        )

    def _follow(self, run: StudyRun, changed: Callable[[], object]) -> None:
        """Show how a run goes until it has ended; it is the thread that waits for it.

        What is shown is read and counted anew each time, and so the less often the longer it takes.
        """
        is_over, spent = False, 0.0
        while not is_over:
            is_over = run.wait(max(_TICK, _REST * spent))
            began = time.monotonic()
            try:
                self._results = run.results()
                if is_over:
                    run.result()
                    self._truth_status = _truth_status(self._results, self._ran)
            except ChatWidgetError as error:
                self._problem = f"{error.message} {error.hint}".strip()
            changed()
            spent = time.monotonic() - began


def _choices(session: ChatSession) -> Iterator[TuneChoice]:
    """Return the parameters that have a slider, with the range that the server takes."""
    for name, parameter in PARAMETERS.items():
        if has_slider(parameter):
            state = parameter_state(session, name)
            if None not in (state.minimum, state.maximum, state.step):
                yield TuneChoice(name, state.minimum, state.maximum, state.step)  # type: ignore[arg-type] # none of them is None


def _truth_status(results: Results, form: TuneForm | None) -> TruthStatus:
    is_known = form is not None and form.name in Drawing._fields
    return "offered" if is_known and can_tell_truth(results.definition) else "unknown"


def _truth(truth: TrueCurve | None) -> list[TuneTruth]:
    return [
        TuneTruth(point.setting.values[truth.x], point.value, point.label)
        for point in truth or ()
        if truth is not None and not math.isnan(point.value)
    ]


def _points(results: Results, form: TuneForm) -> list[TunePoint]:
    rows = [row for row in results.summary.rows if form.name in row.setting.values]
    return [_point(results, row, row.setting.values[form.name]) for row in rows]


def _point(results: Results, row: Row, place: float) -> TunePoint:
    texts = Counter(result.text for result in results.groups[row.setting].results)
    value = row.value
    low, high = value.interval or (None, None)
    return TunePoint(
        place=place,
        number=value.number,
        low=low,
        high=high,
        answers=row.answers,
        kinds=[TuneKind(*each) for each in texts.most_common(_MOST_KINDS)],
        said=value_cell(value.number, value.interval, is_rate=value.passed is not None).text,
    )
