"""README's pictures: as new as the screen, light and dark, small enough for git; one moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from browser.pictures import (
    FILM,
    MOST_BYTES,
    MOST_FILM_BYTES,
    PICTURES,
    RECORD,
    STATIC,
    THEMES,
    what_is_shown,
)

README = Path(__file__).parents[1] / "README.md"

pytestmark = pytest.mark.skipif(not PICTURES.exists(), reason="this is no checkout")


def changed(recorded: str, now: str) -> list[str]:
    """The files that are in one of two records alone, or differ."""
    lines = set(recorded.splitlines()) ^ set(now.splitlines())
    return sorted({line.split("  ", 1)[1] for line in lines})


def test_the_pictures_are_as_new_as_what_they_show() -> None:
    files = changed(RECORD.read_text("utf-8"), what_is_shown())
    assert files == [], "These files changed since the pictures were taken: run make pictures."


@pytest.mark.parametrize("name", ["answer.css", "panel/layout.css", "dist/panel.js", "new.css"])
def test_a_change_of_a_style_or_script_is_noticed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = what_is_shown()
    static = tmp_path / "chatwidget" / "static"
    for path in (*STATIC.rglob("*.css"), *STATIC.joinpath("dist").iterdir()):
        copy = static / path.relative_to(STATIC)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.setattr("browser.pictures.STATIC", static)
    assert changed(before, what_is_shown()) == []
    with static.joinpath(name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert changed(before, what_is_shown()) == [f"chatwidget/static/{name}"]


def test_line_ends_of_another_system_are_no_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("browser.pictures.STATIC", tmp_path)
    style = tmp_path / "a.css"
    style.write_bytes(b"a {\n}\n")
    before = what_is_shown()
    style.write_bytes(b"a {\r\n}\r\n")
    assert what_is_shown() == before


def test_there_is_one_for_light_and_one_for_dark_that_differ_in_colours_alone() -> None:
    pictures = {theme: Image.open(PICTURES / f"notebook-{theme}.png") for theme in THEMES}
    light, dark = pictures["light"], pictures["dark"]
    assert light.size == dark.size
    brightness = {name: each.convert("L").getpixel((0, 0)) for name, each in pictures.items()}
    assert brightness["light"] > 200
    assert brightness["dark"] < 50


@pytest.mark.parametrize("theme", THEMES)
def test_a_picture_is_small_enough_for_git(theme: str) -> None:
    assert (PICTURES / f"notebook-{theme}.png").stat().st_size <= MOST_BYTES


@pytest.mark.parametrize("theme", THEMES)
def test_readme_shows_it_before_anything_else_is_told(theme: str) -> None:
    first_screen, _, _ = README.read_text("utf-8").partition("```")
    assert f"docs/pictures/notebook-{theme}.png" in first_screen
    assert (
        'media="(prefers-color-scheme: dark)" srcset="docs/pictures/notebook-dark' in first_screen
    )


def test_the_film_moves_and_is_small_enough_for_git() -> None:
    with Image.open(FILM) as film:
        assert getattr(film, "n_frames", 1) > 50
    assert FILM.stat().st_size <= MOST_FILM_BYTES


def test_readme_shows_the_film_and_says_what_it_shows() -> None:
    _, _, shown = README.read_text("utf-8").partition('src="docs/pictures/film.webp"')
    assert 'alt="A film of an answer' in shown.partition(">")[0]
