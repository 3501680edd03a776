"""What stands in two braces is inserted; whatever else a prompt holds arrives untouched."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.markers import escape_markers, replace_markers
from chatwidget.prompt.template import Insertion, fill
from cpu import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from IPython.core.interactiveshell import InteractiveShell

EVERYTHING = {"name": "NAME", "x": "X", "a": "A", "b": "B", "n": "N", "user": "USER"}
SECRET = "Zq81-secret-of-somebody-Zq81"


def filled(text: str, **namespace: object) -> str:
    return fill(text, namespace).text


def refusal(text: str, namespace: Mapping[str, object], **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        fill(text, namespace, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "{name} {0} {} {{}} {{ }} }} {{ {name!r:>{x}}",
        '{"a": {"b": [{"x": 1}]}}',
        'f"{{{name}}} {x=}"',
        r"\frac{a}{b} \text{{{x}}} e^{x}",
        "{{ user.name }} {{ user['name'] }} {{ x | upper }} {{ f(x) }} {{-x-}} {{ 'x' }} {{ 3 }}",
        "{% for x in user %}{{ x[0] }}{% endfor %} {# name #}",
        "${{ github.token }} ${{secrets.x}} {{#each a}} {{/each}} {{else}} {{> b}} {{{x}}} {{&x}}",
        "{{In[x]}} {{In[-1]}} {{Out[1:2]}} {{x[0]}} {{Out[1].text}} {{ In [1] }} {{In[]}}",
        "{{x\n}} {{\nx}} { {x} } {{x} } {{x!r}} {{x:>9}} {{x²}}",
        "{{None}} {{class}} {{lambda}}",
        r"\{{else}} \{x} \{{ x.y }} \\",
        f"{{{{{'x' * 101}}}}}",
    ],
)
def test_other_braces_stay(text: str) -> None:
    assert fill(text, EVERYTHING | {"In": ["", "1"], "Out": {1: 1}, "x²": 1}).text == text
    assert fill(text, EVERYTHING).insertions == ()


@given(st.text().filter(lambda text: "{{" not in text))
def test_a_text_without_two_braces_stays(text: str) -> None:
    assert fill(text, {}).text == text


@given(st.text(alphabet="{} .|x'\n"))
def test_a_text_stays_unless_there_is_a_marker_in_it(text: str) -> None:
    try:
        assert fill(text, {}).text == text
    except ConfigurationError:
        assert re.search(r"(?<!{)\{\{ *x+ *\}\}", text)


@given(st.lists(st.tuples(st.text(alphabet="ab }\\n"), st.text()), max_size=5))
def test_values_stand_where_their_markers_stood(pairs: list[tuple[str, str]]) -> None:
    names = {f"v{place}": value for place, (_, value) in enumerate(pairs)}
    template = "".join(f"{text} {{{{v{place}}}}}" for place, (text, _) in enumerate(pairs))
    expected = "".join(f"{text} {value}" for text, value in pairs)
    assert fill(template, names).text == expected


@pytest.mark.parametrize("marker", ["{{x}}", "{{ x }}", "{{\tx  }}"])
def test_a_variable_is_inserted_with_or_without_spaces(marker: str) -> None:
    assert filled(f"<{marker}>", x="value") == "<value>"


def test_the_first_two_braces_close_as_in_a_json_template() -> None:
    assert filled('{"a": {{x}}}', x="1") == '{"a": 1}'


def test_a_backslash_sends_the_braces_themselves() -> None:
    assert filled(r"\{{x}} {{x}} \{{ unknown }}", x="1") == "{{x}} 1 {{ unknown }}"


def test_two_backslashes_are_a_line_end_of_latex() -> None:
    assert filled(r"a \\{{x}}", x="1") == r"a \\1"


def test_an_odd_number_of_backslashes_stands_for_half_of_them() -> None:
    assert filled(r"\\\{{x}} \\\\\{{x}} \\\\{{x}}", x="1") == r"\{{x}} \\{{x}} \\\\1"


@given(st.lists(st.sampled_from(["\\", "{{x}}", "{{else}}", "{", "}", "x"])).map("".join))
def test_what_is_escaped_comes_back_as_it_was(text: str) -> None:
    def fail(_: object) -> str:
        raise AssertionError

    assert replace_markers(escape_markers(text), fail) == text


def test_a_value_is_not_searched_for_markers() -> None:
    assert filled("{{a}} {{b}}", a="{{b}}", b=r"\{{a}}") == r"{{b}} \{{a}}"


def test_a_backslash_in_a_value_stays() -> None:
    assert filled("{{x}}", x=r"\1 \g<name> \n") == r"\1 \g<name> \n"


def test_a_name_is_read_as_python_reads_it() -> None:
    namespace: dict[str, object] = {}
    exec("µ = 'micro'", namespace)
    assert fill("{{µ}}", namespace).text == "micro"


def test_what_was_inserted_is_told() -> None:
    long = Insertion(
        name="s",
        kind="str",
        characters=len("xxxx\n… 3 characters left out; 6 of 9 are here …\nxx"),
        is_cut=True,
    )
    short = Insertion(name="n", kind="int", characters=1, is_cut=False)
    told = fill("{{s}} {{ n }} {{s}}", {"s": "x" * 9, "n": 1}, limit=6).insertions
    assert told == (long, short, long)


def test_a_long_value_is_cut_and_says_so() -> None:
    text = filled("{{x}}", x="abc" * 10_000)
    assert text.startswith("abcabc")
    assert text.endswith("abcabc")
    assert "10,000 characters left out; 20,000 of 30,000 are here" in text
    assert len(text) < 20_100


def test_the_text_and_the_value_of_a_cell_are_inserted(shell: InteractiveShell) -> None:
    shell.run_cell("y = 6", store_history=True)
    shell.run_cell("y * 7", store_history=True)
    names = shell.user_ns
    assert fill("{{In[1]}} | {{ In[2] }} = {{Out[2]}}", names).text == "y = 6 | y * 7 = 42"
    shell.run_cell("y + 1", store_history=True)
    assert fill("{{_2}} {{_}} {{__}}", names).text == "42 7 42"
    assert [each.name for each in fill("{{In[1]}}{{Out[2]}}", names).insertions] == [
        "In[1]",
        "Out[2]",
    ]


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("{{In[9]}}", "no text of a cell 9 to insert. The nearest one is {{In[2]}}."),
        ("{{In[0]}}", "no text of a cell 0 to insert. The nearest one is {{In[1]}}."),
        ("{{Out[1]}}", "no value of a cell 1 to insert. The nearest one is {{Out[2]}}."),
        ("{{Out[1]}}", r"\{{Out[1]}} sends the braces themselves"),
    ],
)
def test_a_cell_that_is_not_there_is_an_error(marker: str, said: str) -> None:
    assert said in refusal(marker, {"In": ["", "a", "b"], "Out": {2: "b"}})


def test_no_cells_at_all_are_an_error_too() -> None:
    assert "no text of a cell 1" in refusal("{{In[1]}}", {})
    assert "no value of a cell 1" in refusal("{{Out[1]}}", {"Out": 5})


def test_the_last_error_is_inserted() -> None:
    error = ValueError("so it went wrong")
    (insertion,) = fill("{{error}}", {}, error=error).insertions
    assert insertion.kind == "ValueError"
    assert fill("{{error}}", {}, error=error).text == "ValueError: so it went wrong"


def test_a_variable_called_error_is_a_variable() -> None:
    assert fill("{{error}}", {"error": 0.5}, error=ValueError()).text == "0.5"


def test_without_an_error_there_is_none_to_insert() -> None:
    assert refusal("{{error}}", {}).startswith("There was no error to insert.")


def test_an_unknown_name_is_an_error_that_names_the_nearest_and_the_ways_out() -> None:
    assert refusal("{{ temprature }}", {"temperature": 1, "other": 2}) == (
        "There is no variable 'temprature' to insert. Did you mean {{temperature}}? "
        r"\{{temprature}} sends the braces themselves, and --no-vars sends all braces."
    )
    assert "Did you mean" not in refusal("{{quux}}", {"temperature": 1, "_quux": 2})


@pytest.mark.parametrize("name", ["__name__", "__builtins__", "__x__"])
def test_pythons_own_names_are_not_inserted(name: str) -> None:
    assert f"{name} belongs to Python" in refusal(f"{{{{{name}}}}}", {name: "value"})


@pytest.mark.parametrize("name", ["In", "Out", "_ih", "_oh", "everything"])
def test_all_that_was_typed_or_shown_is_not_inserted_at_once(
    name: str, shell: InteractiveShell
) -> None:
    shell.user_ns["everything"] = shell.user_ns
    assert f"{name} is not inserted whole" in refusal(f"{{{{{name}}}}}", shell.user_ns)


def test_none_is_a_value_like_others() -> None:
    assert filled("{{x}}", x=None) == "None"


def test_an_attribute_or_an_item_is_never_looked_up() -> None:
    class Trap:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(name)

        def __getitem__(self, item: object) -> object:
            raise AssertionError(item)

        def __repr__(self) -> str:
            return "untouched"

    text = "{{trap.secret}} {{trap[0]}} {{trap}}"
    assert fill(text, {"trap": Trap()}).text == "{{trap.secret}} {{trap[0]}} untouched"


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        f"curl -H 'Authorization: Bearer {SECRET}'",
        {"settings": {"key": SECRET}},
        "x" * 13_330 + SECRET + "x" * 20_000,
    ],
)
def test_the_key_in_the_environment_is_not_inserted_however_it_is_wrapped(
    value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", SECRET)
    said = refusal("{{value}}", {"value": value})
    assert "value is not sent: it holds the value of the environment variable SOME_API_KEY" in said
    assert SECRET[:4] not in said


def test_a_key_that_was_typed_is_not_inserted() -> None:
    key = ApiKey(SECRET, origin="https://a.example", source="%chat key")
    assert "holds a key" in refusal("{{key}}", {"key": key})
    said = refusal("{{text}}", {"text": f"it is {SECRET}"}, keys=[key])
    assert "holds the key from %chat key" in said


def test_the_whole_environment_is_not_inserted() -> None:
    assert "all environment variables" in refusal("{{environ}}", {"environ": os.environ})


@pytest.mark.parametrize("text", ["{{", "{{ ", "{{a", "{{In[1", r"\{{", "{", "{{a }", "\\", " "])
def test_the_work_grows_with_the_length_alone(text: str) -> None:
    long = text * (1_000_000 // len(text))
    texts = (long, f"{{{{{long}", f"{{{{ {long}}}}}", f"{long}}}}}")
    assert cpu_seconds(lambda: [fill(each, {"a": 1}) for each in texts]) < 2
