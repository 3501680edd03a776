"""The form of the Tune tab: its values, its measure, and the study in a cell or pasted."""

from __future__ import annotations

import ast
import math
import shlex
from typing import TYPE_CHECKING

from IPython.core.getipython import get_ipython

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.panel.parameter_state import has_slider
from chatwidget.panel.tune_state import TuneForm
from chatwidget.prompt.scorers import scorer_named
from chatwidget.tuning.values import read_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.panel.tune_state import MeasureName
    from chatwidget.prompt.request_snippet import StudySnippet
    from chatwidget.tuning.scoring import Scorer

__all__ = ["cell_of", "expression_of", "form_of", "label_of", "scorer_of", "values_of"]


def values_of(form: TuneForm) -> list[float]:
    """Return the values that are tried, evenly spread, each once."""
    low, high = sorted((form.low, form.high))
    kinds = PARAMETERS[form.name].kinds if form.name in PARAMETERS else ()
    digits = 4 if "number" in kinds else None
    steps = max(form.count - 1, 1)
    spread = [round(low + (high - low) * each / steps, digits) for each in range(form.count)]
    return list(dict.fromkeys(spread))


def expression_of(form: TuneForm) -> str:
    """Return the score of an answer as an expression of its text."""
    if form.measure == "contains":
        return f"{form.wanted.casefold()!r} in text.casefold()"
    if form.measure == "own":
        return form.wanted.strip()
    return "len(text.split())"


def scorer_of(form: TuneForm) -> Scorer:
    """Return what scores an answer."""
    if form.measure != "words" and not form.wanted.strip():
        what = "what an answer is to contain" if form.measure == "contains" else "the measure"
        raise ConfigurationError(f"Nothing says {what}.", hint="Write it beside the measure.")
    return scorer_named(expression_of(form), _variables(form), "The measure")


def _variables(form: TuneForm) -> Mapping[str, object]:
    """Return the user's variables, if the measure is one of the user's own."""
    shell = get_ipython() if form.measure == "own" else None
    return shell.user_ns if shell is not None else {}


def form_of(study: StudySnippet) -> TuneForm:
    """Return a pasted study as the form has it.

    Raises
    ------
    ConfigurationError
        If the form has no place for it.
    """
    if len(study.vary) != 1:
        raise _no_place(f"varies {len(study.vary)} names, and not one")
    ((name, given),) = study.vary.items()
    values = [each.sent for each in read_values(name, given)]
    if name not in PARAMETERS or not has_slider(PARAMETERS[name]) or None in values:
        raise _no_place(f"varies {name} in a way that has no range")
    measure, wanted = _measure(study.passes)
    form = TuneForm(
        prompt=study.prompt,
        name=name,
        low=float(min(values)),
        high=float(max(values)),
        count=len(values),
        repeats=study.repeats,
        measure=measure,
        wanted=wanted,
    )
    if not all(map(math.isclose, values_of(form), sorted(map(float, values)))):
        raise _no_place("has values that are not evenly spread")
    return form


def _no_place(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"The Tune tab has no place for this study: it {why}.", hint="Run it in a cell."
    )


def _measure(passes: str) -> tuple[MeasureName, str]:
    """Return the measure that an expression is."""
    if passes in ("", expression_of(TuneForm())):
        return "words", ""
    text, _, rest = passes.rpartition(" in ")
    try:
        wanted = ast.literal_eval(text) if rest == "text.casefold()" else None
    except (ValueError, SyntaxError):
        wanted = None
    return ("contains", wanted) if isinstance(wanted, str) else ("own", passes)


def label_of(form: TuneForm) -> str:
    """Return what the score is called."""
    if form.measure == "own":
        return form.wanted.strip()
    return f"contains “{form.wanted}”" if form.measure == "contains" else "words"


def cell_of(form: TuneForm) -> str:
    """Return the study as a cell."""
    values = ",".join(f"{value:g}" for value in values_of(form))
    words = ["--vary", f"{form.name}={values}", "--repeats", str(form.repeats)]
    line = " ".join(map(shlex.quote, ["%%chat", *words, "--pass", expression_of(form)]))
    return f"{line}\n{form.prompt}"
