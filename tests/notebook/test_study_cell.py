"""A cell that is a study: values that vary, repeats, and what says that an answer passes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from IPython.utils.capture import capture_output

from chatwidget.chat.shell_session import current_session
from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.errors import (
    APIError,
    AuthenticationError,
    ConfigurationError,
    ParameterError,
)
from chatwidget.client.wire.types import ChatCompletionChunk, ChoiceDelta, ChunkChoice
from chatwidget.lab.study_display import study_display
from chatwidget.render.display.output_modes import LiveOutputMode
from chatwidget.tuning.outcomes import Part
from chatwidget.tuning.requests import Call
from chatwidget.tuning.study import Study
from wire.replies import completion, error, json_response

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

QUESTION = "\nWhat does top_p do?"


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    return cells


def ran(cells: Cells, cell: str, kind: str = "text/plain") -> str:
    """Run a cell, and return what it printed and displayed."""
    printed = cells.run(cell)
    return "\n".join([printed, *(str(each.data.get(kind, "")) for each in cells.outputs)])


def results_of(shell: InteractiveShell) -> Any:
    return shell.user_ns["results"]


@pytest.mark.parametrize(
    ("flags", "settings"),
    [
        ("-t 0,0.7,1.4", [0, 0.7, 1.4]),
        ("-t 0:1.2:0.4", [0, 0.4, 0.8, 1.2]),
        ("--vary temperature=0,1.5", [0, 1.5]),
        ("--vary temperature=[0,null]", [0, None]),
    ],
)
def test_a_flag_with_several_values_is_a_study(
    cells: Cells, shell: InteractiveShell, flags: str, settings: list[float]
) -> None:
    shown = ran(cells, f"%%chat {flags} --max-tokens 5 --out results{QUESTION}")
    assert cells.error is None
    assert [each.setting.values["temperature"] for each in results_of(shell)] == settings
    assert shown.count("temperature=") == len(settings)


def test_values_are_combined_and_repeated(cells: Cells, shell: InteractiveShell) -> None:
    cells.run(
        '%%chat --top-p 0.5,1 --vary system=\'{"none": "", "short": "Be brief."}\''
        f" --repeats 2 --max-tokens 3 --out results{QUESTION}"
    )
    assert cells.error is None
    assert len(results_of(shell)) == 8


@pytest.mark.parametrize("passes", ["'top_p' in text", "speaks_of_it"])
def test_an_expression_or_a_function_says_what_passes(
    cells: Cells, shell: InteractiveShell, passes: str
) -> None:
    shell.user_ns["speaks_of_it"] = lambda completion: "top_p" in completion.text
    shown = ran(
        cells,
        f'%%chat -t 0,2 --repeats 3 --max-tokens 9 --seed 1 --pass "{passes}" -o results{QUESTION}',
    )
    assert cells.error is None
    assert "pass rate" in shown
    assert "95 % confidence" in shown
    assert results_of(shell).scores.kind == "pass"


@pytest.mark.parametrize("mode", ["updates", "live"])
def test_a_scored_study_leaves_a_picture_that_any_page_shows(
    cells: Cells, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setattr("chatwidget.magic.study_cell.best_mode", lambda: mode)
    flags = "--repeats 2 --max-tokens 4 --pass \"'top_p' in text\""
    cells.run(f"%%chat -t 0,0.5,1 {flags}{QUESTION}")
    assert cells.error is None
    picture = cells.outputs[-1].data
    assert picture["image/png"]
    assert "pass rate" in picture["text/plain"]
    cells.run(f"%%chat -t 0,1 --top-p 0.5,1 {flags}{QUESTION}")
    assert "top_p" in cells.outputs[-1].data["text/plain"].splitlines()[0]
    assert cells.outputs[-1].data["image/png"]


@pytest.mark.parametrize(
    ("mode", "flags"),
    [
        ("updates", "-t 0,1 --pass True"),
        ("updates", "-t 0,0.5,1"),
        ("text", "-t 0,0.5,1 --pass True"),
    ],
)
def test_what_is_no_curve_leaves_no_picture_nor_does_a_terminal(
    cells: Cells, monkeypatch: pytest.MonkeyPatch, mode: str, flags: str
) -> None:
    monkeypatch.setattr("chatwidget.magic.study_cell.best_mode", lambda: mode)
    cells.run(f"%%chat {flags} --repeats 2 --max-tokens 4{QUESTION}")
    assert cells.error is None
    assert not any("image/png" in each.data for each in cells.outputs)


def test_an_expression_sees_the_variables_of_the_notebook(
    cells: Cells, shell: InteractiveShell
) -> None:
    shell.user_ns["words"] = ["top_p"]
    cells.run(
        '%%chat -t 0,2 --max-tokens 9 --pass "any(word in text for word in words)" -o results'
        + QUESTION
    )
    assert cells.error is None
    assert results_of(shell).scores.problem == ""


def test_the_code_of_a_study_says_what_passes(cells: Cells, shell: InteractiveShell) -> None:
    cells.run(f"%%chat -t 0,2 --max-tokens 3 --pass \"'a' in text\" -o results{QUESTION}")
    code = results_of(shell).code
    names: dict[str, Any] = {}
    exec(code, names)
    assert "return 'a' in text" in code
    assert names["results"].scores == results_of(shell).scores


@pytest.mark.parametrize(
    ("flags", "kind", "said"),
    [
        ("-t 0,5", ParameterError, "from 0 to 2; got 5"),
        ("-t 0,x", ParameterError, "temperature"),
        ("--vary temprature=0,1", ParameterError, "Did you mean temperature"),
        ("-t 0,1 --pass 'text ='", ConfigurationError, "--pass takes an expression"),
        ("-t 0,1 --repeats 0", ConfigurationError, "no whole number from 1 on"),
        ("-t 0,1 --tool halve", ConfigurationError, "do not go together"),
        ("-t 0,1 --cached", ConfigurationError, "do not go together"),
        ("-t 0,1 --format json", ConfigurationError, "do not go together"),
    ],
)
def test_what_cannot_be_a_study_is_refused_before_anything_is_sent(
    cells: Cells, flags: str, kind: type[Exception], said: str
) -> None:
    shown = ran(cells, f"%%chat {flags}{QUESTION}")
    assert isinstance(cells.error, kind)
    assert said in shown


def test_a_dry_run_shows_the_plan_and_sends_nothing(asking: Cells, server: ScriptedServer) -> None:
    shown = ran(asking, f"%%chat -t 0,1 --repeats 5 --dry-run{QUESTION}")
    assert "10 would be asked" in shown
    assert server.requests == []


def test_a_key_that_is_refused_ends_the_study_in_one_sentence(
    asking: Cells, server: ScriptedServer
) -> None:
    server.otherwise(json_response(error("No such key."), status=401))
    asking.run(f"%%chat -t 0,1 --repeats 5{QUESTION}")
    assert isinstance(asking.error, AuthenticationError)
    assert len(server.requests) < 10


def test_a_study_is_asked_once_and_shown_again(cells: Cells, shell: InteractiveShell) -> None:
    cells.run(f"%%chat -t 0,2 --repeats 2 --max-tokens 5 --out results{QUESTION}")
    name = results_of(shell).definition.name
    assert name in ran(cells, "%chat studies")
    shown = ran(cells, f"%chat study {name}")
    assert "temperature" in shown
    cells.run(f"%chat study {name} --remove")
    cells.run(f"%chat study {name}")
    assert isinstance(cells.error, ConfigurationError)


def test_a_study_leaves_the_conversation_as_it_is(cells: Cells, shell: InteractiveShell) -> None:
    cells.run(f"%%chat -t 0,2 --max-tokens 5{QUESTION}")
    assert current_session().conversation.path() == []


def test_model_text_in_the_output_of_a_study_is_inert(
    asking: Cells, server: ScriptedServer
) -> None:
    server.otherwise(json_response(completion("<img src=x onerror=alert(1)><script>1</script>")))
    shown = ran(asking, f"%%chat --vary temperature=0,1 --repeats 3{QUESTION}", "text/html")
    assert "onerror" in shown
    assert "<script" not in shown
    assert "<img" not in shown


def test_each_server_is_asked_with_its_own_key(asking: Cells, server: ScriptedServer) -> None:
    key = ApiKey("sk-of-the-first", origin=current_session().server.origin, source="a test")
    current_session().client.use_key(key)
    server.otherwise(json_response(completion("Hi")))
    asking.run(f"%%chat --server practice -m practice -t 0,2 --max-tokens 3 -o results{QUESTION}")
    assert asking.error is None
    assert server.requests == []
    asking.run(f"%%chat -t 0,2 -o results{QUESTION}")
    assert asking.error is None
    sent = {request.headers["authorization"] for request in server.requests}
    assert sent == {"Bearer sk-of-the-first"}


def test_a_study_says_which_variables_were_filled_in_and_fills_in_no_more(
    asking: Cells, server: ScriptedServer
) -> None:
    asking.shell.user_ns |= {"notes": "a {{secret}} here", "secret": "never"}
    server.otherwise(json_response(completion("Hi")))
    shown = ran(asking, "%%chat -t 0,1\nRead {{notes}}")
    assert asking.error is None
    assert "Filled in: notes (str" in shown
    asked = {request.json["messages"][-1]["content"] for request in server.requests}
    assert asked == {"Read a {{secret}} here"}


def test_text_goes_as_it_is_written_where_nothing_is_filled_in(
    asking: Cells, server: ScriptedServer
) -> None:
    server.otherwise(json_response(completion("Hi")))
    asking.run("%%chat -t 0,1 --no-vars\nWhat is {{x}}?")
    assert asking.error is None
    assert server.requests[0].json["messages"][-1]["content"] == "What is {{x}}?"


def test_a_schema_holds_for_every_answer(asking: Cells, server: ScriptedServer) -> None:
    asking.run("from dataclasses import dataclass\n@dataclass\nclass City:\n    name: str")
    server.otherwise(json_response(completion('{"name": "Oslo"}')))
    asking.run(f"%%chat -t 0,1 --schema City{QUESTION}")
    assert asking.error is None
    for request in server.requests:
        assert request.json["response_format"]["json_schema"]["name"] == "City"


def test_what_an_answer_holds_beside_its_text_is_seen_in_its_column(
    asking: Cells, server: ScriptedServer
) -> None:
    refused = completion("", finish_reason="length")
    refused["choices"][0]["message"] |= {"content": None, "refusal": "I would rather not."}
    server.otherwise(json_response(refused))
    html = ran(asking, f"%%chat -t 0,1{QUESTION}", "text/html")
    assert html.count("I would rather not.") == 2
    assert html.count("cut off") == 2


@pytest.mark.parametrize("flags", ["-t 0,1", "-t 0,1 --repeats 3"])
def test_a_store_that_cannot_be_used_leaves_no_study_that_runs(
    cells: Cells, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: str
) -> None:
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("CHATWIDGET_DATA", str(tmp_path / "a-file"))
    shown = ran(cells, f"%%chat {flags}{QUESTION}")
    assert isinstance(cells.error, ConfigurationError)
    assert "of 2 answered" not in shown


def test_a_column_streams_the_first_choice_of_its_setting_alone(
    cells: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    fed: list[tuple[int, str | None]] = []

    def feed(_: LiveOutputMode, chunk: ChatCompletionChunk) -> None:
        fed.extend((each.index, each.delta.content) for each in chunk.choices if each.delta)

    monkeypatch.setattr(LiveOutputMode, "feed", feed)
    study = Study("Hi", vary={"temperature": [0, 1]}, repeats=1, server="practice", store=False)
    with capture_output() as shown:
        display = study_display(study, mode="live", on_stop=lambda: None)
        for request in study.requests:
            for index in (0, 1):
                choice = ChunkChoice(index=index, delta=ChoiceDelta(content=request.setting.label))
                display.hear(Part(Call(request, 1), ChatCompletionChunk(choices=[choice])))
        display.abandon()
    assert fed == [(0, "temperature=0"), (1, "temperature=1")]
    assert shown.outputs[-1].data["text/plain"] == "No answer."


@pytest.mark.parametrize("flags", ["-t 0,1", "-t 0,1 --repeats 2"])
def test_a_study_without_any_answer_is_an_error(
    asking: Cells, server: ScriptedServer, flags: str
) -> None:
    server.otherwise(json_response(error("The prompt is odd."), status=422))
    asking.run(f"%%chat {flags}{QUESTION}")
    assert isinstance(asking.error, APIError)
    assert "The prompt is odd." in str(asking.error)


@pytest.mark.parametrize("flags", ["-t 0,1", "-t 0,1 --repeats 2"])
def test_model_text_sends_no_controls_to_a_terminal(
    asking: Cells, server: ScriptedServer, flags: str
) -> None:
    server.otherwise(json_response(completion("a\x1b[31mb\x07 \u202ec")))
    shown = ran(asking, f"%%chat {flags}{QUESTION}")
    assert asking.error is None
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


@pytest.mark.parametrize(
    ("models", "labels"),
    [
        ("fast,large", ["tiny-4b", "large"]),
        ('["large","fast"]', ["large", "tiny-4b"]),
        ('{"a":"fast","b":"large"}', ["a", "b"]),
    ],
)
def test_a_model_that_varies_may_have_a_short_name(
    asking: Cells, server: ScriptedServer, models: str, labels: list[str]
) -> None:
    asking.run("%chat alias fast tiny-4b")
    server.otherwise(json_response(completion("Hi")))
    asking.run(f"%%chat --vary 'model={models}' -o results{QUESTION}")
    assert asking.error is None
    assert {request.json["model"] for request in server.requests} == {"tiny-4b", "large"}
    assert [each.setting.values["model"] for each in results_of(asking.shell)] == labels


def test_two_names_of_one_model_are_one_too_many(asking: Cells, server: ScriptedServer) -> None:
    asking.run("%chat alias fast tiny-4b")
    asking.run(f"%%chat --vary model=fast,tiny-4b{QUESTION}")
    assert isinstance(asking.error, ParameterError)
    assert server.requests == []


def test_a_model_that_is_named_is_asked_of_every_server(
    asking: Cells, server: ScriptedServer
) -> None:
    server.otherwise(json_response(completion("Hi")))
    asking.run(f"%%chat -m tiny-4b --vary 'server=[\"{server.url}\"]' --repeats 2{QUESTION}")
    assert asking.error is None
    assert {request.json["model"] for request in server.requests} == {"tiny-4b"}


@pytest.mark.parametrize("flags", ["-t 0,1", "-t 0,1 --repeats 2", "--repeats 3"])
def test_a_study_counts_in_the_usage_of_the_session_but_what_was_stored_does_not(
    asking: Cells, server: ScriptedServer, flags: str
) -> None:
    asking.run("%chat price scripted 1000000 0")
    usage = {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12}
    server.otherwise(json_response(completion("Hi", model="scripted", usage=usage)))
    for _ in range(2):
        asking.run(f"%%chat {flags}{QUESTION}")
        assert asking.error is None
        count = len(server.requests)
        [(place, spent)] = current_session().tally.by_model().items()
        assert place == ("scripted", current_session().server.name)
        assert (spent.questions, spent.prompt_tokens) == (count, 10 * count)
        assert spent.dollars == pytest.approx(10 * count)
    assert count == {"-t 0,1": 2, "-t 0,1 --repeats 2": 4, "--repeats 3": 3}[flags]


def test_calls_of_a_study_that_failed_count_as_those_of_a_cell(
    asking: Cells, server: ScriptedServer
) -> None:
    server.otherwise(json_response(error("The prompt is odd."), status=422))
    asking.run(f"%%chat -t 0,1{QUESTION}")
    total = current_session().tally.total()
    assert total.questions == total.uncounted == len(server.requests)


CITIES = [{"city": "Oslo", "land": "Norway"}, {"city": "Rome", "land": "Italy"}]


def framed(rows: list[dict[str, str]]) -> Any:
    from pandas import DataFrame

    return DataFrame(rows)


def asked_of(server: ScriptedServer) -> list[str]:
    return [request.json["messages"][-1]["content"] for request in server.requests]


@pytest.mark.parametrize("make", [list, framed], ids=["dictionaries", "frame"])
def test_rows_of_data_fill_the_question(asking: Cells, server: ScriptedServer, make: Any) -> None:
    asking.shell.user_ns |= {"cities": make(CITIES), "tone": "kindly"}
    server.otherwise(json_response(completion("Hi")))
    asking.run("%%chat --rows cities -t 0,1 -o results\nWhere is {{ city }}? Say it {{tone}}.")
    assert asking.error is None
    expected = ["Where is Oslo? Say it kindly.", "Where is Rome? Say it kindly."]
    assert sorted(asked_of(server)) == sorted(expected * 2)
    assert [each.variables for each in results_of(asking.shell)] == CITIES * 2
    assert [each.item for each in results_of(asking.shell)] == ["1", "2"] * 2


def test_rows_alone_are_a_study(asking: Cells, server: ScriptedServer) -> None:
    asking.shell.user_ns["cities"] = [{"item": "north", **CITIES[0]}]
    server.otherwise(json_response(completion("Hi")))
    asking.run("%%chat --rows cities -o results\nIs {{city}} in {{land}}?")
    assert asking.error is None
    assert asked_of(server) == ["Is Oslo in Norway?"]
    assert results_of(asking.shell)[0].item == "north"


@pytest.mark.parametrize("backslashes", range(4))
def test_what_was_filled_in_is_not_filled_in_again(
    asking: Cells, server: ScriptedServer, tmp_path: Path, backslashes: int
) -> None:
    file, notes = tmp_path / "notes.txt", "of " + "\\" * backslashes + "{{city}}"
    file.write_text("and {{land}}", encoding="utf-8")
    asking.shell.user_ns |= {"rows": [{"city": "{{land}}", "land": "x"}], "notes": notes}
    server.otherwise(json_response(completion("Hi")))
    asking.run(f"%%chat --rows rows --file {file}\n{{{{city}}}} {{{{notes}}}} \\{{{{land}}}}")
    assert asking.error is None
    [request] = server.requests
    text, attached = request.json["messages"][-1]["content"]
    assert text["text"] == f"{{{{land}}}} {notes} {{{{land}}}}"
    assert "and {{land}}" in attached["text"]


@pytest.mark.parametrize(
    "rows",
    [
        [{"city": "Oslo"}, {"city": "sk-proj-abcdefghijklmnopqrstuvwxyz"}],
        [{"city": {"name": "Oslo", "of": ["ghp_" + "a" * 36]}}],
    ],
    ids=["text", "within"],
)
def test_no_secret_of_a_row_is_sent(
    asking: Cells, server: ScriptedServer, rows: list[dict[str, Any]]
) -> None:
    asking.shell.user_ns["rows"] = rows
    asking.run("%%chat --rows rows -t 0,1\nWhere is {{city}}?")
    assert isinstance(asking.error, ConfigurationError)
    assert "city is not sent" in str(asking.error)
    assert "sk-proj" not in str(asking.error)
    assert server.requests == []


def test_a_column_that_is_not_asked_about_may_hold_anything(
    asking: Cells, server: ScriptedServer
) -> None:
    asking.shell.user_ns["rows"] = [{"city": "Oslo", "password": "hunter22"}]
    server.otherwise(json_response(completion("Hi")))
    asking.run("%%chat --rows rows\nWhere is {{city}}?")
    assert asking.error is None
    assert asked_of(server) == ["Where is Oslo?"]


@pytest.mark.parametrize(
    ("rows", "question", "said"),
    [
        (None, "{{city}}", "no variable"),
        (5, "{{city}}", "list of dictionaries"),
        ([], "{{city}}", "no rows"),
        (CITIES, "Hello", "No prompt uses the data"),
        (CITIES, "{{town}}", "town"),
    ],
    ids=["none", "a number", "no rows", "not used", "no column"],
)
def test_rows_that_cannot_be_asked_about_are_refused(
    asking: Cells, server: ScriptedServer, rows: Any, question: str, said: str
) -> None:
    if rows is not None:
        asking.shell.user_ns["cities"] = rows
    asking.run(f"%%chat --rows cities -t 0,1\n{question}")
    assert isinstance(asking.error, ConfigurationError)
    assert said in str(asking.error)
    assert server.requests == []


@pytest.mark.parametrize("seed", ["1", "3"])
def test_what_varies_stands_in_the_order_in_which_it_was_typed(seed: str) -> None:
    code = (
        "from chatwidget.prompt.arguments import parse_cell_line\n"
        "print(*parse_cell_line('-t 0,1 --top-p 0.5,1 --presence-penalty 0,1').vary)"
    )
    environment = os.environ | {"PYTHONHASHSEED": seed}
    said = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    assert said.split() == ["temperature", "top_p", "presence_penalty"]


@pytest.mark.parametrize("how", ["flags", "settings"])
def test_a_study_keeps_the_log_probabilities_that_it_asks_for(
    cells: Cells, shell: InteractiveShell, how: str
) -> None:
    if how == "settings":
        cells.run("%chat set logprobs=true top_logprobs=20")
    flags = "--logprobs --top-logprobs 20 " if how == "flags" else ""
    cells.run(f"%%chat -t 0.5,1.5 --repeats 3 --max-tokens 5 {flags}--out results{QUESTION}")
    cells.run("again = results.pooled(y='tokens', at=[1.0])\nwatched = results.watch('top_p')")
    assert cells.error is None
    assert shell.user_ns["again"][0].answers == 6
    assert len(shell.user_ns["watched"]) == 2


def test_a_study_that_asks_for_no_log_probabilities_keeps_none(
    cells: Cells, shell: InteractiveShell
) -> None:
    cells.run(f"%%chat -t 0.5,1.5 --max-tokens 5 --out results{QUESTION}")
    assert [each.logprobs for each in results_of(shell)] == [None, None]
