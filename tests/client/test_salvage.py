from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chatwidget.client.wire.decode import decode_leniently


class Leaf(msgspec.Struct):
    name: str
    size: int = 0


class Tree(msgspec.Struct):
    leaves: list[Leaf]
    best: Leaf | None = None
    label: str | None = None
    numbers: list[int] | None = None
    anything: Any = None


def test_what_fits_is_kept() -> None:
    raw = {"leaves": [{"name": "a", "size": 1}], "best": {"name": "b"}, "label": "x", "other": 1}
    assert decode_leniently(raw, Tree) == Tree([Leaf("a", 1)], Leaf("b"), "x")


def test_numbers_written_as_text_are_numbers() -> None:
    assert decode_leniently({"name": "a", "size": "3"}, Leaf) == Leaf("a", 3)


@pytest.mark.parametrize("bent", [None, [], {}, "three", 1.5], ids=repr)
def test_what_does_not_fit_keeps_its_default(bent: object) -> None:
    assert decode_leniently({"name": "a", "size": bent}, Leaf) == Leaf("a", 0)


def test_items_that_do_not_fit_are_left_out_of_a_list() -> None:
    leaves = [{"name": "a", "size": {}}, {"size": 1}, None, "b", {"name": "c"}]
    assert decode_leniently({"leaves": leaves}, Tree).leaves == [Leaf("a"), Leaf("c")]


def test_one_struct_is_no_list_of_structs_and_the_other_way_round() -> None:
    told = decode_leniently({"leaves": [], "best": [{"name": "a"}]}, Tree)
    assert told.best is None
    with pytest.raises(msgspec.ValidationError):
        decode_leniently({"leaves": {"name": "a"}}, Tree)


def test_a_struct_that_lacks_what_it_needs_is_left_out() -> None:
    assert decode_leniently({"leaves": [], "best": {"size": 1}}, Tree).best is None


def test_what_is_needed_must_be_there() -> None:
    with pytest.raises(msgspec.ValidationError, match="Leaf needs name"):
        decode_leniently({"size": 1}, Leaf)


def test_objects_in_the_place_of_a_text_become_json() -> None:
    assert decode_leniently({"leaves": [], "label": {"a": [1]}}, Tree).label == '{"a":[1]}'


def test_a_list_of_plain_values_is_kept_whole_or_not_at_all() -> None:
    assert decode_leniently({"leaves": [], "numbers": [1, None]}, Tree).numbers is None


def test_anything_is_kept_as_it_is() -> None:
    assert decode_leniently({"leaves": [], "anything": {"a": 1}}, Tree).anything == {"a": 1}
