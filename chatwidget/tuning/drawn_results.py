"""Drawn results: the pictures of a study, and what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.answer_graph import answer_graph
from chatwidget.tuning.canvas import has_matplotlib
from chatwidget.tuning.curve import curves, is_rate, numbers_of, values_of
from chatwidget.tuning.figure import draw
from chatwidget.tuning.groups import Group
from chatwidget.tuning.heat_figure import draw_map
from chatwidget.tuning.heat_map import heat_map
from chatwidget.tuning.measures import THUMB
from chatwidget.tuning.pictures import picture_names
from chatwidget.tuning.pooled_curve import pooled_along
from chatwidget.tuning.pooled_draws import can_pool_soon, draws_of
from chatwidget.tuning.scored_results import ScoredResults
from chatwidget.tuning.scoring import score
from chatwidget.tuning.value_table import values_table
from chatwidget.tuning.watching import watch_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from chatwidget.tuning.answer_graph import AnswerGraph
    from chatwidget.tuning.curve import Wanted
    from chatwidget.tuning.pooled_curve import PooledCurve
    from chatwidget.tuning.result import Result, Setting
    from chatwidget.tuning.summary import Value
    from chatwidget.tuning.truth import TrueCurve
    from chatwidget.tuning.watching import Where

__all__ = ["DrawnResults"]


class DrawnResults(ScoredResults):
    """The results of a study so far, as pictures; see `Results`."""

    def pooled(
        self, x: str = "temperature", y: Wanted | None = None, at: Sequence[float] | None = None
    ) -> PooledCurve:
        """Return a value along a parameter, from the answers of all settings together.

        An answer counts by how likely it is at the value of the parameter, which its log
        probabilities tell. Values that were not asked have an estimate, too.

        Parameters
        ----------
        x
            ``"temperature"``, ``"frequency_penalty"`` or ``"presence_penalty"``.
        y
            As in `plot`.
        at
            The values of the parameter; by default those that were asked, and some between.

        Raises
        ------
        ConfigurationError
            If log probabilities are missing or processed, or something else that was asked for,
            such as top_p below 1, makes other settings unknowable.
        """
        wanted, name = self._wanted(y)
        kind = self.scores.kind
        numbers = {each: numbers_of(group, wanted, kind) for each, group in self.groups.items()}
        pools = draws_of(self.definition, self.groups, numbers)
        are_rates = is_rate(wanted, kind)
        return pooled_along(x, name, pools, at=at, are_rates=are_rates, is_closed=self.is_closed)

    def truth(
        self, x: str = "temperature", y: Wanted | None = None, at: Sequence[float] | None = None
    ) -> TrueCurve:
        """Return what a value truly is along a parameter; known of the practice model alone.

        Its answers are counted up with their probabilities, as far as they are few enough, and
        else drawn freely, with how far off that may be.

        Parameters
        ----------
        x, y, at
            As in `pooled`.

        Raises
        ------
        ConfigurationError
            If another model answers.
        """
        from chatwidget.tuning.truth import truth_along  # noqa: PLC0415 - loads the practice model

        wanted, name = self._wanted(y)
        kind = self.scores.kind

        def number(results: Sequence[Result]) -> list[float | None]:
            found = Group([*results], score(results, self.judges[0]).values)
            return numbers_of(found, wanted, kind)

        return truth_along(self.definition, x, name, number, at)

    def watch(self, *words: str, where: Where = "first") -> list[dict[str, Any]]:
        """Return how probable words such as ``yes`` and ``no`` were, for each setting.

        ``low`` and ``high`` are means over its answers, of the least and of the most that can be.

        Parameters
        ----------
        *words
            The words; each has to be one token of the model, in any case.
        where
            At the ``first`` token that is no space; or at ``any``, the one where it is likeliest.

        Raises
        ------
        ConfigurationError
            If no answer has log probabilities.
        """
        return watch_settings(self, words, where)

    def plot(
        self,
        x: str | None = None,
        y: Wanted | None = None,
        *,
        pooled: bool | None = None,
        truth: bool = False,
    ) -> Figure:
        """Draw a value along a name that varies, with its intervals, as a matplotlib figure.

        Parameters
        ----------
        x
            The name; by default the first that varies.
        y
            ``"pass"`` or ``"score"``; a measure, as ``"tokens"``; or a function of a result that
            returns a number. By default the score.
        pooled
            Whether there is a band of what `pooled` says; by default where it can be told soon.
        truth
            Whether there is a dashed line of what `truth` says.
        """
        names = self.summary.names
        across = x or next(iter(names), "")
        values, name = self._values(y)
        found = curves(names, across, values)
        band = self._band(across, y, wanted=pooled)
        true = self.truth(across, y).curves if truth else ()
        twin = values_table(names, values, name)
        return draw(found, across, name, twin=twin, pooled=band, truth=true)

    def picture(self) -> Figure | None:
        """Return the figure that shows what varies; None if there is none, or no matplotlib."""
        names = picture_names(self.groups)
        if self.scores.kind not in ("pass", "number") or not names or not has_matplotlib():
            return None
        return self.plot(*names) if len(names) == 1 else self.heat_map(*names)

    def heat_map(
        self,
        x: str | None = None,
        y: str | None = None,
        value: Wanted | None = None,
        *,
        where: Mapping[str, Any] | None = None,
    ) -> Figure:
        """Draw a value over two names that vary, as a matplotlib figure.

        Parameters
        ----------
        x, y
            The names; by default the first two that vary.
        value
            As ``y`` of `plot`.
        where
            The values of all other names that vary.
        """
        values, name = self._values(value)
        return draw_map(heat_map(values, name, x, y, where or {}))

    def text_graph(
        self, where: Mapping[str, Any] | None = None, item: str | None = None
    ) -> AnswerGraph:
        """Return the answers to one item as a graph: what they share once, with counts.

        Parameters
        ----------
        where
            The values of the names that are looked at; by default all.
        item
            What was asked; by default the first of it.

        Raises
        ------
        ConfigurationError
            If there is no such answer.
        """
        return answer_graph(self, where or {}, item)

    def _band(self, x: str, y: Wanted | None, *, wanted: bool | None) -> PooledCurve | None:
        """Return what the pooled answers say, where it is wanted and can be told."""
        if wanted is False or (wanted is None and not can_pool_soon(self._results, x)):
            return None
        try:
            return self.pooled(x, y)
        except ConfigurationError:
            if wanted:
                raise
            return None

    def _values(self, wanted: Wanted | None) -> tuple[dict[Setting, Value], str]:
        """Return a value of each setting, and what it is called."""
        chosen, name = self._wanted(wanted)
        kind = self.scores.kind
        return values_of(self.groups, chosen, kind, is_closed=self.is_closed), name

    def _wanted(self, wanted: Wanted | None) -> tuple[Wanted, str]:
        """Return what is told of the answers, by default their score, and what it is called."""
        kind = self.scores.kind
        chosen = wanted or {"pass": "pass", "number": "score"}.get(kind, "tokens")
        if is_rate(chosen, kind) and chosen != THUMB:
            return chosen, "pass"
        return chosen, chosen if isinstance(chosen, str) else getattr(chosen, "__name__", "value")
