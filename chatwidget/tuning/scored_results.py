"""Scored results: the answers of a study, what they are worth, and the settings they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from chatwidget.tuning.groups import group, group_of
from chatwidget.tuning.measures import THUMB, measure_named
from chatwidget.tuning.result import Result, Setting
from chatwidget.tuning.scoring import kinds, score
from chatwidget.tuning.summary import Summary, summarize

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from typing_extensions import Self

    from chatwidget.tuning.definition import Definition
    from chatwidget.tuning.groups import Group
    from chatwidget.tuning.result import Failure
    from chatwidget.tuning.scoring import Grouping, Scorer, Scores
    from chatwidget.tuning.store import Store

__all__ = ["ScoredResults"]


class ScoredResults(Sequence[Result]):
    """The results of a study so far, scored and grouped by setting; see `Results`."""

    def __init__(
        self,
        definition: Definition,
        calls: int,
        results: Sequence[Result],
        failures: Sequence[Failure] = (),
        *,
        passes: Scorer | None = None,
        group: Grouping | None = None,
        store: Store | None = None,
    ) -> None:
        if isinstance(passes, str):
            measure_named(passes)
        self.definition = definition
        self.calls = calls
        self.failures = tuple(failures)
        self.store = store
        self._results = tuple(results)
        self._passes = passes
        self._group = group

    def scored(self, passes: Scorer | None, *, group: Grouping | None = None) -> Self:
        """Return the same results, scored by a function or a measure; nothing is asked again.

        Parameters
        ----------
        passes, group
            As in `Results`.
        """
        return type(self)(
            *(self.definition, self.calls, self._results, self.failures),
            passes=passes,
            group=group or self._group,
            store=self.store,
        )

    @property
    def judges(self) -> tuple[Scorer | None, Grouping | None]:
        """The functions that score and group."""
        return self._passes, self._group

    @property
    def is_complete(self) -> bool:
        """Whether every call of the study is answered."""
        return self._planned == self.calls

    @property
    def is_closed(self) -> bool:
        """Whether just what was planned is there: every call was asked, and none after a look.

        If thumbs count, each answer has one. If it is not closed, intervals hold however often one
        looks.
        """
        is_judged = self._passes != THUMB or not self.scores.missing
        failed = sum(each.draw <= self.definition.repeats for each in self.failures)
        is_asked = self._planned + failed >= self.calls
        return is_asked and is_judged and not self._further

    @cached_property
    def _further(self) -> int:
        """How many answers were asked for beside those that were planned."""
        return sum(each.draw > self.definition.repeats for each in self._results)

    @property
    def _planned(self) -> int:
        return len(self) - self._further

    @cached_property
    def scores(self) -> Scores:
        """What the function says of each answer."""
        return score(self._results, self._passes)

    @cached_property
    def kinds(self) -> list[Hashable]:
        """Of which kind each answer is: what is alike is counted together."""
        is_named = self.scores.kind == "kind"
        return [*self.scores.values] if is_named else kinds(self._results, self._group)

    @cached_property
    def summary(self) -> Summary:
        """The settings with their values, intervals and ranks."""
        return summarize(self.groups, self.scores.kind, is_closed=self.is_closed)

    @cached_property
    def groups(self) -> dict[Setting, Group]:
        """The answers by the settings that are compared."""
        return group(self._results, self.scores.values, self.kinds, self.failures)

    def _group_of(self, values: Mapping[str, Any]) -> Group:
        return group_of(self.groups, values)

    def __len__(self) -> int:
        return len(self._results)

    @overload
    def __getitem__(self, place: int) -> Result: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Result]: ...

    def __getitem__(self, place: int | slice) -> Result | Sequence[Result]:
        return self._results[place]
