"""%chat keeps conversations apart, and takes turns back and forth; nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from chatwidget.chat.conversation import Turn
from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.magic.commands.dispatcher import run_command

if TYPE_CHECKING:
    from pathlib import Path

    from notebook.conftest import Cells


def turn(prompt: str, **fields: object) -> Turn:
    answers = [ChatCompletionMessage(content=f"re: {prompt}")]
    return replace(Turn(prompt=prompt, id=prompt, answers=answers), **fields)


def tell(*prompts: str) -> None:
    """Put turns into the current conversation."""
    session = current_session()
    for prompt in prompts:
        session.change(lambda it, each=prompt: it.with_turn(turn(each, parent=it.head)))


def path() -> list[str]:
    return [each.prompt for each in current_session().conversation.path()]


def test_new_begins_an_empty_conversation_and_the_earlier_one_stays(cells: Cells) -> None:
    cells.run("%chat set seed=1")
    tell("a")
    assert "main stays as it is" in cells.run("%chat new")
    assert path() == []
    assert current_session().settings.seed == 1
    assert [each.prompt for each in current_session().conversations["main"].path()] == ["a"]


def test_new_takes_a_name_that_is_free(cells: Cells) -> None:
    tell("a")
    cells.run("%chat new plans")
    assert current_session().current == "plans"
    assert current_session().names == ["main", "plans"]


@pytest.mark.parametrize("command", ["new", "fork"])
def test_a_notebook_that_runs_again_gives_the_same_name_and_the_earlier_turns_stay(
    cells: Cells, command: str
) -> None:
    for prompt in ("first", "second"):
        cells.run("%chat switch main")
        shown = cells.run(f"%chat {command} plans")
        tell(prompt)
    assert "The earlier plans is called plans-2 now." in shown
    found = current_session().conversations
    assert [turn.prompt for turn in found["plans"].path()] == ["second"]
    assert [turn.prompt for turn in found["plans-2"].path()] == ["first"]


def test_new_with_the_name_of_the_current_conversation_begins_it_anew(cells: Cells) -> None:
    tell("a")
    assert "main-2 stays as it is" in cells.run("%chat new main")
    assert path() == []
    assert current_session().current == "main"
    assert [turn.prompt for turn in current_session().conversations["main-2"].path()] == ["a"]


def test_new_in_an_empty_conversation_leaves_no_trail_of_empty_ones(cells: Cells) -> None:
    assert "main is empty" in cells.run("%chat new")
    assert current_session().current == "main"


def test_conversations_are_listed_with_their_last_prompts(cells: Cells) -> None:
    tell("a", "b")
    cells.run("%chat new plans")
    table = run_command("conversations")
    assert [tuple(row) for row in table.rows] == [
        ("", "main", "2", "b"),
        ("●", "plans", "0", ""),
    ]


def test_a_session_that_has_asked_nothing_lists_its_conversation(cells: Cells) -> None:
    assert [row[1] for row in run_command("conversations").rows] == ["main"]


def test_switch_goes_there_and_back(cells: Cells) -> None:
    tell("a")
    cells.run("%chat new plans")
    assert "which has 1 turn." in cells.run("%chat switch main")
    assert path() == ["a"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%chat switch", "There are main, plans"),
        ("%chat switch plan", "Did you mean %chat switch plans?"),
        ("%chat switch zzz", "%chat new NAME begins one"),
        ("%chat undo", "has no turns"),
        ("%chat redo", "nothing to bring back"),
        ("%chat history 1", "got '1'"),
        ("%chat version 1 1", "got '1'"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_next_step(cells: Cells, line: str, said: str) -> None:
    tell("a")
    cells.run("%chat new plans")
    cells.run(line)
    assert isinstance(cells.error, ConfigurationError)
    assert said in str(cells.error)


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "1.5", "²"])
def test_undo_takes_a_number_of_turns_that_there_are(cells: Cells, number: str) -> None:
    tell("a", "b")
    cells.run(f"%chat undo {number}")
    assert isinstance(cells.error, ConfigurationError)
    assert path() == ["a", "b"]


def test_undo_says_what_was_undone_and_redo_brings_it_back(cells: Cells) -> None:
    tell("a", "b", "c")
    shown = cells.run("%chat undo 2")
    assert "Undone: “b”" in shown
    assert "Undone: “c”" in shown
    assert "The next question follows “a”." in shown
    assert path() == ["a"]
    assert "Back: “b”" in cells.run("%chat redo")
    assert path() == ["a", "b"]
    cells.run("%chat redo 9")
    assert path() == ["a", "b", "c"]


def test_what_was_undone_stays_as_a_version_and_can_be_gone_on_with(cells: Cells) -> None:
    tell("a", "b", "c")
    cells.run("%chat undo 2")
    tell("d")
    table = run_command("history")
    assert [row[4] for row in table.rows] == ["", "2/2"]
    assert "ends with “c”" in cells.run("%chat version 2 1")
    assert path() == ["a", "b", "c"]


def test_fork_goes_on_in_a_copy(cells: Cells) -> None:
    tell("a")
    assert "This is main-2, a copy" in cells.run("%chat fork")
    tell("b")
    assert path() == ["a", "b"]
    cells.run("%chat switch main")
    assert path() == ["a"]
    cells.run("%chat fork idea")
    assert current_session().current == "idea"


def test_history_shows_numbers_statuses_and_which_answer_was_chosen(cells: Cells) -> None:
    answers = [ChatCompletionMessage(content="one"), ChatCompletionMessage(content="two")]
    tell("a")
    session = current_session()
    session.change(lambda it: it.with_turn(turn("b", parent="a", answers=answers, chosen=1)))
    session.change(lambda it: it.with_turn(turn("c", parent="b", answers=[], status="stopped")))
    rows = run_command("history").rows
    assert [tuple(row) for row in rows] == [
        ("1", "a", "re: a", "complete", ""),
        ("2", "b", "(2 of 2) two", "complete", ""),
        ("3", "c", "", "stopped, so not sent on", ""),
    ]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("length", "cut off: it reached the limit of tokens"),
        ("content_filter", "cut off by the server's content filter"),
        ("max_tokens", "cut off: it reached the limit of tokens"),
        ("stop", "complete"),
        (None, "complete"),
    ],
)
def test_an_answer_that_was_cut_off_is_not_called_complete(
    cells: Cells, tmp_path: Path, reason: str | None, said: str
) -> None:
    cut = turn("a", facts={"finish_reason": reason, "model": "practice", "server": "practice"})
    current_session().change(lambda it: it.with_turn(cut))
    (row,) = run_command("history").rows
    assert row[3] == said
    assert f"[{said}]" in repr(run_command("history 1"))
    cells.run(f"%chat export {tmp_path / 'talk.md'}")
    footer = (tmp_path / "talk.md").read_text("utf-8").splitlines()[-1]
    assert footer == ("*practice*" if said == "complete" else f"*practice · {said}*")


def test_history_of_nothing_says_so(cells: Cells) -> None:
    assert "has no turns yet" in cells.run("%chat history")


def test_history_shows_a_turn_in_full_and_nothing_in_it_acts(cells: Cells) -> None:
    evil = "<script>alert(1)</script> <img src=x onerror=alert(2)>\n\x1b[2J**bold**"
    answers = [
        ChatCompletionMessage(content=evil, reasoning="because"),
        ChatCompletionMessage(content="2"),
    ]
    session = current_session()
    session.change(lambda it: it.with_turn(turn(evil, parent=None, answers=answers)))
    view = run_command("history 1")
    html = view._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "<strong>bold</strong>" in html
    assert "Choice 2 of 2" in html
    assert "\x1b" not in repr(view)
    assert "**bold**" in repr(view)


def test_the_session_survives_a_reload_of_the_extension(cells: Cells) -> None:
    tell("a")
    cells.run("%chat set seed=1")
    cells.run("%reload_ext chatwidget")
    assert cells.error is None
    cells.run("%unload_ext chatwidget")
    cells.run("%load_ext chatwidget")
    assert path() == ["a"]
    assert "seed=1" in cells.run("%chat")
