"""The output that a study leaves in the notebook: its answers in columns, or its table."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Any

from chatwidget.client.text import printable
from chatwidget.render.display.final_output import answer_html, choice_html
from chatwidget.render.display.notices import notice_html
from chatwidget.render.display.side_by_side import columns_html, label_html
from chatwidget.render.markup.formulas import FormulaBudget

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatwidget.tuning.result import Result
    from chatwidget.tuning.results import Results

__all__ = ["answers_html", "no_answer", "study_bundle"]


def study_bundle(
    results: Results, remarks: Sequence[str], *, in_columns: bool, place: str = ""
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return what a study leaves in the notebook, by MIME type, and its metadata.

    Parameters
    ----------
    results
        The results.
    remarks
        What is to be said of them, a sentence each.
    in_columns
        Whether the answers stand side by side; else there is a table, with a grid below it.
    place
        The class of the place where a `GridView` draws itself, if there is one.
    """
    said = [*remarks, *_failures(results)]
    html: list[str] = []
    plain: list[str] = []
    notices = "".join(map(notice_html, said))
    if in_columns:
        html.append(answer_html(columns_html(list(_columns(results))) + notices))
        plain += map(_plain, results)
    if not in_columns or results.scores.kind != "none":
        table = results._repr_mimebundle_()
        html.append(table["text/html"])
        plain.append(table["text/plain"])
    if not in_columns:
        kept = f'<div class="{place}"></div>\n' if place else ""
        html.append(answer_html(f"{kept}{answers_html(results)}{notices}"))
    bundle = {
        "text/html": "".join(html),
        "text/plain": "\n\n".join([*plain, *map(printable, said)]),
    }
    return bundle, {"chatwidget": {"study": results.definition.name}}


def no_answer() -> tuple[dict[str, str], dict[str, Any]]:
    """Return what stays of a study that was not asked."""
    return {"text/html": answer_html(notice_html("No answer.")), "text/plain": "No answer."}, {}


def _failures(results: Results) -> list[str]:
    """Say why calls failed, each reason once."""
    reasons = Counter(failure.message for failure in results.failures)
    return [f"{count} of the calls failed: {reason}" for reason, count in reasons.items()]


def _columns(results: Results) -> Iterator[str]:
    formulas = FormulaBudget()
    for result in results:
        choice, usage = result.completion.choices[:1], result.completion.usage
        facts = [f"{usage.completion_tokens} tokens"] if usage is not None else []
        facts += [f"{result.seconds:.1f} s"] if result.seconds is not None else []
        footer = f'<div class="chatwidget-footer">{escape(" · ".join(facts))}</div>\n'
        answers = [choice_html(each, formulas) for each in choice]
        yield "".join([label_html(result.setting.label), *answers, footer])


def _plain(result: Result) -> str:
    return f"{result.setting.label}\n\n{printable(result.completion.text)}"


def answers_html(results: Results) -> str:
    """Return the answers as a grid, equal ones once, folded."""
    if not results:
        return ""
    shown = results.grid()._repr_mimebundle_()["text/html"]
    return f"<details><summary>Answers</summary>\n{shown}</details>\n"
