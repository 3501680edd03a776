"""The answers of a study by the settings that are compared."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.result import Setting
from chatwidget.tuning.statistics.proportion import Counts

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from chatwidget.tuning.result import Failure, Result
    from chatwidget.tuning.scoring import Score

__all__ = ["Compared", "Group", "compared_names", "compared_setting", "group", "group_of"]


@dataclass
class Group:
    """The answers of one setting, their scores and kinds, and how many of its calls failed."""

    results: list[Result] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    kinds: list[Hashable] = field(default_factory=list)
    failed: int = 0

    @cached_property
    def numbers(self) -> dict[str, list[float]]:
        """The scores by item, as numbers; texts are left out."""
        found: dict[str, list[float]] = {}
        for result, score in zip(self.results, self.scores, strict=True):
            if score is not None and not isinstance(score, str):
                found.setdefault(result.item, []).append(float(score))
        return found

    @cached_property
    def counts(self) -> dict[str, Counts]:
        """How many answers passed, by item."""
        return {
            item: Counts(int(sum(numbers)), len(numbers)) for item, numbers in self.numbers.items()
        }


class Compared(Protocol):
    """What counts for a setting: a result, a failure or a request."""

    @property
    def setting(self) -> Setting:
        """The varied values."""

    @property
    def prompt(self) -> str:
        """The name of the prompt's variant."""

    @property
    def item(self) -> str:
        """What is asked about."""


def compared_names(records: Sequence[Compared]) -> tuple[str, ...]:
    """Return the names that are compared: those that vary, and ``prompt`` if it has variants.

    Without rows of data the prompts are what is asked about, and so they are not compared.
    """
    names = dict.fromkeys(name for record in records for name in record.setting.values)
    has_rows = any(record.prompt != record.item for record in records)
    if has_rows and len({record.prompt for record in records}) > 1:
        names["prompt"] = None
    return tuple(names)


def compared_setting(record: Compared, names: Sequence[str]) -> Setting:
    """Return the setting that a record counts for, among those that differ by these names."""
    if "prompt" in names and "prompt" not in record.setting.values:
        return Setting(record.setting.values | {"prompt": record.prompt})
    return record.setting


def group(
    results: Sequence[Result],
    scores: Sequence[Score],
    kinds: Sequence[Hashable],
    failures: Sequence[Failure],
) -> dict[Setting, Group]:
    """Return the answers by setting, in the order in which the settings first come."""
    names = compared_names([*results, *failures])
    groups: dict[Setting, Group] = defaultdict(Group)
    for result, score, kind in zip(results, scores, kinds, strict=True):
        found = groups[compared_setting(result, names)]
        found.results.append(result)
        found.scores.append(score)
        found.kinds.append(kind)
    for failure in failures:
        groups[compared_setting(failure, names)].failed += 1
    return groups


def group_of(groups: Mapping[Setting, Group], values: Mapping[str, Any]) -> Group:
    """Return the answers of the setting with some values.

    Raises
    ------
    ConfigurationError
        If there is no such setting.
    """
    for setting, found in groups.items():
        if setting == Setting({**values}):
            return found
    known = ", ".join(repr(setting.values) for setting in [*groups][:3])
    problem = f"There is no setting {dict(values)}."
    raise ConfigurationError(problem, hint=f"There are {known} …")
