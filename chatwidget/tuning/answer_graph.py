"""The answers of a study as a text graph, which shows itself at the end of a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.text import printable
from chatwidget.tuning.text_graph import text_graph
from chatwidget.tuning.text_graph_html import sentence, text_graph_html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chatwidget.tuning.result import Result
    from chatwidget.tuning.text_graph import TextGraph

__all__ = ["AnswerGraph", "answer_graph"]

_MOST_NODES = 120


class AnswerGraph:
    """Answers that share their beginnings, part, and meet again.

    Attributes
    ----------
    graph
        The graph.
    labels
        The setting of each answer.
    left_out
        How many answers are too many to be drawn.
    """

    def __init__(self, graph: TextGraph, labels: Sequence[str], left_out: int = 0) -> None:
        self.graph = graph
        self.labels = tuple(labels)
        self.left_out = left_out

    def __repr__(self) -> str:
        return f"<AnswerGraph: {sentence(self.graph, self.left_out)}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        html = text_graph_html(self.graph, self.labels, self.left_out)
        return {"text/html": html, "text/plain": self._plain()}

    def _plain(self) -> str:
        pieces = (
            f"{len(node.samples):>4}  {' '.join(printable(node.text).split())}"
            for node in self.graph.nodes
        )
        return "\n".join([sentence(self.graph, self.left_out), *pieces])


def answer_graph(
    results: Sequence[Result], where: Mapping[str, Any], item: str | None
) -> AnswerGraph:
    """Return the graph of the answers of some settings to one item.

    Raises
    ------
    ConfigurationError
        If there is no such answer.
    """
    found = [
        result
        for result in results
        if item in (None, result.item)
        and all(result.setting.values.get(name) == value for name, value in where.items())
    ]
    if not found:
        raise ConfigurationError("There are no such answers.", hint="Leave out where= and item=.")
    items = [*dict.fromkeys(result.item for result in found)]
    found = [result for result in found if result.item == items[0]]
    graph = text_graph(result.text for result in found)
    while len(graph.nodes) > _MOST_NODES and len(graph.samples) > 1:
        graph = text_graph(graph.samples[: len(graph.samples) // 2])
    labels = [result.setting.label for result in found[: len(graph.samples)]]
    return AnswerGraph(graph, labels, len(found) - len(graph.samples))
