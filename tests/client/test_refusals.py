"""What servers refused is remembered, for a while, and nothing else with it."""

from __future__ import annotations

import json
import os
import stat
import threading
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from chatwidget.client.request.unsupported import (
    UnsupportedParameters,
    shared_unsupported_parameters,
)

if TYPE_CHECKING:
    from pathlib import Path

HERE, THERE = "http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "refusals.json"


def test_a_refusal_is_known_of_one_model_of_one_server() -> None:
    refusals = UnsupportedParameters()
    refusals.learn(HERE, "m", "top_p", "No top_p.")
    refusals.learn(HERE, "m", "seed", "No seed.")
    assert refusals.known(HERE, "m") == {"top_p": "No top_p.", "seed": "No seed."}
    assert refusals.known(HERE, "other") == refusals.known(THERE, "m") == {}


@pytest.mark.parametrize("name", ["model", "messages", "stream", "top_k", ""])
def test_what_cannot_be_left_out_cannot_be_refused(name: str) -> None:
    refusals = UnsupportedParameters()
    with pytest.raises(ValueError, match="no parameter that could be left out"):
        refusals.learn(HERE, "m", name, "No.")
    assert refusals.known(HERE, "m") == {}


def test_a_session_knows_what_an_earlier_one_learned(path: Path) -> None:
    UnsupportedParameters(path).learn(HERE, "m", "top_p", "No.")
    assert UnsupportedParameters(path).known(HERE, "m") == {"top_p": "No."}


def test_two_sessions_keep_each_others_refusals(path: Path) -> None:
    one, other = UnsupportedParameters(path), UnsupportedParameters(path)
    one.learn(HERE, "m", "top_p", "No.")
    other.learn(HERE, "m", "seed", "No.")
    assert UnsupportedParameters(path).known(HERE, "m").keys() == {"top_p", "seed"}


def test_threads_keep_each_others_refusals(path: Path) -> None:
    refusals = UnsupportedParameters(path)
    names = ["top_p", "seed", "n", "stop", "store", "user"]
    threads = [
        threading.Thread(target=refusals.learn, args=(HERE, "m", name, "No.")) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (
        refusals.known(HERE, "m").keys()
        == UnsupportedParameters(path).known(HERE, "m").keys()
        == set(names)
    )


def test_a_refusal_is_asked_again_after_a_month(path: Path) -> None:
    learned = date(2026, 1, 1)
    UnsupportedParameters(path, lambda: learned).learn(HERE, "m", "top_p", "No.")
    late, too_late = (learned + timedelta(days) for days in (29, 30))
    assert UnsupportedParameters(path, lambda: late).known(HERE, "m") == {"top_p": "No."}
    assert UnsupportedParameters(path, lambda: too_late).known(HERE, "m") == {}


def test_the_name_of_the_limit_is_a_habit_of_the_server() -> None:
    refusals = UnsupportedParameters()
    refusals.learn(HERE, "m", "max_tokens", "No.")
    assert refusals.known(HERE, "other") == {"max_tokens": "No."}
    assert refusals.known(THERE, "m") == {}
    refusals.learn(HERE, "other", "max_completion_tokens", "No.")
    assert refusals.known(HERE, "other") == {"max_completion_tokens": "No."}
    assert refusals.known(HERE, "third") == {"max_completion_tokens": "No."}
    assert refusals.known(HERE, "m") == {"max_tokens": "No."}


def test_refusals_can_be_forgotten(path: Path) -> None:
    refusals = UnsupportedParameters(path)
    for server in (HERE, THERE):
        for model in ("m", "other"):
            refusals.learn(server, model, "top_p", "No.")
    refusals.learn(HERE, "m", "max_tokens", "No.")
    refusals.forget(HERE, "m")
    assert refusals.known(HERE, "m") == {}
    assert refusals.known(HERE, "other") == {"top_p": "No."}
    refusals.forget(model="other")
    assert refusals.known(HERE, "other") == refusals.known(THERE, "other") == {}
    refusals.forget(THERE)
    assert refusals.known(THERE, "m") == {}
    refusals.forget("http://nowhere.invalid")
    refusals.learn(HERE, "m", "top_p", "No.")
    refusals.forget()
    assert UnsupportedParameters(path).known(HERE, "m") == {}
    assert json.loads(path.read_bytes())["servers"] == {}


def test_the_file_is_for_the_user_alone(path: Path) -> None:
    UnsupportedParameters(path).learn(HERE, "m", "top_p", "No.")
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_the_file_holds_no_key_and_no_long_text(path: Path) -> None:
    UnsupportedParameters(path).learn(
        HERE, "m", "top_p", "Key sk-canary0123456789 " + "words " * 100
    )
    stored = path.read_text()
    assert "canary" not in stored
    (entry,) = json.loads(stored)["servers"][HERE]["m"].values()
    assert entry.keys() == {"reason", "day"}
    assert len(entry["reason"]) == 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"version": 2, "servers": {}}',
        b'{"version": 1, "servers": {"s": {"m": {"top_p": "No."}}}}',
        b'{"version": 1, "servers": {"s": {"m": {"top_p": {"reason": "No.", "day": "soon"}}}}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_empty_and_written_anew(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    refusals = UnsupportedParameters(path)
    assert refusals.known(HERE, "m") == {}
    refusals.learn(HERE, "m", "top_p", "No.")
    assert UnsupportedParameters(path).known(HERE, "m") == {"top_p": "No."}


def test_a_file_that_cannot_be_written_is_let_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "refusals.json", tmp_path / "folder"):
        refusals = UnsupportedParameters(path)
        refusals.learn(HERE, "m", "top_p", "No.")
        assert refusals.known(HERE, "m") == {"top_p": "No."}
    assert len(list(tmp_path.iterdir())) == 2


def test_the_shared_refusals_lie_in_the_users_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATWIDGET_DATA", str(tmp_path))
    shared_unsupported_parameters().learn(HERE, "m", "top_p", "No.")
    assert shared_unsupported_parameters() is shared_unsupported_parameters()
    assert (tmp_path / "refusals.json").exists()
    monkeypatch.delenv("CHATWIDGET_DATA")
    monkeypatch.setattr("platformdirs.user_data_dir", lambda name: str(tmp_path / name))
    assert shared_unsupported_parameters().known(HERE, "m") == {}
    assert not (tmp_path / "chatwidget").exists()
