"""Conversations go into files and come back; nothing is lost, and nothing is overwritten."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.wire.types import ChatCompletionMessage, FunctionCall, ToolCall
from chatwidget.persistence.cell_source import prompts_in, source_of
from chatwidget.persistence.json_file import read_document, to_document
from chatwidget.persistence.markdown_writer import to_markdown
from chatwidget.persistence.notebook_reader import read_notebook
from chatwidget.persistence.notebook_writer import to_notebook

if TYPE_CHECKING:
    from pathlib import Path

    from notebook.conftest import Cells


def message(text: str | None, **fields: Any) -> ChatCompletionMessage:
    return ChatCompletionMessage(content=text, **fields)


def chain(*turns: Turn) -> Conversation:
    conversation = Conversation()
    for turn in turns:
        conversation = conversation.with_turn(replace(turn, parent=conversation.head))
    return conversation


CALL = ToolCall(id="1", type="function", function=FunctionCall(name="look", arguments='{"a": 1}'))
FACTS = {
    "model": "scripted",
    "server": "practice",
    "parameters": {"temperature": 0.5, "stop": ["a b", "c"], "logprobs": True, "seed": 0},
    "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    "finish_reason": "stop",
    "timing": {"first_token_s": 0.1, "total_s": 1.0, "tokens_per_s": 2.0},
    "status": "complete",
}
EVERYTHING = chain(
    Turn(id="t1", prompt="plain", answers=[message("re")], cell_id="cell-1", facts=FACTS),
    Turn(
        id="t2",
        prompt="Look at {{data}} and\n{{more}}",
        content="Look at 1 and\n2",
        system="Be brief, 'please'.",
        answers=[message("one"), message("two", reasoning="why")],
        chosen=1,
        cell_id="cell-2",
        facts=FACTS,
    ),
    Turn(
        id="t3",
        prompt="with a picture",
        content=[{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": "d"}}],
        steps=[
            {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "look"}}]},
            {"role": "tool", "tool_call_id": "1", "content": "42"},
        ],
        answers=[message(None, tool_calls=[CALL])],
        cell_id="cell-3",
        facts=FACTS,
    ),
    Turn(
        id="t4",
        prompt="{{x}}",
        answers=[message("half")],
        status="stopped",
        cell_id="cell-4",
        facts={"status": "stopped"},
    ),
    Turn(
        id="t5",
        prompt="\n  spaced \n",
        status="failed",
        cell_id="cell-5",
        facts={"status": "failed"},
    ),
)


texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
turns = st.builds(
    Turn,
    id=st.uuids().map(str),
    prompt=texts,
    content=st.none() | texts,
    system=texts,
    answers=st.lists(st.builds(message, st.none() | texts, reasoning=st.none() | texts)),
    status=st.sampled_from(["complete", "stopped", "failed"]),
    cell_id=st.none() | texts,
    facts=st.dictionaries(names.map("a fact: {}".format), st.integers(0, 9) | texts),
)


chains = st.lists(turns, max_size=3).map(lambda them: chain(*them))


@given(st.dictionaries(names, chains, min_size=1, max_size=2))
def test_json_gives_back_exactly_what_went_in(chosen: dict[str, Conversation]) -> None:
    current = next(iter(chosen))
    found = read_document(to_document(chosen, current))
    assert found.conversations == chosen
    assert found.current == current


@given(names, st.lists(turns, min_size=1, max_size=4))
def test_a_notebook_gives_back_its_turns(name: str, them: list[Turn]) -> None:
    cells = [replace(turn, cell_id=turn.id, facts=FACTS | {"status": turn.status}) for turn in them]
    conversation = chain(*cells)
    text = to_notebook({name: conversation})
    nbformat.validate(nbformat.reads(text, as_version=4))
    assert read_notebook(text).conversations == {name: conversation}


def test_a_notebook_gives_back_tools_answers_pictures_and_what_was_sent() -> None:
    found = read_notebook(to_notebook({"main": EVERYTHING}))
    assert found.conversations == {"main": EVERYTHING}


def test_the_cells_of_a_notebook_ask_the_same_again() -> None:
    notebook = json.loads(to_notebook({"my plans": EVERYTHING}))
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    assert sources[0] == "%load_ext chatwidget"
    assert sources[1] == (
        "%%chat --model=scripted --temperature=0.5 '--stop=a b' --stop=c --logprobs --seed=0 "
        "--server practice -c 'my plans'\nplain"
    )
    assert "'--system=Be brief, '\"'\"'please'\"'\"'.'" in sources[2]
    assert sources[2].endswith("\nLook at 1 and\n2")
    assert sources[4] == "%%chat -c 'my plans' --no-vars\n{{x}}"


@pytest.mark.parametrize(
    ("system", "parameters"),
    [
        ("two\nlines", {}),
        ("", {"response_format": "Answer"}),
        ("", {"temperature": 99}),
        ("", {"nonsense": 1}),
    ],
)
def test_what_no_flag_can_say_is_left_out(system: str, parameters: dict[str, Any]) -> None:
    turn = Turn(prompt="a", system=system, facts={"parameters": parameters})
    assert source_of(turn, "main") == "%%chat -c main\na"


@pytest.mark.parametrize(
    ("source", "prompts"),
    [
        ("%%chat -t 0\nWhy?\n", ["Why?"]),
        ("\n%%chat\n\nWhy?\n\nAnd how?", ["Why?\n\nAnd how?"]),
        ("# Once more\n\n#| echo: false\n%%chat -t 0\nWhy?\n", ["Why?"]),
        ("# %%chat\nprint(1)", []),
        ("%%chatty\nWhy?", []),
        ("%chat ask Why?", ["Why?"]),
        ("x = 1\n    %chat  ask Why me?  \n%chat ask How?", ["Why me?", "How?"]),
        ("print(1)", []),
        ("", []),
    ],
)
def test_a_cell_tells_its_prompts(source: str, prompts: list[str]) -> None:
    assert prompts_in(source) == prompts


def output(text: str, **facts: Any) -> dict[str, Any]:
    place = {"conversation": "main", "parent": None} | facts
    return {
        "output_type": "display_data",
        "data": {"text/plain": text},
        "metadata": {"chatwidget": place},
    }


def notebook(*cells: tuple[str, list[dict[str, Any]]]) -> str:
    return json.dumps(
        {
            "cells": [
                {"cell_type": "code", "id": f"c{number}", "source": source, "outputs": outputs}
                for number, (source, outputs) in enumerate(cells)
            ]
        }
    )


def prompts(conversation: Conversation) -> list[str]:
    return [turn.prompt for turn in conversation.path()]


def test_a_turn_whose_parent_is_gone_answers_to_the_one_above() -> None:
    text = notebook(
        ("%%chat\na", [output("1", turn="a2")]),
        ("%%chat\nb", [output("2", turn="b", parent="a1")]),
    )
    assert prompts(read_notebook(text).conversations["main"]) == ["a", "b"]


def test_cells_that_stand_in_another_order_than_they_ran_keep_the_order_of_the_turns() -> None:
    text = notebook(
        ("%%chat\nb", [output("2", turn="b", parent="a")]), ("%%chat\na", [output("1", turn="a")])
    )
    assert prompts(read_notebook(text).conversations["main"]) == ["a", "b"]


def test_turns_in_a_circle_do_not_hang_it() -> None:
    text = notebook(
        ("%%chat\na", [output("1", turn="a", parent="b")]),
        ("%%chat\nb", [output("2", turn="b", parent="a")]),
    )
    assert prompts(read_notebook(text).conversations["main"]) == ["a", "b"]


def test_a_copied_cell_is_read_once() -> None:
    cell = ("%%chat\na", [output("1", turn="a")])
    assert prompts(read_notebook(notebook(cell, cell)).conversations["main"]) == ["a"]


def test_several_questions_of_one_cell_are_told_apart() -> None:
    text = notebook(
        (
            "%chat ask a?\n%chat ask b?",
            [output("1", turn="a"), output("2", turn="b", parent="a")],
        )
    )
    path = read_notebook(text).conversations["main"].path()
    assert [(turn.prompt, turn.cell_id) for turn in path] == [("a?", "c0"), ("b?", "c0#2")]


@pytest.mark.parametrize(
    ("last", "current"), [("%%chat\nb", "plans"), ("%%chat -c plans\nb", "main")]
)
def test_the_current_conversation_is_the_last_one_that_no_flag_named(
    last: str, current: str
) -> None:
    text = notebook(
        ("%%chat\na", [output("1", turn="a")]),
        (last, [output("2", turn="b", conversation="plans")]),
    )
    assert read_notebook(text).current == current


def test_what_cannot_be_read_is_counted_and_the_rest_is_read() -> None:
    text = notebook(("%%chat\na", [output("1", turn="a")]), ("%%chat\nb", [output("2", turn=5)]))
    found = read_notebook(text)
    assert prompts(found.conversations["main"]) == ["a"]
    assert found.remarks == ("Of 1 output the metadata cannot be read.",)


def test_outputs_of_others_are_no_business_of_ours() -> None:
    text = notebook(
        ("x", [{"output_type": "stream", "text": "a"}, {"metadata": None}, "junk"]),
        ("%%chat --no-history\na", [output("1")]),
        ("%%chat\na", [output("1", turn="a")]),
    )
    assert prompts(read_notebook(text).conversations["main"]) == ["a"]


@pytest.mark.parametrize(
    ("reader", "text", "said"),
    [
        (read_document, "", "holds no conversations"),
        (read_document, "[]", "holds no conversations"),
        (read_document, '{"format": "x", "version": 1, "current": "a", "conversations": {}}', "x"),
        (read_notebook, "", "is no notebook"),
        (read_notebook, "[]", "is no notebook"),
        (read_notebook, '{"cells": [5]}', "is no notebook"),
        (read_notebook, '{"cells": []}', "holds no conversation"),
    ],
)
def test_another_file_is_refused(reader: Any, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        reader(text)


def test_a_document_of_a_later_version_asks_for_an_update() -> None:
    text = to_document({"a": Conversation()}, "a").replace('"version": 1', '"version": 2')
    with pytest.raises(ConfigurationError, match="version 2"):
        read_document(text)


def test_a_document_whose_turns_do_not_hang_together_is_refused() -> None:
    text = to_document({"a": chain(Turn(id="t", prompt="p"))}, "a")
    with pytest.raises(ConfigurationError, match="holds no conversations"):
        read_document(text.replace('"head": "t"', '"head": "u"'))


def test_markdown_reads_well() -> None:
    text = to_markdown("main", EVERYTHING)
    assert text.startswith("# main\n\n## 1\n\n> plain\n\nre\n\n*scripted · practice")
    assert "**Answer 2 of 2, the one that the conversation goes on with**" in text
    assert "*Result of the tool:*\n\n> 42" in text
    assert "stopped, so not sent on" in text


def test_nothing_in_the_markdown_runs() -> None:
    evil = "<script>alert(1)</script> ![x](http://e/x.png) [y](javascript:alert(1))"
    turn = Turn(
        prompt=evil,
        answers=[message(evil, reasoning=evil), message(None, tool_calls=[CALL])],
        steps=[{"role": "tool", "content": evil}],
        facts={"model": evil},
    )
    text = to_markdown(evil, chain(turn))
    assert "<script" not in text
    assert "![" not in text
    assert "](javascript:" not in text


# The commands


def tell(*told: Turn) -> None:
    session = current_session()
    for turn in told:
        session.change(lambda it, each=turn: it.with_turn(replace(each, parent=it.head)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.mark.parametrize("name", ["chat.json", "chat.ipynb"])
def test_what_is_exported_can_be_imported_after_a_restart(
    cells: Cells, folder: Path, name: str
) -> None:
    tell(*EVERYTHING.path())
    shown = cells.run(f"%chat export {name}")
    assert "has 1 conversation with 5 turns." in shown
    before = current_session().conversation
    current_session().conversations = {}
    assert "Read main with 5 turns" in cells.run(f"%chat import {name}")
    assert current_session().conversation == before


def test_what_is_exported_is_for_the_owner_alone_S35(cells: Cells, folder: Path) -> None:
    tell(Turn(prompt="a"))
    cells.run("%chat export chat.md")
    assert stat.S_IMODE((folder / "chat.md").stat().st_mode) == 0o600


def test_a_file_is_replaced_only_when_that_is_said(cells: Cells, folder: Path) -> None:
    (folder / "chat.md").write_text("mine")
    tell(Turn(prompt="a"))
    cells.run("%chat export chat.md")
    assert "--force" in str(cells.error)
    assert (folder / "chat.md").read_text() == "mine"
    cells.run("%chat export chat.md --force")
    assert (folder / "chat.md").read_text().startswith("# main")
    assert sorted(folder.iterdir()) == [folder / "chat.md"]


def test_all_conversations_are_exported_on_wish(cells: Cells, folder: Path) -> None:
    tell(Turn(prompt="a"))
    cells.run("%chat new plans")
    tell(Turn(prompt="b"))
    assert "2 conversations with 2 turns" in cells.run("%chat export chat.json --all")
    current_session().conversations = {}
    cells.run("%chat import chat.json")
    assert list(current_session().conversations) == ["main", "plans"]
    assert current_session().current == "plans"


def test_other_versions_are_said_to_be_left_out(cells: Cells, folder: Path) -> None:
    tell(Turn(prompt="a"), Turn(prompt="b"))
    cells.run("%chat undo")
    assert "Only a .json has the 1 other version" in cells.run("%chat export chat.md")
    assert "Only a .json" not in cells.run("%chat export chat.json")


def test_an_imported_conversation_replaces_none(cells: Cells, folder: Path) -> None:
    tell(Turn(prompt="a"))
    cells.run("%chat export chat.json")
    tell(Turn(prompt="b"))
    shown = cells.run("%chat import chat.json")
    assert "as main-2, since there is another main" in shown
    session = current_session()
    assert {name: prompts(it) for name, it in session.conversations.items()} == {
        "main": ["a", "b"],
        "main-2": ["a"],
    }
    assert session.current == "main-2"


def test_importing_what_is_there_already_adds_nothing(cells: Cells, folder: Path) -> None:
    tell(Turn(prompt="a"))
    cells.run("%chat export chat.json")
    cells.run("%chat import chat.json")
    assert list(current_session().conversations) == ["main"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%chat export", "%chat export chat.json"),
        ("%chat export chat", "is none of them"),
        ("%chat export chat.html", "is none of them"),
        ("%chat export nowhere/chat.json", "cannot be written: No such file"),
        ("%chat import", "%chat import chat.json"),
        ("%chat import chat.json", "cannot be read: No such file"),
        ("%chat import chat.md", "Markdown is to be read by people"),
        ("%chat import .", "is neither"),
        ("%chat import binary.json", "is no text"),
        ("%chat restore chat.ipynb", "cannot be read: No such file"),
        ("%chat restore", "%chat restore my-notebook.ipynb"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_next_step(
    cells: Cells, folder: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    (folder / "binary.json").write_bytes(b"\xff\xfe\x00")
    cells.run(line)
    assert isinstance(cells.error, ConfigurationError)
    assert said in str(cells.error)


def test_a_path_may_begin_with_a_tilde_or_hold_spaces(
    cells: Cells, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    cells.run("%chat export ~/chat.json")
    cells.run("%chat export my chat.json")
    cells.run('%chat export "your chat.json"')
    names = ["chat.json", "my chat.json", "your chat.json"]
    assert sorted(path.name for path in folder.iterdir()) == names


@pytest.mark.parametrize("teller", ["server", "code", "server's folder"])
def test_restore_finds_its_own_notebook(
    cells: Cells, folder: Path, monkeypatch: pytest.MonkeyPatch, teller: str
) -> None:
    (folder / "mine.ipynb").write_text(to_notebook({"main": EVERYTHING}))
    path = str(folder / "mine.ipynb")
    if teller == "code":
        cells.shell.user_ns["__vsc_ipynb_file__"] = path
    else:
        monkeypatch.setenv("JPY_SESSION_NAME", path if teller == "server" else "sub/mine.ipynb")
    shown = cells.run("%chat restore")
    assert "Read main with 5 turns from mine.ipynb" in shown
    assert "The notebook was saved on " in shown
    assert current_session().conversation == EVERYTHING
