"""The results of a study: a sequence of them, and what they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    from chatwidget.tuning.result import Failure, Result
    from chatwidget.tuning.study import Study

__all__ = ["Results"]


class Results(Sequence["Result"]):
    """The results of a study so far, in the order of its settings, prompts, items and repeats.

    Parameters
    ----------
    study
        What was asked.
    results
        The answered calls.
    failures
        The calls that failed the last time they were asked; they are no results.
    """

    def __init__(
        self, study: Study, results: Sequence[Result], failures: Sequence[Failure] = ()
    ) -> None:
        self.study = study
        self.failures = tuple(failures)
        self._results = tuple(results)

    @property
    def is_complete(self) -> bool:
        """Whether every call of the study is answered."""
        return len(self) == len(self.study)

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
        return f"<Results of {self.study.name!r}: {len(self)} of {len(self.study)} calls{failed}>"
