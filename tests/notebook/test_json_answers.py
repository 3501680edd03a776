"""Answers that are JSON: asked for, read and shown; and a completion as the value of a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.request.output_type import type_name
from chatwidget.client.timing import Timing
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    CompletionUsage,
)
from chatwidget.magic.namespace import type_named
from chatwidget.render.display.final_output import FinalOutput
from chatwidget.render.markup.output_formats import OUTPUT_FORMATS, format_for
from chatwidget.render.markup.value_tables import value_table
from safe_html import Checked
from wire.replies import event_stream, stream_of

if TYPE_CHECKING:
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer


@dataclass
class City:
    name: str
    people: int


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    cells.shell.user_ns["City"] = City
    return cells


def ask(asking: Cells, server: ScriptedServer, flags: str, text: str, finish: str = "stop") -> str:
    server.reply(*event_stream(stream_of(text, finish=finish)))
    return asking.run(f"%%chat {flags}\nHi")


def cells_of(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    return [[Checked(cell).text for cell in re.findall(r"<t[dh].*?</t[dh]>", row)] for row in rows]


@pytest.mark.parametrize("text", ['{"a": [1, 2]}', '\n[{"a": "é"}]\n'])
def test_an_answer_that_is_json_and_nothing_else_is_shown_as_json(text: str) -> None:
    shown = OUTPUT_FORMATS["markdown"]
    assert 'class="nt"' in shown.html(text)
    assert Checked(shown.html(text)).text.count("\n") > 3
    assert shown.markdown(text).startswith("```json\n")
    assert shown.plain(text) == text


@pytest.mark.parametrize(
    "text", ["[a](https://b.c)", '{"a": 1', "{a}", '{"a": 1} and more', "7", '"a"', "[" * 100_000]
)
def test_other_answers_are_markdown(text: str) -> None:
    assert "nt" not in Checked(OUTPUT_FORMATS["markdown"].html(text)).classes


def test_an_instance_is_a_small_table() -> None:
    text = '{"name": "Ur <b>", "people": 65000, "tags": ["a", "b|c"], "king": null, "old": true}'
    html = OUTPUT_FORMATS["table"].html(text)
    assert cells_of(html) == [
        ["name", "Ur <b>"],
        ["people", "65000"],
        ["tags", '["a", "b|c"]'],
        ["king", ""],
        ["old", "true"],
    ]
    assert Checked(html)
    assert "| name | Ur &lt;b> |\n" in OUTPUT_FORMATS["table"].markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": "Ur"}, {"name": "Uruk", "people": 4}]',
        '{"value": [{"name": "Ur"}, {"name": "Uruk", "people": 4}]}',
        '```json\n[{"name": "Ur"}, {"name": "Uruk", "people": 4}]\n```',
    ],
)
def test_a_list_of_instances_is_a_table_with_a_row_for_each(text: str) -> None:
    html = OUTPUT_FORMATS["table"].html(text)
    assert cells_of(html) == [["name", "people"], ["Ur", ""], ["Uruk", "4"]]
    assert OUTPUT_FORMATS["table"].markdown(text).startswith("| name | people |\n| --- | --- |\n")


@pytest.mark.parametrize("text", ['{"value": 3}', "[1, 2]", "{}", "[]", "no JSON"])
def test_what_makes_no_table_is_shown_all_the_same(text: str) -> None:
    assert OUTPUT_FORMATS["table"].html(text)
    assert OUTPUT_FORMATS["table"].markdown(text)
    assert value_table("text") is None


@pytest.mark.parametrize(
    ("response_format", "form"),
    [
        (None, "markdown"),
        ({"type": "text"}, "markdown"),
        ({"type": "json_object"}, "json"),
        ({"type": "json_schema", "json_schema": {}}, "table"),
        (City, "table"),
        (list[City], "table"),
    ],
)
def test_what_was_asked_for_says_how_it_is_shown(response_format: object, form: str) -> None:
    assert format_for(response_format) == form


def test_json_that_was_asked_for_has_a_line_for_each_value(
    asking: Cells, server: ScriptedServer
) -> None:
    for flags in ("--schema City", "--response-format json_object"):
        assert '{\n  "name": "Ur",\n' in ask(asking, server, flags, '{"name":"Ur","people":1}')
    assert '{"name":"Ur"}' in ask(asking, server, "--format text --set a=1", '{"name":"Ur"}')


@pytest.mark.parametrize("line", ["--response-format json_object", "--response-format=text"])
def test_a_word_is_short_for_a_format(asking: Cells, server: ScriptedServer, line: str) -> None:
    ask(asking, server, line, "{}")
    assert server.requests[-1].json["response_format"] == {"type": line[18:]}


def test_the_session_understands_the_word_too(asking: Cells, server: ScriptedServer) -> None:
    asking.run("%chat set response_format=json_object")
    ask(asking, server, "", "{}")
    assert server.requests[-1].json["response_format"] == {"type": "json_object"}
    ask(asking, server, "--response-format xml", "{}")
    assert "takes an object" in str(asking.error)


@pytest.mark.parametrize("flag", ["'list[City]'", "list[City]", "'List[City]'", "'list[ns.City]'"])
def test_a_list_of_a_type_is_asked_for_and_given(
    asking: Cells, server: ScriptedServer, flag: str
) -> None:
    asking.run("import types\nns = types.SimpleNamespace(City=City)")
    text = '{"value": [{"name": "Ur", "people": 1}, {"name": "Uruk", "people": 2}]}'
    ask(asking, server, f"--schema {flag} --out towns", text)
    assert asking.error is None
    assert asking.shell.user_ns["towns"] == [City("Ur", 1), City("Uruk", 2)]
    sent = server.requests[-1].json["response_format"]["json_schema"]
    assert sent["schema"]["properties"]["value"]["type"] == "array"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("City", City),
        ("dict[str, list[City]]", dict[str, list[City]]),
        ("City | None", City | None),
        ('Literal["a", "b"]', None),
    ],
)
def test_a_type_is_made_of_names_brackets_and_bars(text: str, kind: Any) -> None:
    found = type_named(text, {"City": City})
    assert found == kind or "Literal" in str(found)


@pytest.mark.parametrize(
    "flag", ["'list[Ctiy]'", "'City()'", "'list['", "'[City]'", "'__import__(\"os\")'"]
)
def test_what_is_no_type_is_refused_before_anything_is_sent(
    asking: Cells, server: ScriptedServer, flag: str
) -> None:
    asking.run(f"%%chat --schema {flag}\nHi")
    assert asking.error is not None
    assert "variable" in str(asking.error) or "type" in str(asking.error)
    assert not server.requests


def test_a_type_is_called_as_people_write_it() -> None:
    assert type_name(list[City]) == "list[City]"
    assert type_name(dict[str, City | None]) == "dict[str, City | NoneType]"


@pytest.mark.parametrize("flags", ["--schema City", "--format json", "--schema 'list[City]'"])
def test_an_answer_that_is_cut_at_the_limit_says_so_once(
    asking: Cells, server: ScriptedServer, flags: str
) -> None:
    printed = ask(asking, server, flags, '{"name": "U', finish="length")
    shown, _, raised = printed.partition("\x1b[31mParsingError")
    assert shown.count("cut") == 1
    assert raised.count("cut") <= 1
    assert "not JSON" not in printed
    assert "broke off" not in printed
    assert (asking.error is None) == ("schema" not in flags)


def test_an_answer_of_the_background_that_is_cut_says_what_to_do(
    asking: Cells, server: ScriptedServer
) -> None:
    server.reply(*event_stream(stream_of('{"name": "U', finish="length")))
    printed = asking.run("%%chat --schema City --background\nHi") + asking.run("%chat wait")
    assert printed.count("cut off") == 1
    assert "max_completion_tokens" in printed


def test_that_the_answer_is_no_json_is_said_once(asking: Cells, server: ScriptedServer) -> None:
    printed = ask(asking, server, "--format json", "Sorry.")
    assert len(re.findall("JSON", printed.rpartition("response_format")[0])) <= 2
    assert "so it is shown as it came" not in printed


def completion(text: str, **more: Any) -> ChatCompletion:
    choice = Choice(message=ChatCompletionMessage(content=text), finish_reason="stop")
    return ChatCompletion([choice], model="m-1", usage=CompletionUsage(1, 1200, 1201), **more)


def test_a_completion_at_the_end_of_a_cell_is_the_answer_and_a_line_of_facts(
    cells: Cells,
) -> None:
    cells.shell.user_ns["reply"] = completion("A **bold** answer.")
    printed = cells.run("reply")
    assert "A **bold** answer.\n\nm-1 · 1,200 tokens" in printed
    assert "ChatCompletion(" not in printed


def test_a_completion_has_the_html_and_the_markdown_of_an_answer() -> None:
    bundle = completion("A **bold** <script>.")._repr_mimebundle_() or {}
    assert "<strong>bold</strong> &lt;script&gt;" in bundle["text/html"]
    assert "m-1 · 1,200 tokens" in bundle["text/html"]
    assert "&lt;script>" in bundle["text/markdown"]


def test_a_completion_that_was_read_is_a_table_and_an_empty_one_says_so() -> None:
    read = completion('{"name": "Ur", "people": 1}', parsed=City("Ur", 1))
    assert "<table>" in (read._repr_mimebundle_() or {})["text/html"]
    assert "The answer is empty." in (completion("")._repr_mimebundle_() or {})["text/plain"]
    assert ChatCompletion([])._repr_mimebundle_()


def test_a_completion_that_was_cut_says_so_once() -> None:
    cut = completion("One")
    cut.choices[0].finish_reason = "length"
    bundle = cut._repr_mimebundle_() or {}
    assert all(bundle[kind].count("cut off") == 1 for kind in bundle)


def test_an_answer_of_several_choices_has_a_table_for_each() -> None:
    choices = [
        Choice(index, ChatCompletionMessage(content=f'{{"a": {index}}}'), "stop")
        for index in range(2)
    ]
    output = FinalOutput(ChatCompletion(choices), Timing(1.0), form="table")
    assert output.html().count("<table>") == 2
