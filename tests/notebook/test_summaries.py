"""A value becomes text that tells most about it, at a length that is known beforehand."""

from __future__ import annotations

import collections
import functools
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.prompt.summaries import Summary, summarize

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell


def text_of(value: object, limit: int = 20_000) -> str:
    return summarize(value, limit).text


def raised(action: Callable[[], object]) -> BaseException:
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - any will do
        action()
    return caught.value


@given(st.text(max_size=50))
def test_a_short_text_stays_as_it_is(text: str) -> None:
    assert summarize(text, 50) == Summary(text, "str", is_cut=False)


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    assert summarize("a" * 60 + "b" * 60 + "c" * 30, 90) == Summary(
        f"{'a' * 60}\n… 60 characters left out; 90 of 150 are here …\n{'c' * 30}",
        "str",
        is_cut=True,
    )


def test_half_of_a_surrogate_pair_is_replaced_as_it_cannot_be_sent() -> None:
    assert text_of("a\ud800b") == "a?b"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (3, "3"),
        (0.1, "0.1"),
        (1 + 2j, "(1+2j)"),
        (Path("a/b"), str(Path("a/b"))),
        (b"\x00a", r"b'\x00a'"),
        (range(5), "range(0, 5)"),
        ([], "[]"),
        ((), "()"),
        ((1,), "(1,)"),
        ({1}, "{1}"),
        (set(), "set({})"),
        (frozenset({1}), "frozenset({1})"),
        ({"a": [1, (2, 3)], None: "b"}, "{'a': [1, (2, 3)], None: 'b'}"),
        (collections.OrderedDict(b=1, a=2), "OrderedDict({'b': 1, 'a': 2})"),
        (collections.Counter("aab"), "Counter({'a': 2, 'b': 1})"),
        (collections.deque([1]), "deque([1])"),
        (collections.defaultdict(list, {1: [2]}), "defaultdict({1: [2]})"),
        ({"a": 1}.keys(), "dict_keys(['a'])"),
        ({"a": 1}.items(), "dict_items([('a', 1)])"),
    ],
)
def test_plain_values_are_written_as_python_writes_them(value: object, text: str) -> None:
    assert summarize(value) == Summary(text, type(value).__name__, is_cut=False)


def test_a_number_of_many_digits_is_not_written_out() -> None:
    assert text_of(10**100_000) == "<int of 332,193 bits>"
    assert text_of([10**100_000]) == "[<int of 332,193 bits>]"


def test_a_collection_that_is_wider_than_a_line_has_several() -> None:
    assert text_of(list(range(1000, 1030))) == (
        "[1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013,\n"
        " 1014, 1015, 1016, 1017, 1018, 1019, 1020, 1021, 1022, 1023, 1024, 1025, 1026, 1027,\n"
        " 1028, 1029]"
    )


def test_collections_within_each_other_are_indented() -> None:
    assert text_of({"a": ["x" * 50, "y" * 50], "b": 1}) == (
        f"{{'a': ['{'x' * 50}',\n  '{'y' * 50}'],\n 'b': 1}}"
    )


def test_a_long_collection_shows_its_first_items_and_counts_the_rest() -> None:
    summary = summarize(dict.fromkeys(range(1_000_000), "x"))
    assert summary.is_cut
    assert "99: 'x', … 999,900 more}" in summary.text
    assert summary.text.endswith(
        "\n… cut where it is longer than 2,000 items, 100 of one collection, "
        "500 characters of one item or 8 levels …"
    )


def test_a_collection_in_itself_is_shown_once() -> None:
    circle: list[object] = [1]
    circle.append({"again": circle})
    assert text_of(circle) == "[1, {'again': [...]}]"


def test_what_grows_with_every_level_is_bounded() -> None:
    value: list[Any] = [0]
    for _ in range(100):
        value = [value] * 100
    start = time.perf_counter()
    summary = summarize(value)
    assert time.perf_counter() - start < 1
    assert summary.is_cut
    assert len(summary.text) < 20_100


def test_what_is_very_deep_is_shown_to_some_depth() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    summary = summarize(value)
    assert summary.is_cut
    assert summary.text.startswith("[[[[[[[[[…]]]]]]]]]\n… cut where it is longer")


@given(st.recursive(st.integers() | st.text(), lambda inner: st.lists(inner) | st.tuples(inner)))
def test_small_plain_values_can_be_read_again(value: object) -> None:
    summary = summarize(value)
    if not summary.is_cut and not isinstance(value, str):
        assert eval(summary.text) == value


def test_a_long_text_in_a_collection_is_shortened() -> None:
    summary = summarize(["x" * 600, b"y" * 501])
    assert f"'{'x' * 500}'… 100 more" in summary.text
    assert f"b'{'y' * 500}'… 1 more" in summary.text
    assert summary.is_cut


def test_a_class_that_hides_something_in_its_repr_is_not_taken_apart() -> None:
    class Hiding(dict[str, str]):
        def __repr__(self) -> str:
            return "<hidden>"

    assert text_of(Hiding(password="hunter2")) == "<hidden>"
    assert text_of([Hiding(password="hunter2")]) == "[<hidden>]"


def test_a_repr_that_is_long_is_cut() -> None:
    class Long:
        def __repr__(self) -> str:
            return "x" * 100_000

    assert summarize(Long()).is_cut
    assert len(text_of(Long())) < 20_100
    assert text_of([Long()]).startswith(f"[{'x' * 500}…]\n… cut where")


