"""What our scripts and stylesheets may do in a page."""

from __future__ import annotations

import re

import pytest

from chatwidget.render.display.scripts import STATIC, script

SCRIPTS = sorted(path.name for path in STATIC.glob("*.js"))
STYLESHEETS = sorted(path.name for path in STATIC.glob("*.css"))


def code(name: str) -> str:
    return re.sub(r"^\s*//.*$|/\*[\s\S]*?\*/", "", script(name), flags=re.MULTILINE)


def test_html_becomes_nodes_in_one_place() -> None:
    assert [name for name in SCRIPTS if "innerHTML" in code(name)] == ["answer.js"]
    assert code("answer.js").count("innerHTML") == 1


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_no_text_and_loads_nothing(name: str) -> None:
    forbidden = r"\beval\b|\bFunction\b|outerHTML|insertAdjacentHTML|document\.write|\bimport\b"
    assert not re.search(forbidden + r"|\bfetch\b|XMLHttpRequest|https?:", code(name))


@pytest.mark.parametrize("name", STYLESHEETS)
def test_a_stylesheet_loads_nothing(name: str) -> None:
    assert not re.search(r"@import|url\(|expression\(", script(name))
