"""The view of a film: what stays in the notebook, and what makes it a moving one in the page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from uuid import uuid4

from chatwidget.client.text import printable, without_controls
from chatwidget.render.display.answer import best_mode
from chatwidget.render.display.final_output import answer_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.tuning.film.film import Film

__all__ = ["film_bundle", "film_html", "film_text"]

_MOST = 200
_LONGEST = 4_000
_SHADES = ("rgba(230,120,0,0.55)", "rgba(50,130,200,0.45)")
_STRIP = "border-radius:3px;display:flex;height:1.4em;margin:0.4em 0;overflow:hidden;width:100%"
_ANSWER = "margin:0.3em 0;overflow-wrap:anywhere;white-space:pre-wrap"
_END = {"length": "cut at its limit of tokens", "": "without its end"}


def film_bundle(film: Film) -> dict[str, str]:
    """Return what a film shows at the end of a cell, by MIME type."""
    place = ""
    if best_mode() == "live":
        from chatwidget.lab.film_tools import FilmTools  # noqa: PLC0415 - loads ipywidgets

        place = f"chatwidget-film-{uuid4().hex[:12]}"
        FilmTools(place, film)
    return {"text/html": answer_html(film_html(film, place=place)), "text/plain": film_text(film)}


def film_html(film: Film, *, place: str = "") -> str:
    """Return a film as safe HTML that needs no script: its bands, and the answer of each."""
    classes = f"chatwidget-film {place}".strip()
    span = film.high - film.low
    bands = "".join(
        f'<span title="{escape(_range(frame.low, frame.high))}" style="background:'
        f'{_SHADES[number % 2]};flex:0 0 {100 * (frame.high - frame.low) / span:.3f}%"></span>'
        for number, frame in enumerate(film.frames)
    )
    strip = f'<div style="{_STRIP}" aria-hidden="true">{bands}</div>\n'
    notes = "".join(f"<div>{escape(note)}</div>\n" for note in film.notes)
    heading = f"<div>{escape(_heading(film))}</div>\n"
    return f'<div class="{classes}">\n{heading}{strip}{"".join(_answers(film))}{notes}</div>\n'


def _answers(film: Film) -> Iterator[str]:
    """Yield the answers, folded but for the one that was asked for."""
    shown = film.frame(film.low if film.value is None else film.value)
    for number, frame in enumerate(film.frames[:_MOST]):
        summary = f"{_range(frame.low, frame.high)}{_ending(frame.completion.finish_reason or '')}"
        if number:
            edge = film.edges[number - 1]
            summary += f": {_quoted(edge.before.text)} becomes {_quoted(edge.after.text)}"
        is_open = " open" if frame is shown else ""
        text = escape(without_controls(frame.text[:_LONGEST]))
        yield (
            f"<details{is_open}><summary>{escape(summary)}</summary>\n"
            f'<div dir="auto" style="{_ANSWER}">{text}</div></details>\n'
        )
    if len(film) > _MOST:
        yield f"<p>and {len(film) - _MOST:,} more answers</p>\n"


def film_text(film: Film) -> str:
    """Return a film as plain text."""
    lines = [_heading(film)]
    for frame in film.frames[:_MOST]:
        lines += ["", f"{_range(frame.low, frame.high)}:", frame.text[:_LONGEST]]
    if len(film) > _MOST:
        lines += ["", f"and {len(film) - _MOST:,} more answers"]
    return "\n".join(map(printable, [*lines, *film.notes]))


def _heading(film: Film) -> str:
    answers = "one answer" if len(film) == 1 else f"{len(film)} different answers"
    return (
        f"{film.parameter} from {film.low:g} to {film.high:g}: {answers}, with the noise of seed "
        f"{film.seed}"
    )


def _range(low: float, high: float) -> str:
    return f"{low:.4g} to {high:.4g}"


def _ending(reason: str) -> str:
    return f" ({_END[reason]})" if reason in _END else ""


def _quoted(token: str) -> str:
    return f"“{without_controls(token).replace(chr(10), '↵')}”"
