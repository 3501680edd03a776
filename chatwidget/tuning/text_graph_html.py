"""A text graph as safe HTML without scripts: boxes and ways, and the answers below.

Whoever chooses a box sees the answers that go through it, by styles alone; the keyboard does it as
with any choice of several. Where styles are taken out, the pieces and the answers are left.
"""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING
from uuid import uuid4

from chatwidget.client.text import counted, printable
from chatwidget.tuning.text_graph_layout import boxes, short_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatwidget.tuning.text_graph import TextGraph
    from chatwidget.tuning.text_graph_layout import Box

__all__ = ["text_graph_html"]

_STYLE = """
.ID .g-flow{overflow:auto;padding:4px;max-height:32em}
.ID .g-map{position:relative}
.ID svg{position:absolute;inset:0;overflow:visible}
.ID .g-node{position:absolute;box-sizing:border-box;padding:3px 8px;border-radius:6px;
border:1px solid rgb(128 128 128/60%);background-color:var(--jp-layout-color1,Canvas);
font-size:13px;line-height:17px;cursor:pointer;overflow:hidden}
.ID input{position:absolute;opacity:0;margin:0}
.ID small{display:block;font-size:11px;opacity:.75}
.ID label:has(:checked){outline:2px solid currentColor}
.ID label:has(:focus-visible){outline:4px solid currentColor}
.ID .g-all{display:inline-block;position:relative;cursor:pointer;margin:.4em 4px;padding:0 .6em;
border:1px solid rgb(128 128 128/60%);border-radius:6px}
.ID ol{margin-top:.4em;max-height:20em;overflow:auto}
.ID li{white-space:pre-wrap;overflow-wrap:anywhere;margin:.3em 0}
"""


def text_graph_html(graph: TextGraph, labels: Sequence[str], left_out: int = 0) -> str:
    """Return a text graph as HTML.

    Parameters
    ----------
    graph
        The graph.
    labels
        What is said of each sample, such as its setting.
    left_out
        How many further samples there are.
    """
    name = f"g{uuid4().hex[:10]}"
    rules = "".join(
        f".{name}:has(.p{n}:checked) li:not(.n{n}){{display:none}}" for n in range(len(graph.nodes))
    )
    style = f"<style>{_STYLE.replace('ID', name)}{rules}</style>"
    parts = [
        f"<p><strong>{escape(sentence(graph, left_out))}</strong></p>",
        _map(graph, name),
        _everything(graph, name),
        f'<ol tabindex="0" aria-label="Answers">{"".join(_items(graph, labels))}</ol>',
    ]
    classes = f"chatwidget-text-graph {name} mathjax_ignore tex2jax_ignore"
    return f'<div class="{classes}">{style}{"".join(parts)}</div>'


def sentence(graph: TextGraph, left_out: int = 0) -> str:
    """Return what a graph shows, in words."""
    shared = sum(len(node.samples) > 1 for node in graph.nodes)
    said = (
        f"{counted(len(graph.samples), 'answer')}, {len({*graph.samples})} different; "
        f"{counted(shared, 'piece')} of text in more than one."
    )
    return said + (f" {left_out:,} further answers are not drawn." if left_out else "")


def _map(graph: TextGraph, name: str) -> str:
    placed = boxes(graph)
    width = max((box.left + box.width for box in placed), default=0)
    height = max((box.top + box.height for box in placed), default=0)
    ways = "".join(_way(graph, pair, placed) for pair in graph.edges)
    nodes = "".join(_node(graph, number, placed[number], name) for number in range(len(placed)))
    return (
        '<div class="g-flow" role="radiogroup" '
        'aria-label="Pieces of text: choose one to see the answers that go through it">'
        f'<div class="g-map" style="width:{width:.0f}px;height:{height + 4:.0f}px">'
        f'<svg aria-hidden="true" width="{width:.0f}" height="{height:.0f}">{ways}</svg>'
        f"{nodes}</div></div>"
    )


def _way(graph: TextGraph, pair: tuple[int, int], placed: Sequence[Box]) -> str:
    """Draw the way between two nodes, as wide as it is frequented, with its count."""
    one, other = (placed[number] for number in pair)
    count = graph.edges[pair]
    thick = 1 + 7 * count / max(len(graph.samples), 1)
    begin, end = one.left + one.width, other.left
    bend = (end - begin) / 2
    path = (
        f"M{begin:.0f} {one.middle:.0f}C{begin + bend:.0f} {one.middle:.0f} "
        f"{end - bend:.0f} {other.middle:.0f} {end:.0f} {other.middle:.0f}"
    )
    across, down = _place_of_count(graph, pair, one, other)
    where = f'x="{across:.0f}" y="{down - thick / 2 - 3:.0f}"'
    return (
        f'<path d="{path}" fill="none" stroke="currentColor" opacity=".35" '
        f'stroke-width="{thick:.1f}"/>'
        f'<text {where} font-size="11" text-anchor="middle" fill="currentColor">{count}</text>'
    )


def _place_of_count(
    graph: TextGraph, pair: tuple[int, int], one: Box, other: Box
) -> tuple[float, float]:
    """Return where the count of a way stands: at the end where no other way is, or between."""
    begin, end = one.left + one.width, other.left
    if sum(each[0] == pair[0] for each in graph.edges) == 1:
        return begin + 9, one.middle
    if sum(each[1] == pair[1] for each in graph.edges) == 1:
        return end - 9, other.middle
    return (begin + end) / 2, (one.middle + other.middle) / 2


def _node(graph: TextGraph, number: int, box: Box, name: str) -> str:
    node = graph.nodes[number]
    share = len(node.samples) / len(graph.samples)
    tint = f"rgb(100 165 232/{60 * share:.0f}%)"
    style = (
        f"left:{box.left:.0f}px;top:{box.top:.0f}px;width:{box.width:.0f}px;"
        f"height:{box.height:.0f}px;background-image:linear-gradient({tint},{tint})"
    )
    text = escape(short_text(node.text)) or "(space)"
    return (
        f'<label class="g-node" style="{style}"><input type="radio" name="{name}" '
        f'class="p{number}"><span dir="auto">{text}</span> '
        f"<small>{len(node.samples)} of {len(graph.samples)}</small></label>"
    )


def _everything(graph: TextGraph, name: str) -> str:
    return (
        f'<label class="g-all"><input type="radio" name="{name}" checked>'
        f"<span>all {len(graph.samples)} answers</span></label>"
    )


def _items(graph: TextGraph, labels: Sequence[str]) -> Iterator[str]:
    """Yield the answers, equal ones once, with their settings."""
    together: dict[str, list[int]] = {}
    for number, text in enumerate(graph.samples):
        together.setdefault(text, []).append(number)
    for text, numbers in sorted(together.items(), key=lambda each: -len(each[1])):
        through = " ".join(f"n{node}" for node in graph.paths[numbers[0]])
        told = Counter(labels[number] for number in numbers)
        several = len(told) > 1
        facts = ", ".join(f"{each} ({n})" if several else each for each, n in told.items())
        times = counted(len(numbers), "time") if len(numbers) > 1 else ""
        head = " · ".join(filter(None, [times, printable(facts)]))
        yield (
            f'<li class="{through}"><small>{escape(head)}</small>'
            f'<span dir="auto">{escape(printable(text))}</span></li>'
        )
