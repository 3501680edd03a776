"""%%chat in a real IPython: parse, call, present."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from chatwidget.chat.shell_session import current_session
from chatwidget.client.api import PracticeModelWarning
from chatwidget.client.errors import (
    APIConnectionError,
    AuthenticationError,
    ConfigurationError,
    NotFoundError,
    ParameterError,
)
from chatwidget.magic.magics import ChatCommands
from wire.replies import completion, error, event_stream, json_response, stream_of

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    return cells


def test_the_question_is_the_text_of_the_cell_verbatim(
    asking: Cells, server: ScriptedServer
) -> None:
    server.reply(*event_stream(stream_of("Hi")))
    prompt = 'Why {this} and $x$ and %d and {{that.one}}?\n\n    {"json": [1]}'
    asking.run(f"%%chat\n{prompt}\n")
    assert asking.error is None
    assert server.requests[0].json["messages"] == [{"role": "user", "content": prompt}]


def test_the_answer_is_printed_in_a_terminal(asking: Cells, server: ScriptedServer) -> None:
    server.reply(*event_stream(stream_of("Hello ", "there")))
    shown = asking.run("%%chat\nHi")
    assert "Hello there" in shown
    assert "scripted" in shown


def test_flags_hold_for_one_cell(asking: Cells, server: ScriptedServer) -> None:
    for _ in range(2):
        server.reply(*event_stream(stream_of("Hi")))
    asking.run("%%chat -t 0 -m other --system 'Be brief' --stop END\nHi")
    asking.run("%%chat\nHi")
    first, second = (request.json for request in server.requests)
    assert (first["temperature"], first["model"], first["stop"]) == (0, "other", ["END"])
    assert first["messages"][0] == {"role": "system", "content": "Be brief"}
    assert "temperature" not in second
    assert second["model"] == "scripted"


def test_out_keeps_the_completion(asking: Cells, server: ScriptedServer) -> None:
    server.reply(*event_stream(stream_of("Hi")))
    asking.run("%%chat --out reply\nHi")
    assert asking.shell.user_ns["reply"].text == "Hi"


def test_stream_to_feeds_a_variable_beside_the_display(
    asking: Cells, server: ScriptedServer
) -> None:
    server.reply(*event_stream(stream_of("Hi")))
    asking.run("heard = []")
    asking.run("def hear(event): heard.append(type(event).__name__)")
    assert "Hi" in asking.run("%%chat --stream-to hear\nHi")
    assert asking.shell.user_ns["heard"][-1] == "Finish"


def test_stream_to_an_unknown_variable_is_refused_before_the_request(
    asking: Cells, server: ScriptedServer
) -> None:
    asking.run("%%chat --stream-to nothing\nHi")
    assert isinstance(asking.error, ConfigurationError)
    assert server.requests == []


def test_stream_to_what_cannot_be_fed_is_refused_before_the_request(
    asking: Cells, server: ScriptedServer
) -> None:
    asking.run("number = 5")
    shown = asking.run("%%chat --stream-to number\nHi")
    assert isinstance(asking.error, ConfigurationError)
    assert "number takes no stream; it is int" in shown
    assert "Traceback" not in shown
    assert server.requests == []


def test_an_empty_cell_is_refused(asking: Cells, server: ScriptedServer) -> None:
    asking.run("%%chat -t 0\n  \n")
    assert "Write it on the lines below" in str(asking.error)
    assert server.requests == []


def test_code_asks_the_session_as_a_cell_does(asking: Cells, server: ScriptedServer) -> None:
    for _ in range(2):
        server.reply(*event_stream(stream_of("Hi")))
    asking.run("%chat set temperature=0")
    asking.run("%%chat\nOne?")
    asking.run("import chatwidget\nreply = chatwidget.current_session().ask('Two?', seed=1)")
    first, second = (request.json for request in server.requests)
    assert asking.shell.user_ns["reply"].text == "Hi"
    assert [message["content"] for message in second["messages"]] == ["One?", "Hi", "Two?"]
    assert (second["model"], second["temperature"], second["seed"]) == (first["model"], 0, 1)


CALLS = {
    "asked": "chatwidget.create_chat_completion('Hi', max_tokens=1)",
    "awaited": "await chatwidget.acreate_chat_completion('Hi', max_tokens=1)",
    "started": "chatwidget.start_chat_completion('Hi', max_tokens=1).result()",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("chosen", ["", "%chat use ollama"])
def test_who_calls_the_function_in_a_notebook_is_told_of_the_session(
    cells: Cells, call: str, chosen: str
) -> None:
    cells.run(chosen)
    with pytest.warns(PracticeModelWarning) as warned:
        cells.run(f"import chatwidget\n{call}")
    assert cells.error is None
    assert "chatwidget.current_session().ask(" in str(warned[0].message)


def test_without_the_extension_the_function_tells_of_no_session(
    shell: InteractiveShell, cells: Cells
) -> None:
    cells.run("%unload_ext chatwidget")
    with pytest.warns(PracticeModelWarning) as warned:
        shell.run_cell("import chatwidget\nchatwidget.create_chat_completion('Hi', max_tokens=1)")
    assert "session" not in str(warned[0].message)


@pytest.mark.parametrize("cell", ["%%chat", "%%chat\n", "\n# to do\n%%chat -t 0", "  %%chat"])
def test_an_empty_cell_says_where_the_question_goes(asking: Cells, cell: str) -> None:
    shown = asking.run(cell)
    assert type(asking.error) is ConfigurationError
    assert "Write it on the lines below %%chat" in shown


@pytest.mark.parametrize(
    "cell",
    ["%%chat --help\nHi", "%%chat --help", "# flags?\n%%chat -t 0 -h", "%%time\n%%chat --help"],
)
def test_help_explains_the_flags_and_sends_nothing(
    asking: Cells, server: ScriptedServer, cell: str
) -> None:
    assert "--temperature" in asking.run(cell)
    assert asking.error is None
    assert server.requests == []


@pytest.mark.parametrize(
    "above",
    ["\n\n", "# A comment\n", "#| echo: false\n\n   # and one more\n", "  \n#%% [chat]\n\n"],
)
def test_comments_and_blank_lines_may_stand_above(
    asking: Cells, server: ScriptedServer, above: str
) -> None:
    server.reply(*event_stream(stream_of("Hi")))
    asking.run(f"{above}%%chat -t 0\n# A heading\n\nWhy?")
    assert asking.error is None
    assert server.requests[0].json["messages"][0]["content"] == "# A heading\n\nWhy?"
    assert server.requests[0].json["temperature"] == 0


@pytest.mark.parametrize(
    "cell", ["# %%chat\n1", "x = 1\n%%chat\nHi", '"""\n%%chat\n"""', "# a\n%%chatty\nHi"]
)
def test_a_cell_that_does_not_begin_with_it_is_none_of_ours(cells: Cells, cell: str) -> None:
    assert "'chat'" not in cells.shell.transform_cell(cell)


@pytest.mark.parametrize("above", ["", "# A comment\n"])
def test_a_terminal_waits_for_the_question(cells: Cells, above: str) -> None:
    waiting = cells.shell.input_transformer_manager.check_complete
    assert waiting(f"{above}%%chat -t 0\n")[0] == "incomplete"
    assert waiting(f"{above}%%chat -t 0\nWhy?\n\n")[0] == "complete"


def test_a_function_whole_answer_is_shown_although_a_stream_was_asked(
    asking: Cells, server: ScriptedServer
) -> None:
    server.reply(json_response(completion("Whole")))
    assert "Whole" in asking.run("%%chat\nHi")
    assert asking.error is None


@pytest.mark.parametrize(
    ("cell", "kind", "said"),
    [
        ("%%chat --temprature 1\nHi", ParameterError, "Did you mean --temperature?"),
        ("%%chat --conversaton a\nHi", ConfigurationError, "Did you mean --conversation?"),
        ("%%chat -t 3\nHi", ParameterError, "from 0 to 2; got 3"),
    ],
)
def test_bad_input_is_one_short_message_and_nothing_is_sent(
    asking: Cells, server: ScriptedServer, cell: str, kind: type[Exception], said: str
) -> None:
    shown = asking.run(cell)
    assert type(asking.error) is kind
    assert said in shown
    assert len(shown.strip().splitlines()) <= 3
    assert server.requests == []


@pytest.mark.parametrize("written", ["presence-penalti", "temprature", "max-tokns"])
def test_a_misspelt_parameter_is_one_error_wherever_it_is_written(
    asking: Cells, server: ScriptedServer, written: str
) -> None:
    name = written.replace("-", "_")
    told = []
    for cell in (
        f"%%chat --{written} 1\nHi",
        f"%chat set {written}=1",
        f"%chat unset {name}",
        f"import chatwidget\nchatwidget.current_session().ask('Hi', {name}=1)",
        f"chatwidget.create_chat_completion('Hi', server='practice', {name}=1)",
    ):
        asking.run(cell)
        assert isinstance(asking.error, ParameterError)
        told.append((asking.error.message, asking.error.parameter))
    assert set(told) == {(f"There is no request parameter {name!r}.", name)}
    assert server.requests == []


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (404, NotFoundError, "%chat models"),
        (401, AuthenticationError, "%chat key"),
    ],
)
def test_a_refusal_is_one_short_message_with_the_next_step(
    asking: Cells, server: ScriptedServer, status: int, kind: type[Exception], said: str
) -> None:
    server.reply(json_response(error("The server's own words"), status))
    shown = asking.run("%%chat\nHi")
    assert type(asking.error) is kind
    assert "The server's own words" in shown
    assert said in shown
    assert "Traceback" not in shown


def test_a_server_that_is_down_is_one_short_message(asking: Cells, server: ScriptedServer) -> None:
    server.__exit__(None, None, None)
    shown = asking.run("%%chat\nHi")
    assert isinstance(asking.error, APIConnectionError)
    assert "%chat use" in shown
    assert "Traceback" not in shown


def test_an_interrupt_keeps_the_answer_and_marks_it(
    asking: Cells, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt = threading.Event()
    server.reply(*event_stream(stream_of("Hello")))

    def interrupted(event: object) -> None:
        if getattr(getattr(event, "chunk", None), "text", ""):
            interrupt.set()
            raise KeyboardInterrupt

    asking.shell.user_ns["interrupted"] = interrupted
    shown = asking.run("%%chat --stream-to interrupted\nHi")
    assert interrupt.is_set()
    assert isinstance(asking.error, KeyboardInterrupt)
    assert "Hello" in shown
    assert "Stopped." in shown
    assert current_session().conversation.path()[0].status == "stopped"
    assert server.connections[0].wait_closed(1)


def test_running_a_cell_again_does_not_repeat_its_turn(
    asking: Cells, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.reply(*event_stream(stream_of("Hi")))
    asking.shell.parent_header = {"metadata": {"cellId": "one"}}
    asking.run("%%chat\nHi")
    asking.run("%%chat\nHi")
    assert len(server.requests[1].json["messages"]) == 1
    assert len(current_session().conversation.path()) == 1


def test_a_line_is_not_expanded_by_ipython_S26(asking: Cells) -> None:
    asking.run("secret = 'sk-canary'")
    asking.run("%chat system {secret}")
    assert current_session().system == "{secret}"


def test_loading_twice_is_quiet_and_keeps_the_session(cells: Cells) -> None:
    session = current_session()
    cells.run("%reload_ext chatwidget")
    assert cells.error is None
    assert current_session() is session
    assert isinstance(cells.shell.magics_manager.registry["ChatCommands"], ChatCommands)


def test_a_refused_parameter_is_told_below_the_answer_and_can_be_forgotten(
    asking: Cells, server: ScriptedServer
) -> None:
    refusal = error("Unsupported parameter: 'top_p'", param="top_p", code="unsupported_parameter")
    server.reply(json_response(refusal, 400))
    for _ in range(3):
        server.reply(*event_stream(stream_of("Hi")))
    shown = asking.run("%%chat --top-p 0.5\nHi")
    assert "The server refused top_p, so it was not sent" in shown
    asking.run("%%chat --top-p 0.5\nHi")
    asking.run("%chat forget")
    asking.run("%%chat --top-p 0.5\nHi")
    assert ["top_p" in request.json for request in server.requests] == [True, False, False, True]


def test_loading_loads_no_widgets_no_http_and_no_markdown() -> None:
    code = """if True:
        import sys
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        shell.history_manager.enabled = False
        shell.run_line_magic("load_ext", "chatwidget")
        heavy = {"ipywidgets", "anywidget", "httpx", "markdown_it"} & set(sys.modules)
        sys.exit(f"loaded: {heavy}" if heavy else 0)
    """
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, env=environment)
