"""The output that a study leaves in the notebook: its answers in columns, or its table."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Any

from chatwidget.client.text import clean
from chatwidget.render.display.final_output import answer_html
from chatwidget.render.display.notices import notice_html
from chatwidget.render.display.side_by_side import columns_html, label_html
from chatwidget.render.markup.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.tuning.result import Result
    from chatwidget.tuning.results import Results

__all__ = ["study_bundle"]

_MOST_KINDS = 5
_LONGEST = 300


def study_bundle(
    results: Results, remark: str, *, in_columns: bool
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return what a study leaves in the notebook, by MIME type, and its metadata.

    Parameters
    ----------
    results
        The results.
    remark
        What is to be said of its end, as a sentence; empty if it is whole.
    in_columns
        Whether the answers stand side by side; else there is a table, and samples below it.
    """
    said = [*([remark] if remark else []), *_failures(results)]
    notices = "".join(map(notice_html, said))
    metadata = {"chatwidget": {"study": results.definition.name}}
    table = results._repr_mimebundle_()
    if not in_columns:
        html = table["text/html"] + answer_html(_samples_html(results) + notices)
        plain = "\n".join([table["text/plain"], *said])
        return {"text/html": html, "text/plain": plain}, metadata
    columns = [label_html(each.setting.label) + _column(each) for each in results]
    html = answer_html(columns_html(columns) + notices)
    plain = "\n\n".join([*map(_plain, results), *said])
    if results.scores.kind != "none":
        html, plain = html + table["text/html"], f"{plain}\n\n{table['text/plain']}"
    return {"text/html": html, "text/plain": plain}, metadata


def _failures(results: Results) -> list[str]:
    """Say why calls failed, each reason once."""
    reasons = Counter(failure.message for failure in results.failures)
    return [f"{count} of the calls failed: {reason}" for reason, count in reasons.items()]


def _column(result: Result) -> str:
    completion = result.completion
    usage, facts = completion.usage, []
    if usage is not None:
        facts.append(f"{usage.completion_tokens} tokens")
    if result.seconds is not None:
        facts.append(f"{result.seconds:.1f} s")
    footer = f'<div class="chatwidget-footer">{escape(" · ".join(facts))}</div>\n'
    return render(completion.text) + footer


def _plain(result: Result) -> str:
    return f"{result.setting.label}\n\n{clean(result.completion.text)}"


def _samples_html(results: Results) -> str:
    """Return the answers of each setting, equal ones once, folded."""
    by_setting: dict[str, Counter[str]] = {}
    for result in results:
        by_setting.setdefault(result.setting.label, Counter())[result.completion.text] += 1
    parts = [label_html(name) + "".join(_kinds(texts)) for name, texts in by_setting.items()]
    body = "\n".join(parts)
    return f"<details><summary>Answers</summary>\n{body}</details>\n" if parts else ""


def _kinds(texts: Counter[str]) -> Iterator[str]:
    for text, count in texts.most_common(_MOST_KINDS):
        short = clean(text[:_LONGEST]) + ("…" if len(text) > _LONGEST else "")
        times = f"{count} times: " if count > 1 else ""
        yield f'<p class="chatwidget-sample">{escape(times + short)}</p>\n'
    left = len(texts) - _MOST_KINDS
    if left > 0:
        yield f"<p>and {left} other answers</p>\n"
