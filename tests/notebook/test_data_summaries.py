"""Tables, arrays and figures, of the libraries themselves."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.figure import Figure

from chatwidget.prompt.summaries import Summary, summarize

mpl.use("agg")

DAYS = [dt.datetime(2024, 1, day) for day in (1, 2, 3)]  # noqa: DTZ001 - as most tables have
COLUMNS: dict[str, list[Any]] = {
    "price": [1.5, None, 3.25],
    "count": [1, 2, 3],
    "city": ["Rome", "Bern, old", None],
    "day": DAYS,
    "tags": [["a"], ["b", "c"], []],
}
PRICE = "1 missing, mean 2.375, std 1.23744, min 1.5, median 2.375, max 3.25"
DAY = "min 2024-01-01 00:00:00, max 2024-01-03 00:00:00"


def test_a_table_of_pandas_is_its_columns_and_its_rows() -> None:
    frame = pd.DataFrame(COLUMNS)
    types = frame.dtypes
    assert summarize(frame) == Summary(
        "DataFrame of 3 rows and 5 columns\n"
        f"- price (float64): {PRICE}\n"
        "- count (int64): mean 2, std 1, min 1, median 2, max 3\n"
        f"- city ({types['city']}): 1 missing\n"
        f"- day ({types['day']}): {DAY}\n"
        "- tags (object)\n"
        "All rows, as CSV:\n"
        ",price,count,city,day,tags\n"
        "0,1.5,1,Rome,2024-01-01 00:00:00,['a']\n"
        "1,nan,2,\"Bern, old\",2024-01-02 00:00:00,\"['b', 'c']\"\n"
        f"2,3.25,3,{frame['city'][2]},2024-01-03 00:00:00,[]",
        "DataFrame",
        is_cut=False,
    )


def test_a_table_of_polars_is_its_columns_and_its_rows() -> None:
    frame = pl.DataFrame(COLUMNS)
    assert summarize(frame) == Summary(
        "DataFrame of 3 rows and 5 columns\n"
        f"- price (Float64): {PRICE}\n"
        "- count (Int64): mean 2, std 1, min 1, median 2, max 3\n"
        "- city (String): 1 missing\n"
        f"- day ({frame.schema['day']}): {DAY}\n"
        "- tags (List(String))\n"
        "All rows, as CSV:\n"
        "price,count,city,day,tags\n"
        "1.5,1,Rome,2024-01-01 00:00:00,['a']\n"
        "None,2,\"Bern, old\",2024-01-02 00:00:00,\"['b', 'c']\"\n"
        "3.25,3,None,2024-01-03 00:00:00,[]",
        "DataFrame",
        is_cut=False,
    )


@pytest.mark.parametrize("series", [pd.Series([1, 2], name="a"), pl.Series("a", [1, 2])])
def test_a_series_is_a_table_of_one_column(series: Any) -> None:
    text = summarize(series).text
    assert text.startswith("Series of 2 rows and 1 column\n- a (")
    assert "mean 1.5, std 0.707107, min 1, median 1.5, max 2" in text


@pytest.mark.parametrize("library", [pd, pl])
def test_a_long_table_shows_its_first_rows_and_says_so(library: Any) -> None:
    summary = summarize(library.DataFrame({"a": np.arange(100_000)}))
    assert summary.is_cut
    assert "The first 20 of 100,000 rows, as CSV:" in summary.text
    assert summary.text.endswith("19")


@pytest.mark.parametrize("library", [pd, pl])
def test_a_wide_table_shows_its_first_columns_and_says_so(library: Any) -> None:
    summary = summarize(library.DataFrame({f"c{number}": [number] for number in range(60)}))
    assert summary.is_cut
    assert "\n- … 10 more columns\n" in summary.text
    assert "All rows and 50 of 60 columns, as CSV:" in summary.text
    assert "c49" in summary.text
    assert "c50" not in summary.text


@pytest.mark.parametrize("library", [pd, pl])
def test_a_long_cell_is_cut_and_says_so(library: Any) -> None:
    summary = summarize(library.DataFrame({"a": ["x" * 1_000]}))
    assert summary.is_cut
    assert f"{'x' * 100}…\n… cells are cut at 100 characters …" in summary.text
    assert "x" * 101 not in summary.text


def test_the_names_of_columns_may_be_anything() -> None:
    twice = pd.DataFrame([[1, 2, 3]], columns=["a", "a", 5], index=pd.Index(["x"], name="who"))
    assert summarize(twice).text.endswith("who,a,a,5\nx,1,2,3")
    levels = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")]))
    assert "- ('a', 'b') (int64)" in summarize(levels).text


@pytest.mark.parametrize("library", [pd, pl])
def test_an_empty_table_is_no_difficulty(library: Any) -> None:
    assert summarize(library.DataFrame()).text.startswith("DataFrame of 0 rows and 0 columns")
    assert "0 rows and 1 column" in summarize(library.DataFrame({"a": []})).text


def test_a_column_without_a_number_has_no_mean() -> None:
    frame = pd.DataFrame({"a": [float("nan")] * 2, "b": pd.Series([None, None], dtype="Int64")})
    assert "- a (float64): 2 missing\n- b (Int64): 2 missing\n" in summarize(frame).text


def test_what_a_library_warns_of_is_not_shown_under_the_cell() -> None:
    frame = pd.DataFrame({"a": [1e308, 1.5e308]})
    assert "max 1.5e+308" in summarize(frame).text
    assert "max 1.5e+308" in summarize(frame["a"].to_numpy()).text


def test_an_array_is_its_shape_its_type_and_its_numbers() -> None:
    assert summarize(np.array([[1, 2], [3, 4]], dtype="int8")) == Summary(
        "ndarray of shape (2, 2), int8\nmin 1, mean 2.5, max 4\n[[1 2]\n [3 4]]",
        "ndarray",
        is_cut=False,
    )


def test_an_array_counts_what_is_no_number() -> None:
    text = summarize(np.array([1.5, np.nan, np.inf, -np.inf])).text
    assert text.splitlines()[1:3] == ["min 1.5, mean 1.5, max 1.5", "1 NaN, 2 infinite"]
    assert summarize(np.array([np.nan])).text.splitlines()[1] == "1 NaN, 0 infinite"


def test_a_large_array_shows_the_corners_of_its_first_plane() -> None:
    summary = summarize(np.arange(10**6, dtype="int16").reshape(100, 100, 10, 10).astype("uint8"))
    assert summary.is_cut
    assert "Of 1,000,000 items, the corners of its first plane:" in summary.text
    corners = summarize(np.arange(1_000_000).reshape(1_000, 1_000)).text
    assert "Of 1,000,000 items, its corners:\n[[     0      1      2 ..." in corners
    assert len(corners) < 600


def test_the_mean_of_small_integers_does_not_overflow() -> None:
    assert "mean 100," in summarize(np.full(1_000, 100, dtype="int8")).text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.array(5), "ndarray of shape (), int64\nmin 5, mean 5, max 5\n5"),
        (np.array([], dtype="float32"), "ndarray of shape (0,), float32\n[]"),
        (np.array(["a", None], dtype=object), "ndarray of shape (2,), object\n['a' None]"),
        (np.array([True, False]), "ndarray of shape (2,), bool\nmin 0, mean 0.5, max 1\n"),
        (np.float64(0.5), "0.5"),
        (np.int8(5), "5"),
    ],
)
def test_arrays_of_every_kind_have_a_form(value: Any, text: str) -> None:
    assert summarize(value).text.startswith(text)


def test_tables_and_arrays_in_a_collection_are_named_not_shown() -> None:
    value = {"frame": pd.DataFrame({"a": range(1_000)}), "array": np.zeros((30, 40))}
    assert summarize(value).text == (
        "{'frame': <DataFrame of shape (1000, 1)>, 'array': <ndarray of shape (30, 40)>}"
    )


def test_a_tensor_is_its_shape_its_type_and_its_place() -> None:
    # torch is far too large to install for one test
    class Tensor(SimpleNamespace):
        __module__ = "torch"

        def __repr__(self) -> str:
            return "tensor([1., 2.])"

    tensor = Tensor(shape=(2,), dtype="torch.float32", device="cpu")
    assert summarize(tensor).text == ("Tensor of shape (2,), torch.float32, cpu\ntensor([1., 2.])")


def test_a_figure_is_told_in_words() -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    figure.suptitle("Both")
    left.set(title="Decay", xlabel="time", ylabel="level", yscale="log", xlim=(0, 4))
    left.plot([1, 2, 3], [5, float("nan"), 50], label="measured")
    left.scatter([1, 2], [3, 4], label="chosen")
    left.set_ylim(1, 100)
    left.legend()
    right.bar(["a", "b"], [3, 4.5])
    right.set_ylim(0, 5)
    assert summarize(figure) == Summary(
        "Figure 'Both' of 2 axes\n"
        "Axes 1:\n"
        "- title 'Decay'\n"
        "- x axis 'time' from 0 to 4\n"
        "- y axis 'level' from 1 to 100, log scale\n"
        "- legend 'measured', 'chosen'\n"
        "- line 'measured': 3 points, x from 1 to 3, y from 5 to 50\n"
        "- PathCollection 'chosen': 2 points, x from 1 to 2, y from 3 to 4\n"
        "Axes 2:\n"
        "- x axis with 'a', 'b'\n"
        "- y axis from 0 to 5\n"
        "- 2 bars, heights from 3 to 4.5",
        "Figure",
        is_cut=False,
    )


def test_dates_on_an_axis_are_dates() -> None:
    axes = Figure().subplots()
    axes.plot(DAYS, [1, 2, 3])
    assert "x from 2024-01-01 to 2024-01-03" in summarize(axes).text
    axes = Figure().subplots()
    pd.Series([1, 2, 3], index=pd.DatetimeIndex(DAYS)).plot(ax=axes)
    assert "x from 2024-01-01 to 2024-01-03" in summarize(axes).text


def test_an_image_and_an_empty_line_are_told_too() -> None:
    axes = Figure().subplots()
    axes.imshow(np.zeros((4, 5)))
    axes.plot([], [])
    text = summarize(axes).text
    assert "- image of shape (4, 5)" in text
    assert "- line: 0 points, x unknown, y unknown" in text


def test_a_crowded_figure_is_cut_and_says_so() -> None:
    figure = Figure()
    every = figure.subplots(5, 5).flat
    for _ in range(25):
        every[0].plot([1], [1])
    summary = summarize(figure)
    assert summary.is_cut
    assert "- … 5 more; 20 are here …" in summary.text
    assert summary.text.endswith("… 5 more axes; 20 are here …")


def test_to_look_at_a_figure_does_not_change_it() -> None:
    figure = Figure()
    figure.subplots().plot([1, 2], [3, 4])
    before = figure.axes[0].viewLim.bounds
    summarize(figure)
    assert figure.axes[0].viewLim.bounds == before
    assert len(figure.axes) == 1
