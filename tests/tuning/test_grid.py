"""A grid: axes of what varies, repeats that collapse into kinds, order and choice of the cells."""

from __future__ import annotations

from typing import Any

import pytest

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.grid import Grid
from chatwidget.tuning.topping_up import all_results, top_up
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
def test_one_cell_is_topped_up_and_the_study_stays_as_it_is(vary: Any) -> None:
    asked = study("Why?", vary=vary, repeats=2, store=False, fixed={"max_tokens": 3})
    asked.run()
    first, other = asked.requests
    top_up(asked, first, 3).result()
    assert len(asked.results()) == 4
    assert asked.store.studies().keys() == {asked.name}
    grid = all_results(asked).grid()
    assert [cell.answers for cell in grid.cells] == [5, 2]
    top_up(asked, other, 1).result()
    assert [cell.answers for cell in all_results(asked).grid().cells] == [5, 3]
