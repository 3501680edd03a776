"""Pictures of a study: curves with bands, heat maps, and a table beside each."""

from __future__ import annotations

import io
import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text
from PIL import Image

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.pooled_curve import PooledCurve
from chatwidget.tuning.pooling import Pooled
from chatwidget.tuning.result import Setting
from chatwidget.tuning.statistics.proportion import Interval
from chatwidget.tuning.sweep import PooledPoint
from tuning.studied import HOSTILE, Reader, answered, passes, study, temperatures
from tuning.test_pooling import told

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from chatwidget.tuning import Results

GREY = "#808080"


def over_two(**options: Any) -> Results:
    vary = {"temperature": [0.0, 1.0, 0.5], "top_p": [0.5, 1.0]}
    asked = study(vary=vary, repeats=4)
    return answered(
        asked,
        lambda request, draw: "Paris" if draw > request.setting.values["temperature"] else "Lyon",
        **({"passes": passes} | options),
    )


def bands(figure: Figure) -> list[Any]:
    (axes,) = figure.axes
    return [each for each in axes.collections if isinstance(each, FillBetweenPolyCollection)]


def test_answers_with_log_probabilities_have_a_band_of_their_own_accord() -> None:
    results = told().scored(lambda completion: completion.text == "aa")
    figure = results.plot()
    assert bands(figure)
    (axes,) = figure.axes
    middle = max(axes.lines, key=lambda line: len(line.get_xdata()))
    points = results.pooled()
    assert np.allclose(middle.get_ydata(), [point.pooled.value for point in points])
    assert not bands(results.plot(pooled=False))


def test_no_band_is_drawn_where_none_can_be_told_unless_it_is_asked_for() -> None:
    results = told(top_p=0.5).scored(lambda completion: completion.text == "aa")
    assert not bands(results.plot())
    with pytest.raises(ConfigurationError, match="top_p below 1"):
        results.plot(pooled=True)
    assert not bands(temperatures(20, 19, 5).plot())


def test_a_temperature_that_is_not_sent_has_a_dot_and_no_band() -> None:
    results = told({"temperature": [None, 0.5, 0.8]}).scored(lambda each: each.text == "aa")
    assert not bands(results.plot())
    assert [point.setting.values["temperature"] for point in results.pooled(at=[1.0])] == [1.0]


def test_a_band_is_grey_where_it_is_worth_few_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    results = told().scored(lambda completion: completion.text == "aa")
    points = [
        PooledPoint(Setting({"temperature": at}), Pooled(0.5, Interval(0.2, 0.8), worth), 8)
        for at, worth in ((0.5, 8.0), (0.6, 7.0), (0.7, 4.9), (0.8, 3.0), (1.0, 6.0))
    ]
    curve = PooledCurve("temperature", "pass", points)
    monkeypatch.setattr(type(results), "pooled", lambda *_: curve)
    colours = [to_hex(each.get_facecolor()[0]) for each in bands(results.plot())]
    assert len(colours) == 2
    assert colours[0] != GREY
    assert colours[1] == GREY


def test_each_curve_has_a_band_in_its_colour() -> None:
    vary = {"temperature": [0.5, 1.0], "system": ["Be brief.", "Be long."]}
    results = told(vary).scored(lambda completion: completion.text == "aa")
    colours = {to_hex(each.get_facecolor()[0]) for each in bands(results.plot())}
    assert len(colours - {GREY}) == 2


def test_numbers_are_read_where_the_dots_stand() -> None:
    (axes,) = over_two().plot(x="temperature", pooled=False).axes
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "1", "0.5"]
    dots = [at for line in axes.lines if line.get_marker() in "os" for at in line.get_xdata()]
    assert all(min(abs(at - tick) for tick in axes.get_xticks()) < 0.02 for at in dots)


def test_ticks_that_would_stand_in_each_other_are_those_of_matplotlib() -> None:
    close = answered(study(vary={"temperature": [0.0, 0.01, 2.0]}, repeats=2), lambda *_: "Paris")
    (axes,) = close.scored(passes).plot(x="temperature").axes
    assert "0.01" not in [text.get_text() for text in axes.get_xticklabels()]


def test_a_heat_map_has_a_field_for_each_pair_in_order() -> None:
    figure = over_two().heat_map()
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0", "0.5", "1"]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["0.5", "1"]
    heights = np.asarray(axes.images[0].get_array())
    assert heights.tolist() == [[1.0, 1.0, 0.75]] * 2
    assert [text.get_text() for text in axes.texts][:1] == ["100 %\n[51, 100]"]


