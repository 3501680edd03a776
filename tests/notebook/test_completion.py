"""Tab completes flags, subcommands and names, in a notebook's way and in a terminal's."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from IPython.core.completer import provisionalcompleter

from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.magic.completion import names
from notebook.pages import until
from wire.replies import error, json_response

if TYPE_CHECKING:
    from pathlib import Path

    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer


def completed(cells: Cells, text: str) -> list[str]:
    """What the text may become in our eyes, with the cursor where the bar is."""
    return [text for text, origin in all_completed(cells, text) if origin == "chatwidget"]


def all_completed(cells: Cells, text: str) -> list[tuple[str, str]]:
    """What the text may become, and who says so."""
    offset, code = text.index("|"), text.replace("|", "", 1)
    with provisionalcompleter():
        found = list(cells.shell.Completer.completions(code, offset))
    return [(code[: each.start] + each.text + code[each.end :], each._origin) for each in found]


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes its time to load the practice model."""
    monkeypatch.setattr(names, "_PATIENCE", 30.0)


@pytest.fixture
def naming(cells: Cells) -> Cells:
    cells.run("sales = 1\ndef lookup(): pass\nclass Answer: pass\nshape = {'type': 'object'}")
    cells.run("_hidden = 1")
    return cells


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%%chat --te|", ["%%chat --temperature"]),
        ("%%chat -t 0 --stream-|", ["%%chat -t 0 --stream-to", "%%chat -t 0 --stream-options"]),
        ("\n%%chat --temp|\nHi", ["\n%%chat --temperature\nHi"]),
        ("# A comment\n\n%%chat --temp|\nHi", ["# A comment\n\n%%chat --temperature\nHi"]),
        ("# %%\n%%chat\n{{ sh|", ["# %%\n%%chat\n{{ shape"]),
        ("%%chat --format m|", ["%%chat --format markdown"]),
        ("%%chat --format=j|", ["%%chat --format=json"]),
        ("%%chat --reasoning-effort l|", ["%%chat --reasoning-effort low"]),
        ("%%chat --model pr|", ["%%chat --model practice", "%%chat --model practice-2gram"]),
        ("%%chat --model=practice-|", ["%%chat --model=practice-2gram"]),
        ("%%chat practice-|", ["%%chat practice-2gram"]),
        ("%%chat --server ol|", ["%%chat --server ollama"]),
        ("%%chat -c m|", ["%%chat -c main"]),
        ("%%chat --out s|", ["%%chat --out sales", "%%chat --out shape"]),
        ("%%chat --stream-to l|", ["%%chat --stream-to lookup"]),
        ("%%chat --tool |", ["%%chat --tool lookup"]),
        ("%%chat --tool lookup l|", ["%%chat --tool lookup lookup"]),
        ("%%chat --schema |", ["%%chat --schema Answer", "%%chat --schema shape"]),
        ("%%chat --image sa|", ["%%chat --image sales"]),
        ("%%chat\nLook at {{sa|", ["%%chat\nLook at {{sales"]),
        ("%%chat\nLook at {{sa|}} now", ["%%chat\nLook at {{sales}} now"]),
        ("%%chat\n{{ sh|", ["%%chat\n{{ shape"]),
        ("%chat und|", ["%chat undo"]),
        ("x = 1\n    %chat und|", ["x = 1\n    %chat undo"]),
        ("%chat set temp|", ["%chat set temperature="]),
        ("%chat set seed=1 temp|", ["%chat set seed=1 temperature="]),
        ("%chat set verbosity=l|", ["%chat set verbosity=low"]),
        ("%chat use olla|", ["%chat use ollama"]),
        ("%chat model practice-|", ["%chat model practice-2gram"]),
        ("%chat switch |", ["%chat switch main"]),
        ("%chat key --|", ["%chat key --save", "%chat key --forget", "%chat key --env"]),
        ("%chat allow l|", ["%chat allow lookup"]),
        ("%chat help penal|", ["%chat help penalties"]),
        ("%chat help und|", ["%chat help undo"]),
        ("%chat export --|", ["%chat export --all", "%chat export --force"]),
    ],
)
def test_tab_completes(naming: Cells, text: str, expected: list[str]) -> None:
    assert completed(naming, text) == expected
    assert [each for each, _ in all_completed(naming, text)] == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("%chat und|", "Take the last turn back, or the last two"),
        ("%chat use|", "Ask another server"),
        ("%chat help undo|", "Take the last turn back, or the last two"),
        ("%chat help penal|", "topic"),
        ("%%chat --dry|", "show what would be sent, and send nothing"),
        ("%%chat --temperat|", PARAMETERS["temperature"].help),
        ("%chat use olla|", "server"),
    ],
)
def test_what_is_offered_says_what_it_does(cells: Cells, text: str, shown: str) -> None:
    with provisionalcompleter():
        (found, *_) = cells.shell.Completer.completions(text[:-1], len(text) - 1)
    assert found.type == shown