def test_a_repr_that_raises_is_said_to() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise KeyError

    assert text_of(Broken()) == "<Broken whose __repr__ raises KeyError>"
    assert text_of({"a": Broken()}) == "{'a': <Broken whose __repr__ raises KeyError>}"


def test_nothing_about_a_value_can_raise() -> None:
    class Hostile(list[int]):
        __class__ = property(lambda self: 1 / 0)  # type: ignore[assignment]

        def __len__(self) -> int:
            raise ValueError

        def __iter__(self) -> Any:
            raise ValueError

    assert text_of(Hostile()) == "<Hostile that cannot be shown>"


def test_an_interrupt_is_no_mistake_of_the_value() -> None:
    class Slow:
        def __repr__(self) -> str:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        summarize(Slow())


def test_a_function_is_its_source() -> None:
    text = text_of(raised)
    assert text.startswith("def raised(action: Callable[[], object]) -> BaseException:\n")
    assert text.endswith("return caught.value")
    assert text_of(functools.lru_cache(raised)) == text


def test_a_class_is_its_source() -> None:
    assert text_of(Summary).startswith("@dataclass(frozen=True, slots=True)\nclass Summary:\n")


def test_what_has_no_source_is_its_signature_and_its_docstring() -> None:
    assert text_of(len) == 'len(obj, /)\n"""Return the number of items in a container."""'
    assert text_of(dict).startswith('dict(...)\n"""dict() -> new empty dictionary')
    assert text_of(eval("lambda x: x")) == "<lambda>(x)"


def test_what_a_cell_defines_has_its_source(shell: InteractiveShell) -> None:
    shell.run_cell("class A:\n    x = 1\n\ndef f():\n    return A", store_history=True)
    shell.run_cell("class B(A):\n    x = 2\n\nclass Bee: pass", store_history=True)
    shell.run_cell("class A:\n    x = 3", store_history=True)
    names = shell.user_ns
    assert text_of(names["A"]) == "class A:\n    x = 3"
    assert text_of(names["B"]) == "class B(A):\n    x = 2"
    assert text_of(names["f"]) == "def f():\n    return A"


def test_a_class_with_methods_is_the_one_of_its_own_cell(shell: InteractiveShell) -> None:
    first = "class Twice:\n    def first(self): pass"
    shell.run_cell(f"{first}\n\nkept = Twice", store_history=True)
    shell.run_cell("class Twice:\n    def second(self): pass", store_history=True)
    assert text_of(shell.user_ns["kept"]) == first


def test_a_class_that_no_cell_holds_is_its_signature(shell: InteractiveShell) -> None:
    shell.run_cell("made = type('Made', (), {'__doc__': 'Made up.'})", store_history=True)
    assert text_of(shell.user_ns["made"]) == 'Made()\n"""Made up."""'


def test_an_exception_is_its_traceback_in_the_words_of_the_notebook(
    shell: InteractiveShell,
) -> None:
    shell.run_cell("def f(x):\n    return 1 / x", store_history=True)
    result = shell.run_cell("y = 0\nf(y)", store_history=True)
    lines = text_of(result.error_in_exec).splitlines()
    # Python 3.11 and later point at the place in the line
    assert [line for line in lines if not set(line) <= set(" ~^")] == [
        "Traceback (most recent call last):",
        '  File "Cell In[2]", line 2, in <module>',
        "    f(y)",
        '  File "Cell In[1]", line 2, in f',
        "    return 1 / x",
        "ZeroDivisionError: division by zero",
    ]


def test_a_syntax_error_shows_the_line_of_the_cell(shell: InteractiveShell) -> None:
    result = shell.run_cell("x = 1\nx = = 2", store_history=True)
    text = text_of(result.error_before_exec)
    assert 'File "Cell In[1]", line 2\n    x = = 2\n' in text
    assert "site-packages" not in text


def test_a_deep_traceback_shows_where_it_begins_and_where_it_ends() -> None:
    calls = [eval(f"{number * chr(10)}lambda rest: rest[0](rest[1:])") for number in range(30)]
    summary = summarize(raised(lambda: calls[0]([*calls[1:], lambda rest: 1 / 0])))
    assert summary.is_cut
    assert "more frames; the first 4 and the last 8 are here …" in summary.text
    assert summary.text.endswith("ZeroDivisionError: division by zero")
    assert summary.text.count("File ") == 12


def test_an_exception_keeps_the_one_that_it_came_from() -> None:
    def fail() -> None:
        try:
            {}["first"]
        except KeyError as error:
            raise ValueError("second") from error

    text = text_of(raised(fail))
    assert text.index("KeyError: 'first'") < text.index("direct cause")
    assert text.endswith("ValueError: second")


def test_a_key_in_an_error_is_not_shown() -> None:
    assert text_of(ValueError("wrong key: sk-abcdefgh12345")) == "ValueError: wrong key: <key>"


def test_a_completion_is_its_text() -> None:
    message = ChatCompletionMessage(role="assistant", content="Four.")
    completion = ChatCompletion(choices=[Choice(message=message, finish_reason="stop", index=0)])
    assert text_of(completion) == "Four."


def test_no_library_is_loaded_to_tell_what_a_value_is() -> None:
    heavy = ["PIL", "matplotlib", "numpy", "pandas", "polars", "torch"]
    code = (
        "import sys, chatwidget.prompt.template, chatwidget.prompt.attachments\n"
        "chatwidget.prompt.summaries.summarize([object()])\n"
        f"print(sorted(set({heavy}) & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
