"""The text graph: each sample is a path, counts add up, no way leads back, and its cost."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.text_graph import TextGraph, text_graph
from tuning.studied import HOSTILE, Reader, answered, study

TEXTS = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.lists(st.sampled_from(["a ", "b ", "c ", "d ", "the ", ". "]), max_size=25).map("".join),
    ),
    max_size=8,
)


def told(graph: TextGraph, sample: int) -> str:
    return "".join(graph.nodes[number].text for number in graph.paths[sample])


def with_text(graph: TextGraph, part: str) -> list[int]:
    return [len(node.samples) for node in graph.nodes if part in node.text]


@given(TEXTS)
def test_each_sample_is_a_path(samples: list[str]) -> None:
    graph = text_graph(samples)
    assert [told(graph, number) for number in range(len(samples))] == samples
    for number, path in enumerate(graph.paths):
        assert all(number in graph.nodes[node].samples for node in path)
        assert len({*path}) == len(path)


@given(TEXTS)
def test_counts_add_up(samples: list[str]) -> None:
    graph = text_graph(samples)
    ways = Counter(pair for path in graph.paths for pair in pairwise(path))
    assert graph.edges == ways
    for number, node in enumerate(graph.nodes):
        begin = sum(path[:1] == (number,) for path in graph.paths)
        end = sum(path[-1:] == (number,) for path in graph.paths)
        into = sum(count for (_, other), count in graph.edges.items() if other == number)
        out = sum(count for (one, _), count in graph.edges.items() if one == number)
        assert begin + into == end + out == len(node.samples)
        assert node.text


@given(TEXTS)
def test_no_way_leads_back(samples: list[str]) -> None:
    graph = text_graph(samples)
    assert all(one < other for one, other in graph.edges)


@given(TEXTS)
def test_shared_beginnings_are_the_same_nodes(samples: list[str]) -> None:
    graph = text_graph([*samples, *samples])
    for number in range(len(samples)):
        assert graph.paths[number] == graph.paths[number + len(samples)]
    words = [re.findall(r"\s*\w+|\s*[^\w\s]|\s+", text) for text in samples]
    for one in range(len(samples)):
        for other in range(one):
            if words[one] and words[other] and words[one][0] == words[other][0]:
                assert graph.paths[one][0] == graph.paths[other][0]


@given(TEXTS)
def test_words_that_always_follow_each_other_are_one_node(samples: list[str]) -> None:
    graph = text_graph(samples)
    for one, other in graph.edges:
        followers = {b for a, b in graph.edges if a == one}
        leaders = {a for a, b in graph.edges if b == other}
        ends = any(path[-1] == one for path in graph.paths if path)
        begins = any(path[0] == other for path in graph.paths if path)
        assert len(followers) > 1 or len(leaders) > 1 or ends or begins


def test_paths_part_and_meet_again() -> None:
    graph = text_graph(
        [
            "The sky is blue because light is scattered by air.",
            "The sky is blue, as light is scattered by air.",
            "Well, light is scattered by air.",
        ]
    )
    assert with_text(graph, "The sky is blue") == [2]
    assert with_text(graph, "light is scattered by air.") == [3]
    assert with_text(graph, "Well") == [1]
    assert len(graph.nodes) == 5


def test_a_meeting_in_another_order_leads_not_back() -> None:
    one, other = "first we read the book.", "then they wrote a long letter."
    graph = text_graph([f"{one} {other}", f"{other} {one}"])
    assert told(graph, 0) == f"{one} {other}"
    assert all(a < b for a, b in graph.edges)


def test_a_chance_meeting_of_two_words_is_none() -> None:
    graph = text_graph(["one of the dogs barks", "two of the cats sleep"])
    assert with_text(graph, " of the") == [1, 1]


def test_equal_samples_are_one_node_and_none_is_nothing() -> None:
    graph = text_graph(["same text here"] * 7)
    assert [(node.text, len(node.samples)) for node in graph.nodes] == [("same text here", 7)]
    assert text_graph([]) == TextGraph((), (), {}, ())
    assert text_graph(["", "a"]).paths == ((), (0,))


def shown(texts: list[str], **options: Any) -> str:
    asked = study(vary={"temperature": [0.5, 1.0]}, repeats=len(texts))
    results = answered(asked, lambda _, draw: texts[draw - 1])
    return results.text_graph(**options)._repr_mimebundle_()["text/html"]


def classes(page: str, tag: str) -> list[set[str]]:
    return [
        {*(attributes.get("class") or "").split()}
        for name, attributes in Reader(page).elements
        if name == tag
    ]


def test_a_box_for_each_node_chooses_the_answers_that_go_through_it() -> None:
    page = shown(["The sky is blue.", "The sea is blue.", "The sky is blue."])
    graph = text_graph(["The sky is blue.", "The sea is blue."])
    boxes = [each for each in classes(page, "input") if each]
    assert boxes == [{f"p{number}"} for number in range(len(graph.nodes))]
    assert len(classes(page, "li")) == 2, "equal answers stand once"
    for number in range(len(graph.nodes)):
        assert f":has(.p{number}:checked) li:not(.n{number}){{display:none}}" in page
    assert classes(page, "li")[0] == {f"n{number}" for number in graph.paths[0]}
    assert "4 of 6" in Reader(page).text
    assert "4 times" in Reader(page).text


def test_two_graphs_in_a_notebook_choose_apart() -> None:
    groups = [
        {attributes["name"] for tag, attributes in Reader(page).elements if tag == "input"}
        for page in (shown(["a"]), shown(["a"]))
    ]
    assert all(len(each) == 1 for each in groups)
    assert not groups[0] & groups[1]


def test_model_text_in_a_graph_is_inert() -> None:
    page = shown([HOSTILE, f"other words {HOSTILE}", "</style><b>bold</b>"])
    allowed = {"div", "style", "p", "strong", "svg", "path", "text", "label", "input", "span"}
    assert {tag for tag, _ in Reader(page).elements} <= allowed | {"small", "ol", "li"}
    assert not any(name.startswith("on") for _, each in Reader(page).elements for name in each)
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_a_part_of_a_study_is_looked_at_and_what_is_not_there_is_refused() -> None:
    assert "2 answers" in shown(["a", "b"], where={"temperature": 1.0})
    assert "4 answers" in shown(["a", "b"], item="Capital?")
    with pytest.raises(ConfigurationError, match="no such answers"):
        shown(["a"], where={"temperature": 0.7})


def test_of_answers_that_share_little_some_are_drawn_and_the_others_counted() -> None:
    texts = [f"{number} is one of the {number} others of {number}." for number in range(100)]
    page = shown(texts)
    assert "further answers are not drawn" in page
    assert len(classes(page, "label")) < 200


def test_the_plain_form_has_each_piece_with_its_count() -> None:
    results = answered(study(vary={}, repeats=2), lambda _, n: ["We go.", "We stay."][n - 1])
    plain = results.text_graph()._repr_mimebundle_()["text/plain"]
    assert plain.splitlines()[1:] == ["   2  We", "   1  go", "   1  stay", "   2  ."]


def calls(samples: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many nodes and edges are made, and places looked up: what the cost is made of."""
    from chatwidget.tuning import text_graph as module

    looked = 0

    class Counting(dict[object, object]):
        def get(self, *key: object) -> object:
            nonlocal looked
            looked += 1
            return super().get(*key)  # type: ignore[call-overload]

    made = module._Ways.__init__

    def counting(self: object) -> None:
        made(self)  # type: ignore[arg-type]
        self._onward = Counting()  # type: ignore[attr-defined]

    monkeypatch.setattr(module._Ways, "__init__", counting)
    graph = text_graph(samples)
    monkeypatch.undo()
    return looked + len(graph.nodes) + len(graph.edges)


@pytest.mark.parametrize(
    "sample", ["a " * 500, "a b " * 250, " " * 1000, "ab" * 500, "".join(map(chr, range(1000)))]
)
def test_hostile_text_costs_its_length(sample: str, monkeypatch: pytest.MonkeyPatch) -> None:
    once = calls([sample, sample + "x", "y" + sample], monkeypatch)
    long = calls([sample * 8, sample * 8 + "x", "y" + sample * 8], monkeypatch)
    assert long <= 9 * once
