"""The race of a study's settings: which are still worth asking, as its answers come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.groups import compared_names, compared_setting
from chatwidget.tuning.scoring import score
from chatwidget.tuning.statistics.proportion import Counts
from chatwidget.tuning.statistics.racing import contenders

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chatwidget.tuning.requests import StudyRequest
    from chatwidget.tuning.result import Result, Setting
    from chatwidget.tuning.scoring import Scorer

__all__ = ["Race"]


class Race:
    """Drops the settings that are clearly not the best.

    Parameters
    ----------
    requests
        What the study asks.
    passes
        Says whether an answer passes.
    results
        The answers so far.
    """

    def __init__(
        self, requests: Sequence[StudyRequest], passes: Scorer, results: Iterable[Result] = ()
    ) -> None:
        self._names = compared_names(requests)
        self._passes = passes
        settings = dict.fromkeys(compared_setting(each, self._names) for each in requests)
        self._counts: dict[Setting, Counts] = dict.fromkeys(settings, Counts(0, 0))
        self._left = {*settings}
        for result in results:
            self._count(result)
        self._drop()

    @property
    def is_clear(self) -> bool:
        """Whether one setting is left of several."""
        return len(self._left) == 1 < len(self._counts)

    def is_out(self, request: StudyRequest) -> bool:
        """Tell whether a request need not be asked any more."""
        return compared_setting(request, self._names) not in self._left

    def note(self, result: Result) -> None:
        """Take an answer.

        Raises
        ------
        ConfigurationError
            If the function does not say True or False.
        """
        self._count(result)
        self._drop()

    def _count(self, result: Result) -> None:
        scores = score([result], self._passes)
        if scores.kind not in ("pass", "none"):
            raise ConfigurationError(
                f"stop_when='clear' needs True or False; passes= says {scores.values[0]!r}."
            )
        if scores.kind == "pass":
            setting = compared_setting(result, self._names)
            passed, n = self._counts[setting]
            self._counts[setting] = Counts(passed + bool(scores.values[0]), n + 1)

    def _drop(self) -> None:
        """Drop who is out; it stays so, and its answers count on."""
        settings = [*self._counts]
        still = {settings[place] for place in contenders([*self._counts.values()])}
        self._left = (self._left & still) or self._left
