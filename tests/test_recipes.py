"""The four recipes of CONTRIBUTING, followed step by step in a copy of the package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 10


class Copy:
    """A copy of the package that may be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "chatwidget", folder / "chatwidget")

    def insert(self, path: str, before: str, text: str) -> None:
        """Put text before the first place where another one stands."""
        file = self.folder / "chatwidget" / path
        code = file.read_text("utf-8")
        assert before in code
        file.write_text(code.replace(before, text + before, 1), "utf-8")

    def run(self, code: str) -> list[str]:
        """Run a program with the copy, and return the lines that it prints."""
        command = [sys.executable, "-c", code]
        run = subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | {"CHATWIDGET_SERVER": "practice"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return run.stdout.splitlines()


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_a_parameter_is_added(copy: Copy) -> None:
    table = "client/request/parameters.py"
    copy.insert(table, "    temperature: float | None\n", "    warmth: float | None\n")
    parameter = (
        '        Parameter("warmth", ("number",), "How warm it is.", "sampling",'
        " minimum=0, maximum=1, step=0.1, default=0.5),\n"
    )
    copy.insert(table, '        Parameter(\n            "temperature",', parameter)
    said = copy.run(
        "import inspect\n"
        "from chatwidget import ChatClient, ChatSession, ParameterError\n"
        "from chatwidget.prompt.arguments import parse_cell_line\n"
        "print(parse_cell_line('--warmth 0.3').config.parameters)\n"
        "print('warmth' in inspect.signature(ChatClient.create_chat_completion).parameters)\n"
        "session = ChatSession('practice')\n"
        "session.settings.warmth = 0.2\n"
        "control = session.control('warmth')\n"
        "print(session.settings.sent(), control.slider.value, control.slider.max)\n"
        "try:\n"
        "    ChatClient('practice').create_chat_completion('Hi', warmth=2)\n"
        "except ParameterError as error:\n"
        "    print(error.message)\n"
    )
    assert said == [
        "{'warmth': 0.3}",
        "True",
        "{'warmth': 0.2} 0.2 1.0",
        "warmth takes a number from 0 to 1; got 2.",
    ]


def test_a_command_is_added(copy: Copy) -> None:
    theme = "magic/commands/state.py"
    command = (
        "def greet(session: ChatSession, rest: str) -> None:\n"
        '    """Greet somebody."""\n'
        '    say(f"Hello {rest}, from {session.server.name}.")\n\n\n'
    )
    copy.insert(theme, "def status(", command)
    copy.insert(theme, "status, usage, price", "greet, ")
    said = copy.run(
        "from chatwidget import ChatSession\n"
        "from chatwidget.magic.commands import run_command\n"
        "session = ChatSession('practice')\n"
        "run_command('greet Ada', session)\n"
        "print('greet' in str(run_command('help', session)))\n"
        "print(run_command('help greet', session))\n"
    )
    assert said[:2] == ["Hello Ada, from practice.", "True"]
    assert "Greet somebody." in "\n".join(said[2:])


def test_a_control_is_added(copy: Copy) -> None:
    kind = (
        "class VoicesKind(ControlKind):\n"
        '    """Voices to choose from."""\n\n'
        "    def input(self, value: Any) -> ControlInput:\n"
        '        """Return two voices."""\n'
        '        return ChoiceInput([Option({"voice": each}, each) for each in ("ash", "fable")])\n'
        "\n\n"
    )
    copy.insert("panel/control_kinds.py", "class NumberKind(", kind)
    copy.insert("panel/control_kinds.py", '    "TextsKind",\n', '    "VoicesKind",\n')
    kinds = "panel/composite_kinds.py"
    copy.insert(kinds, "    TextsKind,\n    as_indented_json", "    VoicesKind,\n")
    branch = '    if parameter.name == "audio":\n        return VoicesKind(parameter)\n'
    copy.insert(kinds, '    if parameter.name == "tools":', branch)
    said = copy.run(
        "from chatwidget import ChatSession\n"
        "from chatwidget.panel.control_messages import read_control_action\n"
        "session = ChatSession('practice')\n"
        "control = session.control('audio')\n"
        "print(control.state['input']['kind'])\n"
        "option = control.state['input']['options'][1]['value']\n"
        "control.handle(read_control_action({'type': 'ControlSet', 'value': option}))\n"
        "print(session.settings.sent())\n"
    )
    assert said == ["choice", "{'audio': {'voice': 'fable'}}"]


def test_a_sink_is_added(copy: Copy) -> None:
    sink = (
        "    if isinstance(target, dict):\n"
        "        return lambda event: target.update(text=event.completion.text)"
        " if isinstance(event, Finish) else None\n"
    )
    copy.insert("client/sinks.py", "    if callable(target):\n", sink)
    said = copy.run(
        "from chatwidget import create_chat_completion\n"
        "found = {}\n"
        "answer = create_chat_completion('Hi', 'practice', stream_to=found)\n"
        "print(found['text'] == answer.text)\n"
    )
    assert said == ["True"]


def test_each_recipe_has_at_most_ten_lines() -> None:
    text = ROOT.joinpath("CONTRIBUTING.md").read_text("utf-8")
    recipes = re.split(r"^\*\*Add .*\*\*$", text.split("## Commands")[0], flags=re.MULTILINE)[1:]
    assert len(recipes) == 4
    assert all(len(recipe.split("##")[0].strip().splitlines()) <= LONGEST for recipe in recipes)
