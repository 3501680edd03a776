"""--tool and %chat allow in a real IPython: each call asks, and the answer shows all of it."""

from __future__ import annotations

import builtins
import json
from typing import TYPE_CHECKING

import pytest
from IPython.core.error import StdinNotImplementedError

from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import ConfigurationError
from notebook.calling import answering, calling

if TYPE_CHECKING:
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

FUNCTIONS = '''
ran = []

def add_numbers(a: int, b: int) -> int:
    """Add two numbers."""
    ran.append((a, b))
    return a + b
'''
CELL = "%%chat --tool add_numbers\nWhat do 19 and 23 make?"
CALL = ("add_numbers", {"a": 19, "b": 23})


class Keyboard:
    """What a person types when asked; a kind of error is raised."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: list[str | type[BaseException]] = []
        self.prompts: list[str] = []
        monkeypatch.setattr(builtins, "input", self)

    def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        answer = self.answers.pop(0)
        if isinstance(answer, str):
            return answer
        raise answer


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(monkeypatch)


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    cells.run(FUNCTIONS)
    return cells


def ran(cells: Cells) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = cells.shell.user_ns["ran"]
    return found


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (["y"], "42"),
        ([" YES "], "42"),
        (["n"], "The user did not allow this call."),
        (["", "what?", "no"], "The user did not allow this call."),
    ],
)
def test_a_call_runs_only_after_a_yes(
    asking: Cells, server: ScriptedServer, keyboard: Keyboard, answers: list[str], told: str
) -> None:
    server.reply(*calling(CALL))
    server.reply(*answering("I see."))
    keyboard.answers += answers
    shown = asking.run(CELL)
    assert asking.error is None
    assert len(keyboard.prompts) == len(answers)
    assert "Run add_numbers?" in keyboard.prompts[0]
    assert ran(asking) == ([(19, 23)] if told == "42" else [])
    assert f"→ {told}" in shown
    assert "I see." in shown


def test_all_arguments_are_shown_before_the_question(
    asking: Cells, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "x" * 10_000 + "the end"
    server.reply(*calling(("shout", {"text": text})))
    server.reply(*answering("I see."))
    asking.run("def shout(text: str) -> None:\n    'Shout.'")
    shown: list[str] = []

    def look(_: str) -> str:
        shown.append(asking.shell.user_ns["captured"]())
        return "n"

    monkeypatch.setattr(builtins, "input", look)
    asking.run("import sys\ncaptured = lambda: sys.stdout.getvalue()")
    asking.run("%%chat --tool shout\nHi")
    assert text in shown[0]


def test_always_asks_once_and_a_new_definition_asks_again(
    asking: Cells, server: ScriptedServer, keyboard: Keyboard
) -> None:
    for _ in range(3):
        server.reply(*calling(CALL))
        server.reply(*answering("I see."))
    keyboard.answers += ["a"]
    asking.run(CELL)
    asking.run(CELL)
    assert len(ran(asking)) == 2
    asking.run(FUNCTIONS)
    keyboard.answers += ["n"]
    asking.run(CELL)
    assert (len(keyboard.prompts), ran(asking)) == (2, [])


@pytest.mark.parametrize("kind", [StdinNotImplementedError, EOFError])
def test_where_nobody_can_be_asked_nothing_runs_and_the_error_says_what_to_do(
    asking: Cells, server: ScriptedServer, keyboard: Keyboard, kind: type[BaseException]
) -> None:
    server.reply(*calling(CALL))
    keyboard.answers += [kind]
    shown = asking.run(CELL)
    assert isinstance(asking.error, ConfigurationError)
    assert "%chat allow add_numbers" in shown
    assert ran(asking) == []
    assert current_session().conversation.path()[0].status == "failed"


def test_allow_lets_it_run_where_nobody_can_be_asked(
    asking: Cells, server: ScriptedServer, keyboard: Keyboard
) -> None:
    server.reply(*calling(CALL))
    server.reply(*answering("I see."))
    assert "add_numbers" in asking.run("%chat allow add_numbers")
    asking.run(CELL)
    assert ran(asking) == [(19, 23)]
    assert keyboard.prompts == []
    assert "add_numbers" in asking.run("%chat allow")
    assert "asks first" in asking.run("%chat disallow add_numbers")
    assert current_session().permissions.names() == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%chat allow add_number", "Did you mean add_numbers?"),
        ("%chat allow ran", "it is list"),
        ("%chat disallow add_numbers", "%chat allow lists"),
        ("%%chat --tool add_number\nHi", "Did you mean add_numbers?"),
    ],
)
def test_what_is_no_function_is_refused(
    asking: Cells, server: ScriptedServer, line: str, said: str
) -> None:
    assert said in asking.run(line)
    assert isinstance(asking.error, ConfigurationError)
    assert server.requests == []


def test_an_interrupt_of_the_question_stops_the_answer(
    asking: Cells, server: ScriptedServer, keyboard: Keyboard
) -> None:
    server.reply(*calling(CALL, text="Let me see."))
    keyboard.answers += [KeyboardInterrupt]
    shown = asking.run(CELL)
    assert isinstance(asking.error, KeyboardInterrupt)
    assert ran(asking) == []
    assert "Let me see." in shown
    assert "Stopped." in shown


def test_the_tools_of_the_session_are_sent_and_run(
    asking: Cells, server: ScriptedServer, keyboard: Keyboard
) -> None:
    server.reply(*calling(CALL))
    server.reply(*answering("I see."))
    keyboard.answers += ["y"]
    assert "tools='add_numbers'" in asking.run("%chat set tools=add_numbers")
    asking.run("%%chat\nHi")
    assert [tool["function"]["name"] for tool in server.requests[0].json["tools"]] == [
        "add_numbers"
    ]
    assert ran(asking) == [(19, 23)]


def test_a_function_of_the_cell_takes_the_place_of_its_namesake_of_the_session(
    asking: Cells, server: ScriptedServer
) -> None:
    server.reply(*answering("I see."))
    asking.run("%chat set tools=add_numbers")
    asking.run(FUNCTIONS.replace("Add two numbers", "Add them anew"))
    asking.run(CELL)
    (tool,) = server.requests[0].json["tools"]
    assert tool["function"]["description"] == "Add them anew."


def test_out_and_stream_to_get_the_last_answer(
    asking: Cells, server: ScriptedServer, keyboard: Keyboard
) -> None:
    server.reply(*calling(CALL, text="Let me see. "))
    server.reply(*answering("It is 42."))
    keyboard.answers += ["y"]
    asking.run("heard = []\ndef hear(event): heard.append(event)")
    asking.run(CELL.replace("\n", " --out reply --stream-to hear\n", 1))
    assert asking.shell.user_ns["reply"].text == "It is 42."
    heard = [type(event).__name__ for event in asking.shell.user_ns["heard"]]
    assert set(heard[:-1]) == {"Data"}
    assert heard[-1] == "Finish"


def test_the_practice_model_shows_it_all(cells: Cells, keyboard: Keyboard) -> None:
    keyboard.answers += ["y"]
    cells.run(FUNCTIONS)
    shown = cells.run("%%chat --tool add_numbers\nPlease use add_numbers for 2 and 3.")
    assert cells.error is None
    ((a, b),) = ran(cells)
    assert f"→ {a + b}" in shown
    (turn,) = current_session().conversation.path()
    assert turn.steps[-1]["content"] == json.dumps(a + b)
    assert turn.status == "complete"


def test_in_the_background_what_is_allowed_runs(
    asking: Cells, server: ScriptedServer, keyboard: Keyboard
) -> None:
    server.reply(*calling(CALL))
    server.reply(*answering("I see."))
    asking.run("%chat allow add_numbers")
    asking.run(CELL.replace("%%chat", "%%chat --background --out reply"))
    asking.run("%chat wait")
    assert asking.error is None
    assert ran(asking) == [(19, 23)]
    assert asking.shell.user_ns["reply"].text == "I see."
    assert keyboard.prompts == []
    (turn,) = current_session().conversation.path()
    assert [step["role"] for step in turn.steps] == ["assistant", "tool"]


def test_in_the_background_without_a_front_end_nothing_else_runs(
    asking: Cells, server: ScriptedServer, keyboard: Keyboard
) -> None:
    server.reply(*calling(CALL))
    asking.run(CELL.replace("%%chat", "%%chat --background"))
    asking.run("%chat wait")
    assert isinstance(asking.error, ConfigurationError)
    assert "%chat allow add_numbers" in str(asking.error)
    assert ran(asking) == keyboard.prompts == []
