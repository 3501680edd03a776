"""The token view as safe HTML that stays in the notebook: it needs no script and no stylesheet.

Where styles are taken out, as GitHub does, the numbers of the least certain tokens are left, and
the confidence of each sentence.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from chatwidget.lab.token_scale import SCALE, token_style
from chatwidget.lab.tokens_text import MEANINGS, alternatives_text, entropy_text, share_text
from chatwidget.tuning.tokens import least_certain, sentences
from chatwidget.tuning.visible import flowing, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatwidget.client.logprobs_probe import LogprobsMeaning
    from chatwidget.tuning.tokens import TokenPosition

__all__ = ["tokens_html"]

_LONGEST = 4_000
_TEXT = "line-height:2;overflow-wrap:anywhere;white-space:pre-wrap"
_CHIP = "border-radius:3px;margin-right:0.4em;padding:0 0.4em"
_SMALL = "font-size:0.85em;margin:0.4em 0"
_HEADINGS = ("token", "probability", "what else could have stood there")


def tokens_html(
    tokens: Sequence[TokenPosition], meaning: LogprobsMeaning | None = None, *, place: str = ""
) -> str:
    """Return the tokens of an answer, coloured by probability, with lines that tell the entropy.

    Parameters
    ----------
    tokens
        The tokens, see `tokens_of`.
    meaning
        What the server's log probabilities mean; None if that is not known.
    place
        The class by which a script finds the view, to give it what needs one.
    """
    classes = f"chatwidget-tokens {place}".strip()
    if not tokens:
        sentence = "<p>The answer came without log probabilities.</p>"
        return f'<div class="{classes}">{sentence}</div>\n'
    parts = [_text(tokens), _strip(tokens), _legend(), _least(tokens)]
    note = f'<div style="{_SMALL}">{escape(MEANINGS[meaning])}</div>'
    return f'<div class="{classes}">\n{"".join(parts)}{note}</div>\n'


def _text(tokens: Sequence[TokenPosition]) -> str:
    body = "".join(map(_token, tokens[:_LONGEST]))
    left = len(tokens) - _LONGEST
    more = f" … and {left:,} more tokens" if left > 0 else ""
    return f'<div class="chatwidget-tokens-text" dir="auto" style="{_TEXT}">{body}{more}</div>\n'


def _token(token: TokenPosition) -> str:
    shown = escape(flowing(token.text)).replace("\n", "<br>")
    style = token_style(token)
    if not style:
        return shown
    told = [f"{label(token.token)} {share_text(token.probability)}, {entropy_text(token)}"]
    title = "&#10;".join(escape(line) for line in [*told, "", *alternatives_text(token)])
    return f'<span style="{style}" title="{title}">{shown}</span>'


def _strip(tokens: Sequence[TokenPosition]) -> str:
    """Return the confidence of each sentence, as a row of numbers on their shades."""
    chips = "".join(
        _chip(share_text(each.confidence), SCALE.shade(each.confidence))
        for each in sentences(tokens)[:_LONGEST]
    )
    return f'<div style="{_SMALL}">Confidence by sentence: {chips}</div>\n'


def _chip(text: str, shade: str) -> str:
    background = f"background:{shade};" if shade else ""
    return f'<span style="{background}{_CHIP}">{escape(text)}</span> '


def _legend() -> str:
    """Say what shades and lines mean."""
    shares = [f"over {share_text(share)}" for share in SCALE.probabilities]
    names = [*shares, f"up to {share_text(SCALE.probabilities[-1])}"]
    chips = "".join(map(_chip, names, SCALE.shades))
    bits = [f"from {bits:g}" for bits in SCALE.entropies]
    marks = "".join(
        f'<span style="border-bottom:{line} solid {SCALE.ink};margin-right:0.6em">{name}</span> '
        for name, line in zip(bits, SCALE.lines[1:], strict=True)
    )
    return f'<div style="{_SMALL}">Probability: {chips} Entropy in bits: {marks}</div>\n'


def _least(tokens: Sequence[TokenPosition]) -> str:
    head = "".join(f"<th>{heading}</th>" for heading in _HEADINGS)
    rows = "".join(map("<tr>{}</tr>".format, _rows(tokens)))
    summary = "<summary>The least certain tokens</summary>"
    return f"<details>{summary}\n<table><tr>{head}</tr>{rows}</table></details>\n"


def _rows(tokens: Sequence[TokenPosition]) -> Iterator[str]:
    for place in least_certain(tokens):
        token = tokens[place]
        others = "<br>".join(map(escape, alternatives_text(token)))
        cells = [_surroundings(tokens, place), share_text(token.probability), others]
        yield "".join(map("<td>{}</td>".format, cells))


def _surroundings(tokens: Sequence[TokenPosition], place: int) -> str:
    """Return a token in bold between the words around it."""
    before = "".join(each.text for each in tokens[max(0, place - 4) : place])
    after = "".join(each.text for each in tokens[place + 1 : place + 3])
    marked = f"<b>{escape(label(tokens[place].token))}</b>"
    return f"…{escape(label(before)) if before else ''}{marked}{escape(label(after))}…"
