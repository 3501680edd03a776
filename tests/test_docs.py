"""What the pages for developers name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "docs" / "architecture.md", ROOT / "CONTRIBUTING.md")
NAMED = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|js|md))`")
HOMES = (ROOT, ROOT / "tests", ROOT / "chatwidget", ROOT / "chatwidget" / "static" / "src")
MADE = {"tests/artifacts"}  # by the browser's flows
MIME = re.compile(r"(text|application|image)/[\w.+-]+")


def found(name: str) -> bool:
    paths = [home / name for home in HOMES]
    return any(path.exists() or path.with_suffix(".py").exists() for path in paths)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_and_folder_that_is_named_exists(page: Path) -> None:
    names = {name for name in NAMED.findall(page.read_text("utf-8")) if not MIME.fullmatch(name)}
    assert names
    assert [name for name in sorted(names) if name not in MADE and not found(name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8"))
    assert [target for target in targets if not page.parent.joinpath(target).exists()] == []
