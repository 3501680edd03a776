"""One call of a tool: what may run, and what the model is told."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.prompt.summaries import LIMIT
from chatwidget.tools.messages import readable_arguments
from chatwidget.tools.permissions import Permissions
from chatwidget.tools.registry import ToolRegistry, UnusableCallError, failure_text, result_text
from cpu import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Callable


def echo(text: str) -> str:
    """Say it again."""
    return text


@dataclass
class Point:
    """A place."""

    x: int
    when: date


class OddError(Exception):
    """An error that cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no")


def test_a_call_is_bound_to_what_is_shown() -> None:
    call = ToolRegistry([echo]).prepare("1", "echo", '{"text": "Hi"}')
    assert (call.name, call.arguments, call.run()) == ("echo", '{\n  "text": "Hi"\n}', "Hi")


def test_only_functions_are_in_the_box() -> None:
    described = {"type": "function", "function": {"name": "search"}}
    assert not ToolRegistry([described])
    registry = ToolRegistry([described, echo])
    assert registry.described == {"search"}
    with pytest.raises(UnusableCallError, match="There are: echo"):
        registry.prepare("1", "search", "{}")


@pytest.mark.parametrize(
    "hidden", ["\u202e", "\u200b", "\u2066", "\x1b[2K", "\ud800", "\u2028", "\r", "\x7f", "\ufeff"]
)
def test_nothing_is_hidden_in_what_a_person_decides_on(hidden: str) -> None:
    arguments = f'{{"text": "rm {hidden!r}"}}'.replace(repr(hidden), _escaped(hidden))
    shown = readable_arguments(arguments)
    assert hidden not in shown
    assert "\\" in shown


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in text)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.booleans())))
def test_what_is_shown_says_the_same(value: dict[str, Any]) -> None:
    assert json.loads(readable_arguments(json.dumps(value))) == value


def test_deep_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="deep"):
        readable_arguments('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is\n", "as it is\n"),
        (None, "null"),
        ([1, True, "ä"], '[1, true, "ä"]'),
        (Point(1, date(2024, 5, 6)), '{"x": 1, "when": "2024-05-06"}'),
        (float("nan"), "NaN"),
        ({(1, 2): 3}, "{(1, 2): 3}"),
    ],
)
def test_a_result_is_text_or_json(value: object, text: str) -> None:
    assert result_text(value) == text


def test_a_long_result_is_cut_and_says_so() -> None:
    text = result_text("x" * 100_000)
    assert len(text) < LIMIT + 200
    assert "80,000 characters left out" in text


def test_a_failure_is_told_shortly() -> None:
    assert failure_text(KeyError("a")) == "The call failed. KeyError: 'a'"
    assert failure_text(OddError()) == "The call failed. OddError"
    assert len(failure_text(ValueError("x" * 100_000))) < 1_200


class Shelf:
    """Something with a method."""

    def look(self) -> None:
        """Look."""


def test_a_permission_is_for_one_function() -> None:
    permissions, shelf = Permissions(), Shelf()
    permissions.allow(echo)
    permissions.allow(shelf.look)
    assert echo in permissions
    assert shelf.look in permissions
    assert Shelf().look not in permissions
    assert functools.partial(echo) not in permissions
    assert permissions.names() == ["echo", "look"]
    permissions.withdraw("echo")
    assert echo not in permissions
    permissions.withdraw()
    assert permissions.names() == []


def test_a_permission_ends_when_the_code_changes_in_place() -> None:
    def first() -> int:
        return 1

    def second() -> int:
        return 2

    permissions = Permissions()
    permissions.allow(first)
    permissions.allow(functools.partial(second))
    first.__code__ = second.__code__
    assert first not in permissions


def _with_default() -> tuple[Callable[..., object], Callable[[], object]]:
    def look(path: str = "a") -> str:
        return path

    return look, lambda: setattr(look, "__defaults__", ("b",))


def _with_mutable_default() -> tuple[Callable[..., object], Callable[[], object]]:
    paths = ["a"]

    def look(path: object = paths) -> object:
        return path

    return look, lambda: paths.append("b")


def _with_keyword_default() -> tuple[Callable[..., object], Callable[[], object]]:
    def look(*, path: str = "a") -> str:
        return path

    return look, lambda: look.__kwdefaults__.update(path="b")


def _with_closure() -> tuple[Callable[..., object], Callable[[], object]]:
    path = "a"

    def look() -> str:
        return path

    def change() -> None:
        nonlocal path
        path = "b"

    return look, change


def _with_wrapped() -> tuple[Callable[..., object], Callable[[], object]]:
    def inner() -> str:
        return "a"

    @functools.wraps(inner)
    def look() -> str:
        return inner()

    return look, lambda: setattr(inner, "__code__", (lambda: "b").__code__)


def _with_partial() -> tuple[Callable[..., object], Callable[[], object]]:
    paths = {"a": ["b"]}
    look = functools.partial(echo, paths)
    return look, lambda: paths["a"].append("c")


def _with_call() -> tuple[Callable[..., object], Callable[[], object]]:
    class Look:
        def __call__(self, path: str) -> str:
            return path

    return Look(), lambda: setattr(Look.__call__, "__code__", (lambda self, path: "b").__code__)


REMEMBERING = [
    *(_with_default, _with_mutable_default, _with_keyword_default, _with_closure),
    *(_with_wrapped, _with_partial, _with_call),
]


@pytest.mark.parametrize("make", REMEMBERING, ids=lambda make: make.__name__.lstrip("_"))
def test_a_permission_ends_when_what_a_function_remembers_changes(
    make: Callable[[], tuple[Callable[..., object], Callable[[], object]]],
) -> None:
    function, change = make()
    permissions = Permissions()
    permissions.allow(function)
    assert function in permissions
    change()
    assert function not in permissions
    permissions.allow(function)
    assert function in permissions


def test_functions_that_call_each_other_are_compared_at_little_cost() -> None:
    def one() -> object:
        return one, two, three

    def two() -> object:
        return one, two, three

    def three() -> object:
        return one, two, three

    permissions = Permissions()
    assert cpu_seconds(lambda: permissions.allow(one)) < 0.5
    assert one in permissions
    assert two not in permissions
