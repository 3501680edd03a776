"""Names and answers that somebody hostile wrote: no view runs, breaks or turns round for them."""

from __future__ import annotations

import itertools
import re
import warnings
from typing import TYPE_CHECKING

import pytest

from chatwidget.tuning import Study
from tuning.studied import HOSTILE, Reader, answered, failed

if TYPE_CHECKING:
    from chatwidget.tuning import Results

NAMES = [
    *(HOSTILE, "$\\frac{", "\ud800", "\u202eabc", "x" * 500, "_a", "n\nl\r\n", "\x1b]0;t\x07"),
    *("一二三", "</style><b>", '" onmouseover="x'),
]
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture(scope="module", params=["pass", "number", "kind"])
def results(request: pytest.FixtureRequest) -> Results:
    """A study of hostile names that is answered with hostile texts."""
    score = {
        "pass": lambda completion: len(completion.text) > 5,
        "number": lambda completion: len(completion.text),
        "kind": lambda completion: completion.text,
    }[request.param]
    vary = {"model": {name: f"m{n}" for n, name in enumerate(NAMES)}, "temperature": [0.0, 0.5]}
    prompts = dict.fromkeys(NAMES[:3], "Why?")
    asked = Study(prompts, vary=vary, server="practice", repeats=2, store=False, name=HOSTILE)
    said = itertools.cycle([*NAMES, ""])
    failures = [failed(asked.requests[0], 1, HOSTILE)]
    return answered(asked, lambda *_: next(said), passes=score, failures=failures)


def views(results: Results) -> list[dict[str, str]]:
    graph = results.text_graph()
    return [each._repr_mimebundle_() for each in (results, results.grid(), graph)]


def test_hostile_names_are_text_in_every_view(results: Results) -> None:
    pages = [results.to_html() or "", *(view["text/html"] for view in views(results))]
    for page in pages:
        assert not CONTROLS.search(page)
        for tag, attributes in Reader(page).elements:
            assert tag not in ("script", "iframe", "object", "link", "base", "form", "b")
            assert tag != "img" or str(attributes["src"]).startswith("data:")
            assert not any(name.startswith("on") for name in attributes)


def test_plain_twins_move_no_cursor_and_turn_no_line_round(results: Results) -> None:
    plan = Study.of(results.definition, store=False).plan()
    texts = [view["text/plain"] for view in views(results)]
    for text in (*texts, repr(plan), repr(results), str(results)):
        assert not CONTROLS.search(text)
    assert len(repr(plan).splitlines()) < 15


def test_pictures_of_long_and_foreign_names_are_drawn_without_a_warning(results: Results) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("model", "temperature"):
            figure = results.plot(name, "characters")
            figure._repr_png_()  # type: ignore[attr-defined] # it shows itself
            box = figure.axes[0].get_position()
            assert box.width > 0.3
            assert box.height > 0.3


def test_the_code_of_a_study_of_hostile_names_is_code(results: Results) -> None:
    code = results.code.partition("results =")[0]
    compile(code, "<code>", "exec")
    assert "\n<" not in code
