"""The codes of faults, in the names and ids of tests, are those of FAULTS.md."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parent
CODE = re.compile(r"(?<![^\W_])[DFHST]\d+(?![^\W_])")
ENTRY = re.compile(r"- ([DFHST]\d+): \S.+\.")
LINES = (TESTS / "FAULTS.md").read_text("utf-8").splitlines()


def names(path: Path) -> Iterator[str]:
    """The names of tests in a file, and the texts that begin with a code, as ids do."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.FunctionDef(name=name) if name.startswith("test_"):
                yield name
            case ast.Constant(value=str(text)) if CODE.match(text):
                yield text


def used() -> dict[str, str]:
    """Every code, and a file in which it occurs."""
    files = [path for path in TESTS.rglob("*.py") if "node_modules" not in path.parts]
    return {
        code: path.name for path in files for name in names(path) for code in CODE.findall(name)
    }


def listed() -> list[str]:
    return [entry[1] for entry in map(ENTRY.fullmatch, LINES) if entry]


def test_every_code_of_a_test_is_explained() -> None:
    missing = {code: path for code, path in used().items() if code not in listed()}
    assert not missing, f"Say in tests/FAULTS.md, in one line, what goes wrong: {missing}"


def test_every_code_that_is_explained_has_a_test() -> None:
    idle = sorted({*listed()} - {*used()})
    assert not idle, f"tests/FAULTS.md explains what no test is named after: {idle}"


def test_the_list_is_in_order_and_each_code_has_one_line() -> None:
    assert [line for line in LINES if line.startswith("- ") and not ENTRY.fullmatch(line)] == []
    assert listed() == sorted({*listed()}, key=lambda code: (code[0], int(code[1:])))
