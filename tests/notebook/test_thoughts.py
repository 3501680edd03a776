"""Thoughts between tags in a notebook: folded away, and in nothing that is made of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget.chat.shell_session import current_session
from chatwidget.client.timing import Timing
from chatwidget.render.display.final_output import FinalOutput
from wire.replies import event_stream, stream_of

if TYPE_CHECKING:
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

THOUGHT = "I wonder."


def think(server: ScriptedServer, text: str) -> None:
    """Let a server answer with a thought before a text, a character at a time."""
    server.reply(event_stream(stream_of(*f"<think>\n{THOUGHT}\n</think>\n\n{text}")))


def test_thoughts_are_kept_out_of_later_questions(cells: Cells, server: ScriptedServer) -> None:
    cells.run(f"%chat use {server.url}")
    think(server, "Hi.")
    cells.run("%%chat m\nHello")
    think(server, "Ho.")
    cells.run("%%chat m\nAgain")
    assert server.requests[1].json["messages"] == [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "Again"},
    ]


@pytest.mark.parametrize(
    ("flags", "text"),
    [("-f code", "```python\na = 1\n```"), ("-f json", '{"a": 1}'), ("-f text", "a = 1")],
)
def test_thoughts_are_kept_out_of_every_format(
    cells: Cells, server: ScriptedServer, flags: str, text: str
) -> None:
    cells.run(f"%chat use {server.url}")
    think(server, text)
    cells.run(f"%%chat m {flags}\nHello")
    assert cells.error is None
    answer = current_session().conversations["main"].path()[-1].answer
    assert answer is not None
    assert (answer.content, answer.reasoning) == (text, THOUGHT)


def test_thoughts_are_folded_away_in_the_output(cells: Cells, server: ScriptedServer) -> None:
    cells.run(f"%chat use {server.url}")
    think(server, "Hi.")
    completion = current_session().client.create_chat_completion("Hello", "m", stream_to=[].append)
    shown = FinalOutput(completion, Timing(1.0))
    assert "<summary>Reasoning</summary>\n<p>I wonder.</p>" in shown.html()
    assert shown.text() == "Hi."


def test_a_server_may_keep_its_tags(cells: Cells, server: ScriptedServer) -> None:
    cells.run(f"%chat use {server.url} --keep-think-tags")
    think(server, "Hi.")
    cells.run("%%chat m\nHello")
    answer = current_session().conversations["main"].path()[-1].answer
    assert answer is not None
    assert answer.content == f"<think>\n{THOUGHT}\n</think>\n\nHi."
    cells.run(f"%chat use {server.url}")
    assert current_session().server.think_tags
