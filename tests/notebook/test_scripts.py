"""What our scripts and stylesheets may do in a page, and how long their widgets live."""

from __future__ import annotations

import gc
import re
import weakref
from typing import TYPE_CHECKING

import pytest

from chatwidget.render.display.assets import STATIC
from chatwidget.render.display.code_tools import CodeTools
from chatwidget.render.display.live import LiveView
from chatwidget.render.display.messages import LiveState, PickerState
from chatwidget.render.display.picker import Picker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import anywidget

SOURCES = sorted(STATIC.joinpath("src").rglob("*.js"))
BUNDLES = sorted(STATIC.joinpath("dist").glob("*.js"))
STYLESHEETS = sorted(STATIC.rglob("*.css"))
SVG = "http://www.w3.org/2000/svg"  # a name that is no address
FORBIDDEN = re.compile(
    r"\beval\b|\bFunction\b|outerHTML|insertAdjacentHTML|document\.write|\bfetch\b|XMLHttpRequest"
    r"|https?:|WebSocket|\bimport\b"
)


def code(path: Path) -> str:
    """What is in a file, without comments and imports of our own modules."""
    text = re.sub(r"^\s*//.*$|/\*[\s\S]*?\*/", "", path.read_text("utf-8"), flags=re.MULTILINE)
    own = r'^import \{[^}]*\} from "\.{1,2}/[\w./]+\.js";$'
    return re.sub(own, "", text, flags=re.MULTILINE).replace(SVG, "")


def name(path: Path) -> str:
    return path.relative_to(STATIC).as_posix()


def test_html_becomes_nodes_in_one_place() -> None:
    assert [name(path) for path in SOURCES if "innerHTML" in code(path)] == ["src/dom.js"]
    assert code(STATIC / "src" / "dom.js").count("innerHTML") == 1


@pytest.mark.parametrize("path", [*SOURCES, *BUNDLES], ids=name)
def test_a_script_runs_no_text_and_loads_nothing(path: Path) -> None:
    assert not FORBIDDEN.search(code(path))


@pytest.mark.parametrize("path", STYLESHEETS, ids=name)
def test_a_stylesheet_loads_nothing(path: Path) -> None:
    assert not re.search(r"@import|url\(|expression\(", path.read_text("utf-8"))


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_only_the_host_knows_the_page_around_a_view(path: Path) -> None:
    if path.name != "host.js":
        assert not re.search(r"widget_manager|\blm-|\bjp-(?!RenderedHTMLCommon)", code(path))


def test_what_is_shared_with_the_page_is_what_the_messages_say() -> None:
    for widget, state in ((LiveView, LiveState), (Picker, PickerState)):
        shared = widget.class_traits(sync=True).keys() - LiveView.__mro__[1].class_traits().keys()
        assert shared == set(state.__struct_fields__)


@pytest.mark.parametrize(
    "make", [LiveView, lambda: Picker("turn", 2, print), CodeTools], ids=["live", "picker", "code"]
)
def test_a_widget_that_was_closed_is_freed(make: Callable[[], anywidget.AnyWidget]) -> None:
    widget = make()
    reference = weakref.ref(widget)
    widget.close()
    del widget
    gc.collect()
    assert reference() is None