def test_every_command_and_flag_says_what_it_does_in_a_few_words(cells: Cells) -> None:
    for text in ("%chat ", "%%chat --"):
        with provisionalcompleter():
            found = list(cells.shell.Completer.completions(text, len(text)))
        assert not [each.text for each in found if not 8 <= len(each.type) <= 80]
        assert {each.type for each in found}.isdisjoint({"command", "flag"})


def test_nothing_typed_offers_all(cells: Cells) -> None:
    offered = completed(cells, "%%chat |")
    assert "%%chat practice" in offered
    assert "%%chat --dry-run" in offered
    assert "%chat history" in completed(cells, "%chat |")


def test_short_names_of_models_are_offered(cells: Cells) -> None:
    cells.run("%chat alias fast practice-2gram")
    assert completed(cells, "%%chat -m fa|") == ["%%chat -m fast"]


def test_what_is_allowed_can_be_disallowed(naming: Cells) -> None:
    naming.run("%chat allow lookup")
    assert completed(naming, "%chat disallow |") == ["%chat disallow lookup"]


def test_what_is_set_can_be_unset(cells: Cells) -> None:
    cells.run("%chat set seed=1 n=2")
    assert completed(cells, "%chat unset |") == ["%chat unset seed", "%chat unset n"]


def test_conversations_are_offered_by_name(cells: Cells) -> None:
    cells.run("%%chat -c plans\nHi")
    assert completed(cells, "%%chat --conversation pl|") == ["%%chat --conversation plans"]
    assert completed(cells, "%chat switch p|") == ["%chat switch plans"]


def test_files_are_offered_by_their_suffix(
    cells: Cells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.json", "a.py", "a.ipynb", ".a.json"):
        (tmp_path / name).touch()
    (tmp_path / "a-folder").mkdir()
    (tmp_path / "a-folder" / "inner.json").touch()
    monkeypatch.chdir(tmp_path)
    assert completed(cells, "%chat import a|") == [
        "%chat import a-folder/",
        "%chat import a.ipynb",
        "%chat import a.json",
    ]
    assert completed(cells, "%chat import a-folder/|") == ["%chat import a-folder/inner.json"]
    assert completed(cells, "%chat restore a.|") == ["%chat restore a.ipynb"]
    assert completed(cells, f"%chat import {tmp_path}/a.j|") == [f"%chat import {tmp_path}/a.json"]
    assert completed(cells, "%chat import nowhere/|") == []
    assert "%%chat --file a.py" in completed(cells, "%%chat --file a|")


@pytest.mark.parametrize("text", ["print(sa|", "sa|", "x = {{sa|", "text = '%chat und|'"])
def test_python_is_completed_as_without_us(naming: Cells, text: str) -> None:
    with_us = all_completed(naming, text)
    naming.run("%unload_ext chatwidget")
    assert with_us == all_completed(naming, text)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_the_older_way_to_ask_gets_the_same(naming: Cells) -> None:
    assert naming.shell.complete(None, "%%chat --te", 11) == ("--te", ["--temperature"])
    assert naming.shell.complete(None, "%chat und", 9) == ("und", ["undo"])


def test_unloading_leaves_nothing_behind(cells: Cells) -> None:
    cells.run("%reload_ext chatwidget")
    assert len(cells.shell.Completer.custom_matchers) == 1
    cells.run("%unload_ext chatwidget")
    assert cells.shell.Completer.custom_matchers == []


def test_a_server_is_asked_for_its_models_once(cells: Cells, server: ScriptedServer) -> None:
    server.otherwise(json_response({"data": [{"id": "small"}, {"id": "large"}]}))
    for _ in range(3):
        assert completed(cells, f"%%chat --server {server.url} -m sm|") == [
            f"%%chat --server {server.url} -m small"
        ]
    assert len(server.requests) == 1


def test_a_slow_server_is_waited_for_a_second_and_known_the_next_time(
    cells: Cells, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "_PATIENCE", 0.05)
    go_on = threading.Event()
    cells.run(f"%chat use {server.url}")
    server.reply(lambda connection: connection.wait(go_on), json_response({"data": [{"id": "s"}]}))
    began = time.monotonic()
    assert completed(cells, "%chat model |") == []
    assert time.monotonic() - began < 1.0
    go_on.set()
    until(lambda: completed(cells, "%chat model |"))
    assert completed(cells, "%chat model |") == ["%chat model s"]
    assert len(server.requests) == 1


def test_a_server_that_fails_offers_no_models_and_no_error(
    cells: Cells, server: ScriptedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.otherwise(json_response(error("no list"), 404))
    cells.run(f"%chat use {server.url}")
    assert completed(cells, "%chat model |") == []
    assert completed(cells, "%%chat --server nowhere -m |") == []
    assert capsys.readouterr() == ("", "")
