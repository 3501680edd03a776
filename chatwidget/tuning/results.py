"""The results of a study: a sequence of them, and what they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from chatwidget.tuning.definition import Definition
    from chatwidget.tuning.result import Failure, Result

__all__ = ["Results"]


class Results(Sequence["Result"]):
    """The results of a study so far, in the order of its settings, prompts, items and repeats.

    Parameters
    ----------
    definition
        What was asked.
    calls
        How many calls the study has.
    results
        The answered calls.
    failures
        The calls that failed the last time they were asked; they are no results.
    """

    def __init__(
        self,
        definition: Definition,
        calls: int,
        results: Sequence[Result],
        failures: Sequence[Failure] = (),
    ) -> None:
        self.definition = definition
        self.calls = calls
        self.failures = tuple(failures)
        self._results = tuple(results)

    @property
    def is_complete(self) -> bool:
        """Whether every call of the study is answered."""
        return len(self) == self.calls

    @overload
    def __getitem__(self, index: int) -> Result: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Result]: ...

    def __getitem__(self, index: Any) -> Any:
        return self._results[index]

    def __len__(self) -> int:
        return len(self._results)

    def __repr__(self) -> str:
        failed = f", {len(self.failures)} failed" if self.failures else ""
        answered = f"{len(self)} of {self.calls} calls"
        return f"<Results of {self.definition.name!r}: {answered}{failed}>"
