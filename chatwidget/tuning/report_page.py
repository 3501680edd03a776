"""The report of a study: one HTML page that needs nothing else, and runs nothing."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from chatwidget.client.text import counted, printable
from chatwidget.tuning.conclusion import named
from chatwidget.tuning.table_html import study_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chatwidget.tuning.groups import Group
    from chatwidget.tuning.result import Failure, Setting
    from chatwidget.tuning.scoring import Score
    from chatwidget.tuning.table import Table

__all__ = ["report_page"]

_STYLE = """
:root { color-scheme: light dark; --jp-brand-color2: #64a5e8; --line: rgb(128 128 128 / 35%); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  background: #fff; color: #1b1b1b; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) {
  :root { --jp-brand-color2: #3d7fc4; }
  body { background: #161616; color: #e6e6e6; }
}
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid var(--line); padding: .3em .8em .3em 0; overflow-wrap: normal; }
pre { border: 1px solid var(--line); border-radius: 4px; padding: .6em .8em;
  white-space: pre-wrap; }
summary { cursor: pointer; }
figure { margin: 1.5rem 0; } figure img { border-radius: 4px; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def report_page(
    title: str,
    *,
    sentence: str,
    table: Table,
    notes: Sequence[str],
    names: Sequence[str],
    groups: Mapping[Setting, Group],
    failures: Sequence[Failure],
    code: str,
    picture: str = "",
) -> str:
    """Return the report as a page of HTML: light and dark, without scripts, all text escaped."""
    parts = [
        f"<h1>{escape(printable(title))}</h1>",
        study_html(sentence, table, notes),
        *([f"<figure>{picture}</figure>"] if picture else []),
        "<h2>Answers</h2>",
        *(_answers(names, setting, group) for setting, group in groups.items()),
        *_failed(failures),
        *([f"<h2>Repeat it</h2><pre>{escape(printable(code))}</pre>"] if code else []),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(printable(title))}</title><style>{_STYLE}</style></head>\n"
        f"<body>{chr(10).join(parts)}</body></html>\n"
    )


def _answers(names: Sequence[str], setting: Setting, group: Group) -> str:
    """Return the answers of a setting, each text once for each item."""
    texts = [result.text for result in group.results]
    items = [result.item for result in group.results]
    seen = Counter(zip(items, texts, group.scores, strict=True))
    many = len({*items}) > 1
    answers = "".join(_answer(*each, count, many=many) for each, count in seen.items())
    label = named(names, [setting]) if names else "all"
    summary = f"{escape(label)}: {counted(len(texts), 'answer')}"
    return f"<details><summary>{summary}</summary>{answers}</details>"


def _answer(item: str, text: str, score: Score, count: int, *, many: bool) -> str:
    facts = [counted(count, "time")]
    facts += [printable(item)] if many else []
    facts += [_score_text(score)] if score is not None else []
    return f'<p>{escape(" · ".join(facts))}</p><pre dir="auto">{escape(printable(text))}</pre>'


def _score_text(score: Score) -> str:
    if isinstance(score, bool):
        return "passed" if score else "did not pass"
    return printable(score) if isinstance(score, str) else f"score {score:.4g}"


def _failed(failures: Sequence[Failure]) -> Iterator[str]:
    if failures:
        told = Counter(f"{failure.kind}: {failure.message}" for failure in failures)
        lines = "".join(
            f"<li>{counted(n, 'time')}: {escape(printable(each))}</li>" for each, n in told.items()
        )
        yield f"<h2>Failed calls</h2><ul>{lines}</ul>"