def test_what_else_varies_is_chosen() -> None:
    vary = {"temperature": [0.0, 1.0], "top_p": [0.5, 1.0], "model": ["a", "b"]}
    results = answered(study(vary=vary, repeats=2), lambda *_: "Paris", passes=passes)
    with pytest.raises(ConfigurationError, match="model varies, too"):
        results.heat_map()
    figure = results.heat_map(where={"model": "a"})
    assert np.asarray(figure.axes[0].images[0].get_array()).shape == (2, 2)
    assert results.heat_map("model", "top_p", where={"temperature": 0.0})
    with pytest.raises(ConfigurationError, match="no setting"):
        results.heat_map(where={"model": "c"})


def test_a_pair_that_nobody_asked_is_an_empty_field() -> None:
    vary = {"temperature": [0.0, 1.0], "top_p": [0.5, 1.0]}
    asked = study(vary=vary, combine="paired", repeats=3)
    figure = answered(asked, lambda *_: "Paris", passes=passes).heat_map()
    heights = np.ma.filled(np.ma.asarray(figure.axes[0].images[0].get_array()), np.nan)
    assert np.isnan(heights).sum() == 2


@pytest.mark.parametrize("names", [("temperature", "temperature"), ("model", None)])
def test_a_heat_map_without_two_names_is_refused(names: tuple[str, str | None]) -> None:
    with pytest.raises(ConfigurationError, match="needs two names"):
        over_two().heat_map(*names)


def test_a_heat_map_of_a_single_name_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="a second one"):
        temperatures(20, 19, 5).heat_map()


def test_each_picture_has_its_table_as_a_twin() -> None:
    shown = over_two().heat_map()._repr_mimebundle_()
    assert {*shown} == {"image/png", "text/plain"}
    assert "temperature 0.5" in shown["text/plain"]
    assert "75 % [30, 95]" in shown["text/plain"]
    curve = temperatures(20, 19, 5).plot()._repr_mimebundle_()
    assert "95 %" in curve["text/plain"]


def test_names_are_text_and_no_formulas() -> None:
    vary = {"temperature": [0.0, 1.0], "system": ["costs $5", "costs $6 or $\\x$"]}
    results = answered(study(vary=vary, repeats=2), lambda *_: "Paris", passes=passes)
    assert results.plot("temperature")._repr_png_().startswith(b"\x89PNG")
    assert results.heat_map()._repr_png_().startswith(b"\x89PNG")


def test_a_picture_shows_what_varies() -> None:
    curve, heat = temperatures(20, 19, 5).picture(), over_two().picture()
    assert curve is not None
    assert heat is not None
    assert not curve.axes[0].images
    assert heat.axes[0].images
    assert over_two(passes=None).picture() is None
    words = study(vary={"model": ["a", "b", "c"]}, repeats=2)
    assert answered(words, lambda *_: "Paris", passes=passes).picture() is None


def test_a_report_has_the_picture_inside_of_it() -> None:
    asked = study(HOSTILE, vary={"temperature": [0.0, 0.5, 1.0]}, repeats=2)
    page = answered(asked, lambda *_: HOSTILE, passes=lambda _: True).to_html() or ""
    (picture,) = [attributes for tag, attributes in Reader(page).elements if tag == "img"]
    assert (picture["src"] or "").startswith("data:image/svg+xml;base64,")
    assert picture["alt"]


def test_without_matplotlib_there_is_a_report_and_no_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert temperatures(20, 19, 5).picture() is None
    assert "<img" not in (temperatures(20, 19, 5).to_html() or "")


def luminance(colour: str) -> float:
    """The relative luminance of a colour; see WCAG 2."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(map(math.prod, zip((0.2126, 0.7152, 0.0722), parts, strict=True)))


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: temperatures(20, 10, 5).plot(),
        lambda: over_two().plot("temperature"),
        lambda: over_two().heat_map(),
        lambda: told({"temperature": [0.5, 1.0, 1.5]}).scored(lambda it: len(it.text)).plot(),
    ],
)
@pytest.mark.parametrize("ground", ["white", "#111111", "#0d1117"])
def test_a_picture_is_read_on_a_light_and_on_a_dark_page(draw: Any, ground: str) -> None:
    figure = draw()
    with Image.open(io.BytesIO(figure._repr_png_())) as image:
        assert image.convert("RGBA").getpixel((2, 2))[3] == 0  # the page is seen behind it
    fields = {id(text) for axes in figure.axes for text in axes.texts}  # written on a field
    texts = [text for text in figure.findobj(Text) if text.get_text() and id(text) not in fields]
    assert len(texts) > 5
    for text in texts:
        assert contrast(to_hex(text.get_color()), ground) >= 4
    lines = [line.get_color() for axes in figure.axes for line in axes.lines]
    assert all(contrast(to_hex(colour), ground) > 2 for colour in lines)
