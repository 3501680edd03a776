"""The layout of a text graph: where its nodes stand, from left to right as one reads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from chatwidget.client.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.tuning.text_graph import TextGraph

__all__ = ["Box", "boxes", "short_text"]

_WIDTH, _LINE, _FRAME = 176, 17, 28
_ACROSS, _DOWN = 52, 12
_CHARACTERS = 25
_TIGHT = 20
"""So many characters fit on a line, whatever the font."""

_LONGEST = 6 * _CHARACTERS


class Box(NamedTuple):
    """The box of a node, in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """How far down its middle is."""
        return self.top + self.height / 2


def short_text(text: str) -> str:
    """Return the text of a node on one line, long ones without their middle."""
    line = " ".join(printable(text).split())
    half = _LONGEST // 2 - 2
    return line if len(line) <= _LONGEST else f"{line[:half]} … {line[-half:]}"


def boxes(graph: TextGraph) -> list[Box]:
    """Return a box for each node: to the right of all that lead to it, and near to their height."""
    leading: dict[int, list[int]] = {}
    for one, other in graph.edges:
        leading.setdefault(other, []).append(one)
    layers: dict[int, list[int]] = {}
    depth: list[int] = []
    for number in range(len(graph.nodes)):
        depth.append(1 + max((depth[each] for each in leading.get(number, ())), default=-1))
        layers.setdefault(depth[-1], []).append(number)
    found: dict[int, Box] = {}
    for layer in sorted(layers):
        wanted = {each: _wanted(leading.get(each, ()), found) for each in layers[layer]}
        low = 0.0
        # what most samples share comes first among those that want the same place
        for each in sorted(wanted, key=lambda n: (wanted[n], -len(graph.nodes[n].samples))):
            height = _height(graph.nodes[each].text)
            top = max(low, wanted[each] - height / 2)
            found[each] = Box(layer * (_WIDTH + _ACROSS), top, _WIDTH, height)
            low = top + height + _DOWN
    return [found[number] for number in range(len(graph.nodes))]


def _wanted(leading: Sequence[int], found: dict[int, Box]) -> float:
    return sum(found[each].middle for each in leading) / len(leading) if leading else 0.0


def _height(text: str) -> float:
    return _FRAME + _LINE * max(1, math.ceil(len(short_text(text)) / _TIGHT))
