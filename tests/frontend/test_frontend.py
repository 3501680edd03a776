"""The scripts of the page: checked, tested, and bundled as they are committed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import types
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import pytest

from chatwidget.render.display.messages import Kind
from frontend.message_types import DECLARATIONS, Writer, declarations

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "chatwidget" / "static"
SOURCES = sorted(STATIC.joinpath("src").rglob("*.js"))


def run_node(*arguments: str | Path) -> None:
    """Run a script of this folder; what it says is shown if it fails."""
    node = shutil.which("node")
    if node is None:
        pytest.fail(
            "Node.js is not installed, and the scripts of the page cannot be checked without it: "
            "install nodejs and npm (18 or newer).",
            pytrace=False,
        )
    if not HERE.joinpath("node_modules").is_dir():
        pytest.fail(
            "The tools for the scripts of the page are missing: make .venv/node gets them.",
            pytrace=False,
        )
    run = subprocess.run(
        [node, *map(str, arguments)], cwd=HERE, capture_output=True, text=True, check=False
    )
    if run.returncode:
        pytest.fail(run.stdout + run.stderr, pytrace=False)


def test_the_types_of_the_scripts_are_right() -> None:
    run_node("node_modules/typescript/bin/tsc")


def test_the_scripts_do_what_their_tests_say() -> None:
    run_node("--test")


def test_the_bundles_are_those_of_the_sources(tmp_path: Path) -> None:
    run_node("build.mjs", tmp_path)
    made, committed = (
        {path.name: path.read_bytes() for path in folder.iterdir()}
        for folder in (tmp_path, STATIC / "dist")
    )
    stale = {
        name for name in made.keys() | committed.keys() if made.get(name) != committed.get(name)
    }
    assert not stale, "make frontend renews the bundles"


def test_the_types_of_the_messages_are_those_of_the_structs() -> None:
    assert DECLARATIONS.read_text("utf-8") == declarations(), "make frontend renews them"


def test_the_page_orders_the_kinds_of_parts_as_the_kernel_does() -> None:
    source = STATIC.joinpath("src", "answer.js").read_text("utf-8")
    (places,) = re.findall(r"const PLACES = \{(.*?)\};", source, re.DOTALL)
    assert re.findall(r"(\w+): (\d)", places) == [
        (kind, str(place)) for place, kind in enumerate(get_args(Kind))
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(STATIC).as_posix())
def test_what_the_type_checker_ignores_has_its_reason(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "@ts-nocheck" not in text
    assert not re.search(r"@ts-(?:ignore|expect-error)(?!: \S+ \S+)", text)


def test_the_tools_are_pinned_and_no_place_to_download_from_is_named() -> None:
    wanted = json.loads(HERE.joinpath("package.json").read_text("utf-8"))["devDependencies"]
    lock = json.loads(HERE.joinpath("package-lock.json").read_text("utf-8"))["packages"]
    assert wanted == lock[""]["devDependencies"]
    for name, version in wanted.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert lock[f"node_modules/{name}"]["version"] == version
    for name, entry in lock.items():
        assert "resolved" not in entry, name
        assert not name or entry["integrity"].startswith("sha512-"), name


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Inner(msgspec.Struct):
    """Not exported, and mentioned."""

    colour: Colour


class Sent(msgspec.Struct, tag_field="type", tag="sent", rename="camel"):
    """From the kernel.

    And more.
    """

    some_numbers: list[int | float]
    pair: tuple[str, bool]
    inner: Inner | None = None
    by_name: dict[str, list[Inner]] = {}
    anything: Any = None
    flags: tuple[Literal["a", "b"], ...] = ()
    may_miss: int | msgspec.UnsetType = msgspec.UNSET


class Asked(msgspec.Struct, tag_field="type", tag="asked", forbid_unknown_fields=True):
    text: str = ""


Either = Sent | Asked


def module(**exported: Any) -> types.ModuleType:
    made = types.ModuleType("made")
    made.__dict__.update(exported, __all__=list(exported))
    return made


def test_structs_are_written_as_interfaces() -> None:
    writer = Writer()
    writer.read(module(Sent=Sent, Either=Either, Asked=Asked, function=print, limit=3))
    assert (
        "\n".join(writer.declarations())
        == """\
export interface Asked {
  type: "asked";
  text?: string;
}

export type Either = Sent | Asked;

/** Not exported, and mentioned. */
export interface Inner {
  colour: "red" | "blue";
}

/** From the kernel. */
export interface Sent {
  type: "sent";
  someNumbers: number[];
  pair: [string, boolean];
  inner: Inner | null;
  byName: Record<string, Inner[]>;
  anything: unknown;
  flags: ("a" | "b")[];
  mayMiss?: number;
}
"""
    )


def test_two_messages_of_one_name_are_refused() -> None:
    writer = Writer()
    writer.read(module(Sent=Sent))
    with pytest.raises(ValueError, match="two messages of the name Sent"):
        writer.read(module(Sent=type("Sent", (msgspec.Struct,), {})))


def test_a_type_that_cannot_be_written_is_refused() -> None:
    writer = Writer()
    writer.read(module(Odd=type[int]))
    with pytest.raises(TypeError, match="no type of TypeScript"):
        writer.declarations()
