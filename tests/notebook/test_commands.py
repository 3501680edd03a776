"""%chat looks at the session and changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.conversation import Turn
from chatwidget.chat.request_config import RequestConfig
from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import ConfigurationError, NotFoundError, ParameterError
from chatwidget.magic.commands.dispatcher import commands, run_command
from wire.replies import error, event_stream, json_response, stream_of
from wire.scripted_server import close

if TYPE_CHECKING:
    from chatwidget.magic.commands.command import Command
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

CANARY = "sk-canary-0123456789"


def test_alone_it_shows_the_state(cells: Cells) -> None:
    cells.run("%chat set temperature=0")
    current_session().change(lambda it: it.with_turn(Turn(prompt="a", status="failed")))
    shown = cells.run("%chat")
    assert "server        practice (in this process)" in shown
    assert "model         practice" in shown
    assert "none is needed" in shown
    assert "temperature=0" in shown
    assert "1 turn" in shown


def test_the_state_tells_where_the_key_is_from_and_never_the_key(
    cells: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    cells.run("%chat use openai")
    shown = cells.run("%chat")
    assert "from the variable OPENAI_API_KEY, for https://api.openai.com" in shown
    assert CANARY not in shown


def test_a_missing_key_is_told_with_what_to_do(cells: Cells) -> None:
    cells.run("%chat use openai")
    assert "set OPENAI_API_KEY or run %chat key" in cells.run("%chat")


@pytest.mark.parametrize("look", ["%chat", "%chat use ollama", "%%chat\nHi"])
def test_where_no_model_is_chosen_the_command_that_chooses_one_is_named(
    cells: Cells, look: str
) -> None:
    cells.run("%chat use openai")
    shown = cells.run(look)
    assert "%chat model NAME chooses one" in shown + str(cells.error)


def test_use_takes_an_address(cells: Cells, server: ScriptedServer) -> None:
    assert server.url in cells.run(f"%chat use {server.url}")
    assert current_session().server.base_url == server.url


def test_an_address_from_a_cell_gets_no_key_from_the_environment_S11(
    cells: Cells, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    server.reply(json_response({"data": []}))
    cells.run(f"%chat use {server.url}")
    cells.run("%chat models")
    assert "authorization" not in server.requests[0].headers


def test_models_lists_those_that_contain_the_word(cells: Cells, server: ScriptedServer) -> None:
    server.otherwise(json_response({"data": [{"id": "small-1"}, {"id": "large-1"}]}))
    cells.run(f"%chat use {server.url}")
    assert cells.run("%chat models").split() == ["small-1", "large-1"]
    assert cells.run("%chat models lar").split() == ["large-1"]


def test_models_of_a_server_that_refuses_is_an_error(cells: Cells, server: ScriptedServer) -> None:
    server.reply(json_response(error("nothing here"), 404))
    cells.run(f"%chat use {server.url}")
    cells.run("%chat models")
    assert isinstance(cells.error, NotFoundError)


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("temperature=0", "temperature", 0),
        ("temperature = 0.5", "temperature", 0.5),
        ("logprobs=true", "logprobs", True),
        ("stop=END", "stop", "END"),
        ('stop=["a", "b"]', "stop", ["a", "b"]),
        ("reasoning_effort=low", "reasoning_effort", "low"),
        ("max-tokens=5", "max_tokens", 5),
        ('stop="THE END"', "stop", "THE END"),
        ("stop='a = b'", "stop", "a = b"),
        ("stop=a=b", "stop", "a=b"),
        ("user=Ada's notebook", "user", "Ada's notebook"),
        ('logit_bias={"5": -100, "6": 1}', "logit_bias", {"5": -100, "6": 1}),
    ],
)
def test_set_sets_and_unset_takes_it_back(
    cells: Cells, line: str, name: str, value: object
) -> None:
    cells.run(f"%chat set {line}")
    assert getattr(current_session().settings, name) == value
    cells.run(f"%chat unset {name}")
    assert getattr(current_session().settings, name) is None


def test_set_takes_several_parameters_on_one_line(cells: Cells) -> None:
    shown = cells.run('%chat set temperature=0.2 stop=["a = b", "c"]  user="A B" seed = 1')
    assert current_session().settings.sent() == {
        "temperature": 0.2,
        "stop": ["a = b", "c"],
        "user": "A B",
        "seed": 1,
    }
    assert "temperature=0.2, seed=1" in shown


def test_set_sets_all_or_nothing(cells: Cells) -> None:
    cells.run("%chat set seed=1 temperature=9")
    assert isinstance(cells.error, ParameterError)
    assert current_session().settings.sent() == {}


def test_unset_takes_several_names_and_only_those(cells: Cells) -> None:
    cells.run("%chat set temperature=0 seed=1 n=2")
    cells.run("%chat unset temperature, n")
    assert current_session().settings.sent() == {"seed": 1}


def test_unset_alone_takes_all_back(cells: Cells) -> None:
    cells.run("%chat set temperature=0")
    cells.run("%chat set seed=1")
    cells.run("%chat unset")
    assert current_session().settings.sent() == {}


@pytest.mark.parametrize(
    ("line", "kind", "said"),
    [
        ("%chat sett", ConfigurationError, "Did you mean %chat set?"),
        ("%chat whatever", ConfigurationError, "%chat help lists the commands"),
        ("%chat set temperature", ConfigurationError, "NAME=VALUE"),
        ("%chat set temprature=1", ParameterError, "Did you mean temperature?"),
        ("%chat set temperature=9", ParameterError, "from 0 to 2; got 9"),
        ("%chat unset temprature", ParameterError, "Did you mean temperature?"),
        ("%chat set model=x", ParameterError, "%chat model NAME"),
        ("%chat set 5=x", ConfigurationError, "NAME=VALUE"),
        ("%chat ask", ConfigurationError, "%chat ask What is a token?"),
        ("%chat use", ConfigurationError, "%chat use ollama"),
        ("%chat use olama", ConfigurationError, "Did you mean ollama?"),
        ("%chat use http://example.com/v1", ConfigurationError, "Use https"),
        ("%chat model", ConfigurationError, "the name of a model"),
        ("%chat help zzzzzz", ConfigurationError, "The handbook has no page"),
    ],
)
def test_a_wrong_command_is_an_error_that_says_what_to_do(
    cells: Cells, line: str, kind: type[Exception], said: str
) -> None:
    cells.run(line)
    assert type(cells.error) is kind
    assert said in str(cells.error)


def test_system_sets_the_system_message(cells: Cells) -> None:
    cells.run("%chat system Be brief")
    assert current_session().system == "Be brief"


def test_help_lists_every_command_and_every_page(cells: Cells) -> None:
    shown = str(run_command("help"))
    for command in commands():
        assert f"`%chat {command}`: " in shown
    assert "`penalties`" in shown


@pytest.mark.parametrize(("name", "command"), commands().items())
def test_a_command_says_in_one_sentence_what_it_does(name: str, command: Command) -> None:
    sentence = (command.__doc__ or "").partition("\n")[0]
    assert sentence.endswith("."), name
    assert len(sentence) > 20, name


def test_the_handbook_has_a_line_for_every_command(cells: Cells) -> None:
    table = str(run_command("help magic"))
    rows = "".join(line for line in table.splitlines() if line.startswith("| `%chat"))
    assert [name for name in commands() if f"`%chat {name}" not in rows] == []


def test_a_command_is_explained_by_help_and_by_a_question_mark(cells: Cells) -> None:
    assert "%chat undo 2" in str(run_command("help undo"))
    cells.run("%chat undo?")
    (shown,) = cells.outputs
    assert "%chat undo 2" in str(shown.data)


@pytest.mark.parametrize(
    ("line", "same"),
    [("--help", "help"), ("-h", "help"), ("undo --help", "help undo"), ("use -h", "help use")],
)
def test_a_flag_for_help_is_understood(cells: Cells, line: str, same: str) -> None:
    explained = run_command(line)
    assert str(explained) == str(run_command(same))


def test_a_command_that_has_a_page_is_explained_by_both(cells: Cells) -> None:
    shown = str(run_command("help film"))
    assert shown.startswith("`%chat film`: ")
    assert "## What is a film?" in shown
    assert "# " not in str(run_command("help undo"))


def test_help_shows_a_page_of_the_handbook(cells: Cells) -> None:
    for topic in ("penalties", "sampling math"):
        page = run_command(f"help {topic}")
        assert str(page).startswith("# ")
        assert page._repr_markdown_() == str(page)


def test_traceback_shows_the_last_error_in_full(cells: Cells) -> None:
    cells.run("%chat set temperature=9")
    assert "parameter.py" in cells.run("%chat traceback")


def models(*names: str) -> bytes:
    return json_response({"data": [{"id": name} for name in names]})


def test_use_takes_the_only_model_of_a_server_and_says_so(
    cells: Cells, server: ScriptedServer
) -> None:
    server.reply(models("llama-3"))
    shown = cells.run(f"%chat use {server.url}")
    assert shown.startswith("llama-3 is its only model.\n")
    assert "model llama-3" in shown
    server.reply(event_stream(stream_of("Hello")))
    cells.run("%%chat\nHi\n")
    assert server.requests[1].json["model"] == "llama-3"


@pytest.mark.parametrize(
    "listed", [models(), models("a", "b"), json_response({}, 500), close()], ids=range(4)
)
def test_use_takes_no_model_where_there_is_not_exactly_one(
    cells: Cells, server: ScriptedServer, listed: Any
) -> None:
    server.reply(listed)
    shown = cells.run(f"%chat use {server.url}")
    assert cells.error is None
    assert "only model" not in shown
    assert len(server.requests) == 1


@pytest.mark.parametrize("missing", ["local:no-such", "local:/no/such.gguf", "no-such"])
def test_use_takes_the_first_server_that_is_there_and_says_why(cells: Cells, missing: str) -> None:
    shown = cells.run(f"%chat use {missing} or practice or ollama")
    assert cells.error is None
    assert "There is no" in shown
    assert "Questions go to practice" in shown
    assert current_session().server.name == "practice"
    cells.run(f"%chat use {missing} or other-such")
    assert isinstance(cells.error, ConfigurationError)
    assert current_session().server.name == "practice"


def test_use_allows_plain_http_nearby_when_it_is_told_to(
    cells: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatwidget.magic.commands.servers._take_only_model", lambda session: None)
    cells.run("%chat use http://ollama:11434/v1")
    assert isinstance(cells.error, ConfigurationError)
    assert "ollama:11434" in cells.run("%chat use http://ollama:11434/v1 --insecure")
    assert cells.error is None
    cells.run("%chat use practice")
    cells.run("%chat use http://ollama:11434/v1/chat/completions")
    assert cells.error is None
    cells.run("%chat use http://example.com/v1 --insecure")
    assert isinstance(cells.error, ConfigurationError)


def test_ask_asks_the_rest_of_its_line_as_it_stands(cells: Cells, server: ScriptedServer) -> None:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    server.reply(*event_stream(stream_of("Hello")))
    assert "Hello" in cells.run("%chat ask -t 5 {what} is $x$, or 'this'? ")
    assert server.requests[0].json["messages"][-1]["content"] == "-t 5 {what} is $x$, or 'this'?"
    assert "temperature" not in server.requests[0].json


def test_usage_adds_up_by_model_whether_a_conversation_keeps_it_or_not(
    cells: Cells, server: ScriptedServer
) -> None:
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 20,
        "total_tokens": 1020,
        "completion_tokens_details": {"reasoning_tokens": 5},
    }
    server.otherwise(*event_stream(stream_of("Hi", usage=usage)))
    assert "Nothing has been asked" in cells.run("%chat usage")
    cells.run(f"%chat use {server.url}")
    cells.run("%%chat -m scripted\nA")
    cells.run("%%chat -m scripted --no-history\nB")
    cells.run("%%chat --server practice\nHi")
    rows = {row[0]: row for row in run_command("usage").rows}
    assert rows["scripted"][2:5] == ("2", "2,000", "40 (10 reasoning)")
    assert rows["all"][2] == "3"


def test_usage_says_when_a_server_does_not_count(cells: Cells, server: ScriptedServer) -> None:
    server.reply(*event_stream(stream_of("Hi")))
    cells.run(f"%chat use {server.url}")
    cells.run("%%chat -m scripted\nA")
    assert "Of 1 answer the server told no number." in str(run_command("usage"))


def test_what_failed_is_counted_as_an_answer_too(cells: Cells, server: ScriptedServer) -> None:
    server.reply(*event_stream(stream_of("Hi", finish=None)[: -len("data: [DONE]\n\n")]))
    cells.run(f"%chat use {server.url}")
    cells.run("%%chat -m scripted\nA")
    assert current_session().tally.total().questions == 1


def test_an_alias_stands_for_a_model(cells: Cells, server: ScriptedServer) -> None:
    cells.run(f"%chat use {server.url}")
    assert "fast is scripted-mini" in cells.run("%chat alias fast scripted-mini")
    assert current_session().request_config(RequestConfig(model="fast")).model == "scripted-mini"
    assert "fast is scripted-mini" in cells.run("%chat alias")
    assert "no alias any more" in cells.run("%chat alias fast")
    assert current_session().request_config(RequestConfig(model="fast")).model == "fast"
    cells.run("%chat alias slow")
    assert "No model is called 'slow'" in str(cells.error)


def test_a_key_of_a_variable_is_used_only_after_it_was_named(
    cells: Cells, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_OWN_KEY", CANARY)
    cells.run(f"%chat use {server.url}")
    server.reply(json_response({"data": []}))
    shown = cells.run("%chat key --env MY_OWN_KEY")
    assert "from the variable MY_OWN_KEY" in shown
    assert CANARY not in shown
    cells.run("%chat models")
    assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
    for wrong in ("", " NOT_SET", f" {CANARY}"):
        cells.run(f"%chat key --env{wrong}")
        assert isinstance(cells.error, ConfigurationError)
        assert CANARY not in str(cells.error)


@pytest.mark.parametrize("line", ["%chat usage", "%chat history", "%chat help undo"])
def test_what_a_command_shows_is_seen_wherever_it_stands_in_a_cell(cells: Cells, line: str) -> None:
    cells.run("%%chat\nHi")
    cells.run(line)
    (last,) = cells.outputs
    cells.run(f"a = 1\n{line}\nb = a")
    (middle,) = cells.outputs
    assert str(middle.data) == str(last.data)
    cells.run(f"if True:\n    {line}\n{line}")
    assert len(cells.outputs) == 2
