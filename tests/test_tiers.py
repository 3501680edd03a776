"""What `make test` collects is a part of what `make test-full` does, and finds as much."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

ROWS = """
import pytest

@pytest.mark.parametrize(("a", "b"), [(1, 1), (1, 2), (3, 3), (4, 5)], ids="klmn")
def test_rows(a, b):
    assert a == b

@pytest.mark.parametrize("a", [1, 2, 3])
def test_cases(a, tmp_path):
    assert a

@pytest.mark.parametrize("a", [1, pytest.param(2, marks=pytest.mark.full)])
def test_marked(a):
    assert a
"""


def run_pytest(*arguments: str) -> str:
    """Return what pytest says to these arguments in a process of its own."""
    options = ["-q", "-c", "pyproject.toml", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, *arguments]
    environment = os.environ | {"COLUMNS": "200"}
    run = subprocess.run(
        command, cwd=TESTS.parent, env=environment, capture_output=True, text=True, check=False
    )
    return run.stdout


@pytest.fixture
def rows(tmp_path: Path) -> str:
    """A file of tests, collected as all others are."""
    (tmp_path / "conftest.py").write_bytes((TESTS / "conftest.py").read_bytes())
    (tmp_path / "test_rows.py").write_text(ROWS, "utf-8")
    return str(tmp_path / "test_rows.py")


def test_a_table_is_one_case_that_names_each_row_that_fails(rows: str) -> None:
    said = run_pytest(rows)
    assert "1 failed, 4 passed" in said
    assert "2 of 4 rows fail:" in said
    assert [row for row in "klmn" if f"test_rows[{row}]" in said] == ["l", "n"]
    assert "assert 1 == 2" in said
    assert "assert 4 == 5" in said


def test_in_the_full_tier_each_row_is_a_case(rows: str) -> None:
    assert "2 failed, 7 passed" in run_pytest("--full", rows)


def test_a_row_is_found_by_its_name_in_any_tier(rows: str) -> None:
    assert "1 failed, 1 passed" in run_pytest(f"{rows}::test_rows[l]", f"{rows}::test_rows[k]")


def test_the_parts_together_have_each_test_once(rows: str) -> None:
    folder = Path(rows).parent
    for name in "abc":
        (folder / f"test_{name}.py").write_text("def test_it(): pass\ndef test_other(): pass\n")

    def collected(*options: str) -> list[str]:
        said = run_pytest("--collect-only", *options, str(folder))
        return sorted(line for line in said.splitlines() if "::" in line)

    parts = [collected("--part", f"{number}/3") for number in (1, 2, 3)]
    assert all(parts)
    assert sorted(name for part in parts for name in part) == collected()


def test_each_library_twin_and_kind_of_client_is_met() -> None:
    files = ("test_delivery.py", "test_transport.py", "test_fault_matrix.py")
    said = run_pytest("--collect-only", *(str(TESTS / "client" / name) for name in files))
    names = [line.partition("::")[2] for line in said.splitlines()]

    def met(test: str) -> set[str]:
        return {name.removeprefix(test)[1:-1] for name in names if name.startswith(test + "[")}

    assert met("test_data_and_then_one_finish") == {"own-sync-httpx", "given-async-httpx2"}
    assert met("test_without_a_key_no_header_speaks_of_one") == {
        *("own-sync-httpx", "own-async-httpx2", "given-sync-httpx2", "given-async-httpx"),
        "own-fast-httpx",
    }
    # a fault and the next ones: who goes with whom changes
    matrix = met("test_a_fault_is_told_and_leaves_nothing_behind")
    assert {each for each in matrix if "-F1 refused-" in each} == {
        *("httpx-F1 refused-sync-function", "httpx2-F1 refused-async-queue"),
        "httpx-F1 refused-fast-function",
    }
    ways = {(each.split("-")[0], *each.split("-")[-2:]) for each in matrix}
    assert len({each for each in ways if each[1] != "fast"}) == 2 * 2 * 2
