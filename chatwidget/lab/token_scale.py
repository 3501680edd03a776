"""The scale of the token view: how probability and entropy look, in any theme.

One hue in steps tells the probability, so that nobody has to tell colours apart; the thickness of
a line below tells the entropy. Both are seen on a light and on a dark ground.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from chatwidget.tuning.tokens import TokenPosition

__all__ = ["SCALE", "Scale", "token_style"]


class Scale(msgspec.Struct, frozen=True):
    """How a token looks.

    Attributes
    ----------
    probabilities, shades
        The background of a token: the first one above the first probability, and so on down.
    entropies, lines
        The thickness of its line: the first one below the first entropy in bits, and so on up.
    ink
        The colour of the line.
    """

    probabilities: list[float]
    shades: list[str]
    entropies: list[float]
    lines: list[str]
    ink: str

    def shade(self, probability: float | None) -> str:
        """Return the background of a token; none, if its probability is not told."""
        if probability is None:
            return ""
        return self.shades[bisect_left([-each for each in self.probabilities], -probability)]

    def line(self, entropy: float) -> str:
        """Return the thickness of its line; empty for none."""
        return self.lines[bisect_left(self.entropies, entropy)]


_SHARES = [0.9, 0.5, 0.2, 0.05, 0.01]
_OPACITIES = [0.13, 0.26, 0.4, 0.55, 0.72]

SCALE = Scale(
    probabilities=_SHARES,
    shades=["", *(f"rgba(230,120,0,{opacity})" for opacity in _OPACITIES)],
    entropies=[0.5, 1.5, 3.0],
    lines=["", "1px", "2px", "4px"],
    ink="rgb(50,130,200)",
)
"""The scale of all token views."""


def token_style(token: TokenPosition) -> str:
    """Return how a token looks, as an inline style; empty for a certain one."""
    shade, line = SCALE.shade(token.probability), SCALE.line(token.entropy)
    styles = [shade and f"background:{shade}", line and f"border-bottom:{line} solid {SCALE.ink}"]
    return ";".join(filter(None, styles))
