"""Tests of a table of values: one case that names every row that fails."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FEW", "Table", "as_table"]

FEW = 2
"""So many rows are no table: each has a case of its own in any tier."""


class Table(pytest.Function):
    """A test which runs for one row after another, and fails after the last for all that failed.

    The rows share what they are run in, and so only values and fixtures for many tests are rows.
    """

    def __init__(self, *, rows: dict[str, dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows = rows
        self.extra_keyword_matches.update(rows)

    def runtest(self) -> None:
        """Run every row, whatever becomes of those before it."""
        failed = [row for row, values in self.rows.items() if not self._passes(row, values)]
        if failed:
            rows = "\n".join(f"  {self.nodeid}[{row}]" for row in failed)
            pytest.fail(f"{len(failed)} of {len(self.rows)} rows fail:\n{rows}", pytrace=False)

    def _passes(self, row: str, values: dict[str, Any]) -> bool:
        try:
            self.obj(**self._given(), **values)
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001 - it is shown
            shown = self.repr_failure(pytest.ExceptionInfo.from_exception(error))
            self.add_report_section("call", row, str(shown))
            return False
        return True

    def _given(self) -> dict[str, Any]:
        """Return the fixtures that the test asks for, which are the same for each row."""
        names = {*inspect.signature(self.function).parameters} - {*self.callspec.params}
        return {name: self.funcargs[name] for name in names}


def as_table(cases: list[pytest.Function]) -> list[pytest.Function]:
    """Return one case for all the cases of a test, if they are the rows of a table."""
    if len(cases) <= FEW or not all(map(_is_row, cases)):
        return cases
    first = cases[0]
    return [
        Table.from_parent(
            first.parent,
            name=first.originalname,
            originalname=first.originalname,
            callspec=replace(first.callspec, _idlist=()),  # the name ends without a row's
            fixtureinfo=first._fixtureinfo,
            rows={case.callspec.id: case.callspec.params for case in cases},
        )
    ]


def _is_row(case: pytest.Function) -> bool:
    """Tell whether nothing but values tells a case from the next, and nothing of it is its own."""
    if not hasattr(case, "callspec") or case.callspec.marks:
        return False
    if {*case.callspec.params} != {*_values(case)} or [*case.iter_markers("usefixtures")]:
        return False
    asked = {*inspect.signature(case.function).parameters} - {*case.callspec.params}
    return all(_is_shared(case, name) for name in asked)


def _values(case: pytest.Function) -> Iterator[str]:
    """Yield the arguments whose values the decorators of the test name."""
    for mark in case.iter_markers("parametrize"):
        names = mark.args[0] if mark.args else mark.kwargs["argnames"]
        if not mark.kwargs.get("indirect"):
            yield from (names.replace(",", " ").split() if isinstance(names, str) else names)


def _is_shared(case: pytest.Function, fixture: str) -> bool:
    """Tell whether a fixture outlives a test."""
    found = case._fixtureinfo.name2fixturedefs.get(fixture)
    return bool(found) and found[-1].scope != "function"
