"""--cached: what was asked before is answered from a file, and nothing is sent."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chatwidget.chat.shell_session import current_session
from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.magic.answer_cache import StoredAnswers
from wire.replies import (
    SSE_HEAD,
    chunk,
    completion,
    error,
    event_stream,
    json_response,
    sse,
    stream_of,
)
from wire.scripted_server import close

if TYPE_CHECKING:
    from collections.abc import Callable

    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

ANSWER = ChatCompletion(choices=[Choice(message=ChatCompletionMessage(content="Hi"))])


@dataclass
class Moon:
    name: str


@pytest.fixture
def file() -> Path:
    """Where the answers are stored; every test has a folder of its own."""
    return Path(os.environ["CHATWIDGET_DATA"], "answers.sqlite")


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    server.otherwise(event_stream(stream_of("Hi", usage={"completion_tokens": 7})))
    return cells


def anew(asking: Cells, cell: str) -> str:
    """Run a cell as after a restart: no conversation leads to it."""
    asking.run("%chat new")
    return asking.run(cell)


def test_the_second_time_nothing_is_sent(asking: Cells, server: ScriptedServer) -> None:
    first = anew(asking, "%%chat --cached --out first\nHi")
    second = anew(asking, "%%chat --cached --out second\nHi")
    assert len(server.requests) == 1
    assert "cached" not in first
    assert "Hi\n" in second
    assert "7 tokens · cached on " in second
    names = asking.shell.user_ns
    assert names["second"] == names["first"]


def test_a_replay_is_a_turn_like_any_other_and_costs_nothing(
    asking: Cells, server: ScriptedServer
) -> None:
    anew(asking, "%%chat --cached\nHi")
    spent = asking.run("%chat usage")
    anew(asking, "%%chat --cached\nHi")
    (turn,) = current_session().conversation.path()
    assert (turn.prompt, turn.answer.content, turn.status) == ("Hi", "Hi", "complete")
    assert turn.facts["cached"]
    assert asking.run("%chat usage") == spent
    asking.run("%%chat\nAgain")
    assert [m["content"] for m in server.requests[-1].json["messages"]] == ["Hi", "Hi", "Again"]


@pytest.mark.parametrize("flags", ["-t 0", "--system Brief", "-m other", "--set top_k=1", "--n 2"])
def test_another_request_is_asked(asking: Cells, server: ScriptedServer, flags: str) -> None:
    anew(asking, "%%chat --cached\nHi")
    anew(asking, f"%%chat --cached {flags}\nHi")
    assert len(server.requests) == 2


def test_the_order_of_flags_makes_no_other_request(asking: Cells, server: ScriptedServer) -> None:
    anew(asking, "%%chat --cached -t 0 --seed 1\nHi")
    asking.run("%chat set seed=1")
    anew(asking, "%%chat --cached -t 0\nHi")
    assert len(server.requests) == 1


def test_a_refusal_that_was_learned_makes_no_other_request(
    asking: Cells, server: ScriptedServer
) -> None:
    refusal = error("Unsupported parameter: 'top_p'", param="top_p", code="unsupported_parameter")
    server.reply(json_response(refusal, 400))
    anew(asking, "%%chat --cached --top-p 0.5\nHi")
    assert len(server.requests) == 2
    shown = anew(asking, "%%chat --cached --top-p 0.5\nHi")
    assert len(server.requests) == 2
    assert "The server refused top_p" in shown


def test_only_cells_that_ask_for_it_are_stored_or_replayed(
    asking: Cells, server: ScriptedServer, file: Path
) -> None:
    anew(asking, "%%chat\nHi")
    assert not file.exists()
    anew(asking, "%%chat --cached\nHi")
    anew(asking, "%%chat\nHi")
    assert len(server.requests) == 3


def test_what_is_not_complete_is_not_stored(asking: Cells, server: ScriptedServer) -> None:
    server.reply(SSE_HEAD, sse(chunk("Half")), close())
    anew(asking, "%%chat --cached\nHi")
    assert asking.error is not None
    assert "Half" not in anew(asking, "%%chat --cached\nHi")
    assert asking.error is None
    assert len(server.requests) == 2


def test_several_answers_are_replayed_together(asking: Cells, server: ScriptedServer) -> None:
    pieces = sse(chunk("One"), chunk("Two", index=1))
    ends = sse(*(chunk(None, index=index, finish_reason="stop") for index in (0, 1)))
    server.reply(event_stream(pieces + ends))
    for _ in range(2):
        shown = anew(asking, "%%chat --cached --n 2 --out reply\nHi")
        assert "One" in shown
        assert "Two" in shown
    assert len(server.requests) == 1
    assert len(asking.shell.user_ns["reply"].choices) == 2


def test_a_schema_is_read_again(asking: Cells, server: ScriptedServer) -> None:
    server.reply(event_stream(stream_of('{"name": "Titan"}')))
    asking.shell.user_ns["Moon"] = Moon
    for _ in range(2):
        anew(asking, "%%chat --cached --schema Moon --out moon\nHi")
        assert asking.shell.user_ns["moon"] == Moon("Titan")
    assert len(server.requests) == 1


def test_a_sink_of_the_users_hears_of_a_replay(asking: Cells) -> None:
    asking.run("def hear(event): heard.append(type(event).__name__)")
    anew(asking, "%%chat --cached\nHi")
    asking.run("heard = []")
    anew(asking, "%%chat --cached --stream-to hear\nHi")
    assert asking.shell.user_ns["heard"] == ["Data", "Finish"]


def test_a_replay_in_the_background_is_there_at_once(asking: Cells, server: ScriptedServer) -> None:
    anew(asking, "%%chat --cached --background\nHi")
    asking.run("%chat wait")
    assert "cached on" in anew(asking, "%%chat --cached --background --out reply\nHi")
    assert asking.shell.user_ns["reply"].text == "Hi"
    assert len(server.requests) == 1


def test_a_dry_run_tells_of_a_stored_answer(asking: Cells, server: ScriptedServer) -> None:
    for is_stored in (False, True):
        anew(asking, "%%chat --dry-run --cached\nHi")
        (shown,) = asking.outputs
        assert ("was stored on" in shown.data["text/plain"]) == is_stored
        anew(asking, "%%chat --cached\nHi")
    assert len(server.requests) == 1


def test_the_file_is_for_its_owner_alone_and_holds_no_prompt_and_no_key(
    asking: Cells, file: Path
) -> None:
    session = current_session()
    key = "sk-canary-0123456789abcdef"
    session.client.use_key(ApiKey(key, origin=session.server.origin, source="a test"))
    anew(asking, "%%chat --cached\nA prompt like no other")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    content = file.read_bytes()
    assert b"Hi" in content
    assert b"like no other" not in content
    assert key.encode() not in content


def test_stored_answers_can_be_forgotten(asking: Cells, server: ScriptedServer, file: Path) -> None:
    anew(asking, "%%chat --cached\nHi")
    assert "gone" in asking.run("%chat forget --answers")
    assert not file.exists()
    anew(asking, "%%chat --cached\nHi")
    assert len(server.requests) == 2
    asking.run("%chat forget --everything")
    assert "--answers or nothing" in str(asking.error)


def break_file(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("This is no database, however long one reads in it. " * 40)


def break_folder(file: Path) -> None:
    file.parent.write_text("a file where the folder should be")


@pytest.mark.parametrize("damage", [break_file, break_folder])
def test_a_file_that_cannot_be_used_is_told_and_the_question_is_asked(
    asking: Cells, server: ScriptedServer, file: Path, damage: Callable[[Path], None]
) -> None:
    damage(file)
    for count in (1, 2):
        shown = anew(asking, "%%chat --cached\nHi")
        assert asking.error is None
        assert "Hi\n" in shown
        assert "The stored answers cannot be used" in shown
        assert "asked anew" in shown
        assert len(server.requests) == count


def test_a_damaged_file_can_be_forgotten(asking: Cells, server: ScriptedServer, file: Path) -> None:
    break_file(file)
    asking.run("%chat forget --answers")
    for _ in range(2):
        anew(asking, "%%chat --cached\nHi")
    assert len(server.requests) == 1


def test_a_damaged_answer_is_told(asking: Cells, tmp_path: Path) -> None:
    store = StoredAnswers(tmp_path / "answers.sqlite")
    draft = ChatClient("practice").draft("Hello")
    store.keep(draft, ANSWER)
    with closing(sqlite3.connect(tmp_path / "answers.sqlite")) as database, database:
        database.execute("UPDATE answers SET completion = 'no JSON'")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        store.find(draft)


def test_what_cannot_be_stored_is_told_below_the_answer(
    asking: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise ConfigurationError("The stored answers cannot be used: the disk is full.")

    monkeypatch.setattr(StoredAnswers, "keep", full)
    shown = anew(asking, "%%chat --cached\nHi")
    assert asking.error is None
    assert "the disk is full. The answer was not stored." in shown


def test_a_whole_answer_is_stored_as_well(asking: Cells, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Whole")))
    for _ in range(2):
        assert "Whole" in anew(asking, "%%chat --cached\nHi")
    assert len(server.requests) == 1
