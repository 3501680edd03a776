"""A grid: axes of what varies, repeats that collapse into kinds, order and choice of the cells."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning import Results, Study, remove_study, stored_study
from chatwidget.tuning.grid import Grid
from chatwidget.tuning.requests import expand
from chatwidget.tuning.topping_up import top_up
from tuning.studied import HOSTILE, Reader, answered, failed, passes, result, study, temperatures


def texts(*said: str, **options: Any) -> Grid:
    """A grid of three temperatures whose answers are the same texts, one for each repeat."""
    asked = study(repeats=len(said))
    return answered(asked, lambda _, draw: said[draw - 1], **options).grid()


def test_equal_answers_are_one_kind_and_the_most_frequent_comes_first() -> None:
    cell = texts("a", "b", "b", "c", "b").cells[0]
    assert [(kind.text, kind.count) for _, kind in cell.ranked] == [("b", 3), ("a", 1), ("c", 1)]
    assert cell.sentence == "3 of 5 the same"
    assert str(cell.unseen) == "3 kinds in 5; the next is new with 40 % [0, 98]"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (["a"], "1 answer"),
        (["a", "a", "a"], "all 3 the same"),
        (["a", "b", "c"], "all 3 different"),
        (["a", "b", "a", "a", "a"], "4 of 5 the same"),
    ],
)
def test_a_cell_says_how_far_its_answers_agree(said: list[str], sentence: str) -> None:
    assert texts(*said).cells[0].sentence == sentence


def test_answers_that_mean_the_same_are_one_kind() -> None:
    grid = texts("It is 4.", "4", "5", group=lambda text: text.strip("It is.")[-1:])
    assert grid.cells[0].sentence == "2 of 3 the same"


@pytest.mark.parametrize(
    ("vary", "columns", "rows"),
    [
        (
            {"temperature": [0, 1, 2], "top_p": [0.5, 1]},
            ("temperature 0", "temperature 1", "temperature 2"),
            ("top_p 0.5", "top_p 1"),
        ),
        (
            {"top_p": [0.5, 1], "seed": [1, 2, 3], "max_tokens": [5]},
            ("seed 1", "seed 2", "seed 3"),
            ("top_p 0.5", "top_p 1"),
        ),
    ],
)
def test_what_varies_are_axes_and_only_that_is_named(
    vary: dict[str, list[float]], columns: tuple[str, ...], rows: tuple[str, ...]
) -> None:
    axes = Grid(study(vary=vary).requests).axes
    assert (axes.columns, axes.rows) == (columns, rows)
    assert sorted(axes.places) == [
        (row, column) for row in range(len(rows)) for column in range(len(columns))
    ]


def test_prompts_and_rows_of_data_are_an_axis() -> None:
    prompts = Grid(study({"a": "One?", "b": "Two?"}).requests).axes
    assert prompts.rows == ("prompt a", "prompt b")
    rows = [{"item": "x", "n": 1}, {"item": "y", "n": 2}]
    assert Grid(study("{{n}}?", data=rows).requests).axes.rows == ("item x", "item y")


def test_cells_that_cross_nothing_follow_each_other() -> None:
    paired = study(vary={"temperature": [0, 1], "top_p": [0.5, 1]}, combine="paired")
    axes = Grid(paired.requests).axes
    assert axes.places == ()
    assert axes.labels == ("temperature 0 · top_p 0.5", "temperature 1 · top_p 1")
    assert Grid(study().requests).axes.labels == tuple(f"temperature {t}" for t in (0, 0.4, 1.2))


def test_cells_are_sorted_and_equal_ones_stay_in_their_order() -> None:
    grid = temperatures(7, 20, 7).grid()
    assert grid.arranged() == [0, 1, 2]
    assert grid.arranged("score") == [1, 0, 2]
    assert grid.arranged("same") == [1, 0, 2]
    assert grid.arranged("different") == [0, 2, 1]
    with pytest.raises(ConfigurationError, match="sort is one of asked, same"):
        grid.arranged("best")  # type: ignore[arg-type] # somebody types it


def test_cells_are_found_by_their_answers_and_their_setting() -> None:
    grid = temperatures(7, 20, 0).grid()
    assert grid.arranged(having="LYON") == [0, 2]
    assert grid.arranged(having="temperature 0.4") == [1]
    assert grid.arranged(having="Rome") == []


def test_failures_are_told_apart_from_answers() -> None:
    asked = study(repeats=2)
    results = answered(asked, lambda *_: None, failures=[failed(asked.requests[1], 1, "no")])
    cell = results.grid().cells[1]
    assert (cell.answers, cell.failed, cell.sentence) == (0, 1, "")
    assert "1 failed" in results.grid()._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("vary", [None, {"temperature": [0, 1], "top_p": [0.5, 1]}])
def test_what_a_model_writes_is_text_in_the_table(vary: Any) -> None:
    grid = answered(study(vary=vary, repeats=2), lambda *_: HOSTILE).grid()
    shown = grid._repr_mimebundle_()
    page = Reader(shown["text/html"])
    assert {name for name, _ in page.elements} <= {"table", "tr", "th", "td", "p", "em"}
    assert page.text.count("alert(1)") == len(grid)
    assert "\x1b" not in shown["text/plain"] + shown["text/html"]


def test_a_grid_that_is_fed_is_the_one_of_the_results() -> None:
    asked = study(repeats=3)
    fed = Grid(asked.requests)
    for request in asked.requests:
        for draw in (1, 2, 3):
            answer = result(request, draw, "Paris" if draw == 2 else "Lyon")
            fed.add(answer, answer.text, passes(answer.completion))
    whole = answered(asked, lambda _, draw: "Paris" if draw == 2 else "Lyon", passes=passes).grid()
    assert [cell.score for cell in fed.cells] == [cell.score for cell in whole.cells]
    assert repr(fed) == repr(whole) == "<Grid of 3 cells, 9 answers>"


@pytest.mark.parametrize("vary", [{"temperature": [0, 1]}, {"seed": {"a": 7, "b": 7}}])
def test_one_cell_is_topped_up_and_its_answers_belong_to_the_study(vary: Any) -> None:
    asked = study("Why?", vary=vary, repeats=2, store=False, fixed={"max_tokens": 3})
    asked.run()
    first, other = asked.requests
    top_up(asked, first, 3).result()
    assert asked.store.studies().keys() == {asked.name}
    results = asked.results()
    assert [cell.answers for cell in results.grid().cells] == [5, 2]
    assert [row["run"] for row in results.to_records()] == [1, 2, 3, 4, 5, 1, 2]
    assert repr(results) == f"<Results of {asked.name!r}: 4 of 4 calls and 3 more>"
    top_up(asked, other, 1).result()
    again = stored_study(asked.name, asked.store)
    assert [cell.answers for cell in again.results().grid().cells] == [5, 3]
    assert asked.plan().calls == asked.plan().stored == 4
    remove_study(asked)
    assert asked.store.further(asked.name) == {}


def short(**options: Any) -> Study:
    """A study that is quickly run, in memory."""
    return study("Why?", **({"store": False, "fixed": {"max_tokens": 3}} | options))


def test_answers_that_another_study_asked_for_are_no_further_ones_but_are_not_asked_again() -> None:
    many = short(vary={"temperature": [0, 1]}, repeats=6, name="many")
    many.run()
    few = Study.of(
        msgspec.structs.replace(many.definition, name="few", repeats=2), store=many.store
    )
    assert len(few.results()) == 4
    heard: list[Any] = []
    assert top_up(few, few.requests[0], 3, listener=heard.append).wait()
    assert [each.draw for each in heard] == [3, 4, 5]
    assert [cell.answers for cell in few.results().grid().cells] == [5, 2]
    assert len(many.results()) == 12


def test_topping_up_twice_at_once_asks_for_both() -> None:
    asked = short(vary={"temperature": [0, 1]}, repeats=1)
    asked.run()
    runs = [top_up(asked, asked.requests[0], 2) for _ in range(2)]
    assert all(run.wait() for run in runs)
    assert [cell.answers for cell in asked.results().grid().cells] == [5, 1]


def test_intervals_hold_where_somebody_looked_and_asked_for_more() -> None:
    whole = temperatures(20, 19, 5)
    more = [result(expand(whole.definition)[0], draw, "Paris") for draw in (21, 22)]
    results = Results(whole.definition, whole.calls, [*whole, *more], passes=passes)
    assert whole.is_closed
    assert results.is_complete
    assert not results.is_closed
    first, again = whole.summary.rows[0].value, results.summary.rows[0].value
    assert (first.scored, again.scored) == (20, 22)
    assert again.interval is not None
    assert first.interval is not None
    assert again.interval.low < first.interval.low
    assert any("however often one looks" in note for note in results.notes)


def test_settings_with_different_numbers_of_answers_are_compared_and_drawn() -> None:
    whole = temperatures(20, 19, 5)
    more = [result(expand(whole.definition)[1], draw, "Lyon") for draw in range(21, 41)]
    results = Results(whole.definition, whole.calls, [*whole, *more], passes=passes)
    assert [row["answers"] for row in results.means("pass")] == [20, 40, 20]
    assert results.compare({"temperature": 0.0}, {"temperature": 0.4}).interval is not None
    assert results.attempts(20)[1]["pass@20"] == pytest.approx(1, abs=0.01)
    assert len(results.plot().axes) == 1
    assert "40" in results.to_html()
    assert len(results.diversity(cut=True)) == 3
