"""Pages of other hosts, whose elements decide how wide a view is, and whether it is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from chatwidget.panel.static_copy import copy_html
from chatwidget.render.display.assets import stylesheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Page

STYLES = f"<style>{stylesheet('answer', 'panel/layout', 'control')}</style>"
SHRINKING = [
    "display: flex; flex-direction: column; align-items: flex-start",
    "display: grid; justify-items: start",
    "display: inline-block",
    "width: fit-content",
]
"""How hosts such as Panel (HoloViz) hold a widget that is not told to stretch."""


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def width(page: Page, kind: str, host: str, room: int) -> float:
    view = f'<section class="{kind}"><p>text</p></section>'
    page.set_content(
        f'{STYLES}<div style="width: {room}px"><div style="{host}; max-width: 100%">{view}</div>'
        "</div>"
    )
    box = page.locator("section").bounding_box()
    assert box is not None
    return box["width"]


@pytest.mark.parametrize("host", SHRINKING)
def test_a_panel_that_is_not_told_to_stretch_has_a_width(page: Page, host: str) -> None:
    assert width(page, "chatwidget-panel", host, 1200) > 600
    assert 300 < width(page, "chatwidget-panel", host, 400) <= 400


@pytest.mark.parametrize("host", SHRINKING)
def test_a_control_that_is_not_told_to_stretch_has_a_width(page: Page, host: str) -> None:
    assert width(page, "chatwidget-parameter", host, 1200) > 250
    assert 150 < width(page, "chatwidget-parameter", host, 200) <= 200


@pytest.mark.parametrize("output", ["output_area", "jp-OutputArea-child"])
def test_while_a_panel_lives_its_copy_is_out_of_sight(page: Page, output: str) -> None:
    """The classic notebook has other names for its outputs than JupyterLab."""
    panel = '<section class="chatwidget-panel">live</section>'
    said = "The panel lives in the kernel"
    first, more = copy_html(["one"], is_first=True), copy_html(["two"])
    for shown, seen in ((panel, ["live"]), (said, ["one", "two"])):
        mark = "chatwidget-panel-output" if shown == panel else ""  # which the panel's script sets
        page.set_content(
            f'<div class="{output} {mark}"><div>{shown}</div></div>'
            f'<div class="{output}"><div>{first}</div></div>'
            f'<div class="{output}"><div>{more}</div></div>'
        )
        for text in ("live", said, "one", "two"):
            number = 1 if text in seen else 0
            expect(page.get_by_text(text, exact=True).locator("visible=true")).to_have_count(number)
