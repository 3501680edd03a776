"""The results of a study: scored, compared, shown, and taken out in any form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.canvas import picture_html
from chatwidget.tuning.code import study_code
from chatwidget.tuning.conclusion import conclusion
from chatwidget.tuning.curve import SCORE_THEM
from chatwidget.tuning.drawn_results import DrawnResults
from chatwidget.tuning.export import csv_text, frame, jsonl_text, records, write
from chatwidget.tuning.grid import Grid, filled
from chatwidget.tuning.notes import notes
from chatwidget.tuning.report_page import report_page
from chatwidget.tuning.requests import expand
from chatwidget.tuning.statistics.difference import mean_difference, pass_difference
from chatwidget.tuning.table import table_of
from chatwidget.tuning.table_html import study_html
from chatwidget.tuning.table_text import table_text
from chatwidget.tuning.tallies import attempts, diversity, means

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from chatwidget.tuning.curve import Wanted
    from chatwidget.tuning.statistics.difference import Difference

__all__ = ["Results"]


class Results(DrawnResults):
    """The results of a study so far, in the order of its settings, prompts, items and repeats.

    At the end of a cell they are a table, and a sentence that says what it shows.

    Parameters
    ----------
    definition
        What was asked; its code repeats it.
    calls
        How many calls the study asks for by itself.
    results
        The answered calls, and further ones that somebody asked for, which no other setting need
        have.
    failures
        The calls that failed the last time they were asked; they are no results.
    passes
        A function of the completion that says whether it passes; or gives it a score, of which more
        is better; or names its kind, as a text. Or the name of a measure: with ``"thumb"`` those
        pass whose thumb is up, and those without a thumb do not count.
    group
        A function of the answer's text that tells which answers are alike, such as
        `first_number`; by default those with the same text.
    store
        Where its answers are kept; None if they are not, or in that of this user.
    """

    @property
    def conclusion(self) -> str:
        """What the study shows, as a sentence."""
        return conclusion(self.summary)

    @property
    def notes(self) -> list[str]:
        """What its numbers mean, what is missing from them, and what would help."""
        groups = [*self.groups.values()]
        return notes(self.summary, self.scores, groups, self._results, self.failures)

    @property
    def code(self) -> str:
        """The code that repeats the study."""
        return study_code(self.definition, self._passes, self._group)

    def compare(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> Difference:
        """Compare two settings item by item: how much more one has, and how sure that is.

        Parameters
        ----------
        one, other
            The values that vary, as ``{"temperature": 0}``.

        Raises
        ------
        ConfigurationError
            If there is no such setting, or answers have no score.
        """
        a, b = self._group_of(one), self._group_of(other)
        if self.scores.kind == "pass":
            return pass_difference(a.counts, b.counts)
        if self.scores.kind == "number":
            return mean_difference(a.numbers, b.numbers)
        raise ConfigurationError("Answers without scores cannot be compared.", hint=SCORE_THEM)

    def means(self, wanted: Wanted | None = None) -> list[dict[str, Any]]:
        """Return the mean of a measure, or the score, for each setting, with its interval.

        Parameters
        ----------
        wanted
            As ``y`` of `plot`.
        """
        return means(*self._values(wanted))

    def diversity(self, *, cut: bool = False) -> list[dict[str, Any]]:
        """Return how different the answers to a prompt are, for each setting.

        All of it depends on how long they are, which is ``words``.

        Parameters
        ----------
        cut
            Whether answers are compared by as many words as the shortest one has.
        """
        return diversity(self.groups, cut=cut)

    def attempts(self, k: int) -> list[dict[str, Any]]:
        """Return pass@k, that one of k answers passes, and pass^k, that all do, for each setting.

        Raises
        ------
        ConfigurationError
            If answers do not pass or fail, or there are fewer than k.
        """
        if self.scores.kind != "pass":
            raise ConfigurationError("Nothing says which answers pass.", hint=SCORE_THEM)
        return attempts(self.groups, k)

    def grid(self) -> Grid:
        """Return a cell for each setting and prompt, whose repeats collapse into kinds."""
        answered = zip(self._results, self.kinds, self.scores.values, strict=True)
        return filled(expand(self.definition), answered, self.failures)

    def to_records(self, *, failures: bool = False) -> list[dict[str, Any]]:
        """Return a dictionary for each answer, and on request one for each failure."""
        return records(self._results, self.scores.values, self.failures if failures else ())

    def to_pandas(self, *, failures: bool = False) -> Any:
        """Return a data frame of pandas with a row for each answer.

        It has a column for each name that varies, ``text``, and those that evalstats knows:
        ``item``, ``run``, ``score``, ``model`` and ``prompt``.
        """
        return frame(self.to_records(failures=failures))

    def to_csv(self, path: str | Path | None = None, *, failures: bool = False) -> str | None:
        """Write a CSV file; without a path return its text.

        A text that a spreadsheet would compute begins with an apostrophe.
        """
        return write(csv_text(self.to_records(failures=failures)), path)

    def to_jsonl(self, path: str | Path | None = None, *, failures: bool = False) -> str | None:
        """Write a file with a JSON object in each line; without a path return its text."""
        return write(jsonl_text(self.to_records(failures=failures)), path)

    def to_html(self, path: str | Path | None = None) -> str | None:
        """Write a report as an HTML page that needs nothing else; without a path return it."""
        found = self.picture()
        page = report_page(
            self.definition.name,
            sentence=self.conclusion,
            table=table_of(self.summary),
            notes=self.notes,
            names=self.summary.names,
            groups=self.groups,
            failures=self.failures,
            code=self.code,
            picture=picture_html(found, "The values of the table above.") if found else "",
        )
        return write(page, path)

    def __repr__(self) -> str:
        failed = f", {len(self.failures)} failed" if self.failures else ""
        further = f" and {self._further} more" if self._further else ""
        answered = f"{self._planned} of {self.calls} calls{further}"
        return f"<Results of {self.definition.name!r}: {answered}{failed}>"

    def __str__(self) -> str:
        return self._repr_mimebundle_()["text/plain"]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Return what is shown at the end of a cell: a table, with a twin of plain text."""
        sentence, table, told = self.conclusion, table_of(self.summary), self.notes
        plain = "\n".join([sentence, "", table_text(table), "", *told])
        return {"text/html": study_html(sentence, table, told), "text/plain": plain}
