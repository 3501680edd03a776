"""Small files that several processes change at once, and that lose nothing whatever is in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.request_config import RequestConfig
from chatwidget.client import json_store
from chatwidget.client.json_store import JsonStore
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.request.unsupported import UnsupportedParameters
from chatwidget.panel.presets import Presets

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = [name for name in PARAMETERS if name not in ("max_tokens", "max_completion_tokens")][:12]

WRITERS: dict[str, Callable[[Path, str], object]] = {
    "refusals.json": lambda path, name: UnsupportedParameters(path).learn("s", name, "n", "No."),
    "presets.json": lambda path, name: Presets(path).save(name, RequestConfig()),
}
READERS: dict[str, Callable[[Path], set[str]]] = {
    "refusals.json": lambda path: set(json.loads(path.read_text())["servers"]["s"]),
    "presets.json": lambda path: set(Presets(path).names()),
}

PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from client.test_json_store import WRITERS
sys.stdin.readline()
for number in range(40):
    WRITERS[Path(sys.argv[1]).name](Path(sys.argv[1]), f"{sys.argv[2]}-{number}")
"""


@pytest.mark.parametrize("name", WRITERS)
def test_processes_that_write_at_once_lose_nothing_of_each_other(tmp_path: Path, name: str) -> None:
    path, tests = tmp_path / "data" / name, Path(__file__).parents[1]
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(path), writer, "", str(tests)],
            stdin=subprocess.PIPE,
            text=True,
        )
        for writer in "abc"
    ]
    for writer in writers:
        writer.communicate("\n", timeout=60)
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert READERS[name](path) == {f"{each}-{number}" for each in "abc" for number in range(40)}
    assert [each.name for each in path.parent.iterdir()] == [name]


@pytest.mark.parametrize("name", WRITERS)
def test_threads_that_write_at_once_lose_nothing_of_each_other(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    threads = [
        threading.Thread(target=WRITERS[name], args=(path, f"t{number}")) for number in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert READERS[name](path) == {f"t{number}" for number in range(30)}


REFUSED = (
    b'{"version": 1, "servers": {"s": {"good": {"n": {"reason": "No.", "day": "2026-11-01"}%b}'
)
DAMAGED: dict[str, tuple[str, bytes]] = {
    "an odd preset": ("presets.json", b'{"good": {"system": "Hi"}, "odd": {"parameters": 3}}'),
    "a preset of another kind": ("presets.json", b'{"good": {"system": "Hi"}, "odd": 7}'),
    "no presets": ("presets.json", b'[{"good": 1}]'),
    "half a file": ("presets.json", b'{"good": {"sys'),
    "an odd refusal": (
        "refusals.json",
        REFUSED % b', "seed": {"reason": 5, "day": "2026-11-01"}}}}',
    ),
    "a model of another kind": (
        "refusals.json",
        REFUSED % b'}, "other": 7}, "t": []}',
    ),
    "a later version": ("refusals.json", b'{"version": 2, "servers": {}}'),
    "no text": ("refusals.json", b"\xff\xfe"),
}


@pytest.mark.parametrize(("name", "content"), DAMAGED.values(), ids=DAMAGED)
def test_what_cannot_be_read_is_kept_and_all_else_stays(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    WRITERS[name](path, "new")
    WRITERS[name](path, "newer")
    copy = path.with_suffix(".unreadable.json")
    assert copy.read_bytes() == content
    good = {"good"} if b'"good": {"sys' in content[:20] and b"odd" in content else set()
    good |= {"good"} if b'"good": {"n"' in content else set()
    assert READERS[name](path) == {"new", "newer"} | good
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([name, copy.name])


def test_each_damage_has_a_copy_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "presets.json"
    for content in (b"one", b"two", b"one", b"three"):
        path.write_bytes(content)
        Presets(path).save("new", RequestConfig())
    copies = {each.name: each.read_bytes() for each in tmp_path.iterdir() if each != path}
    assert copies == {
        "presets.unreadable.json": b"one",
        "presets.unreadable-2.json": b"two",
        "presets.unreadable-3.json": b"three",
    }


class Full:
    """A file on a full disk."""

    def __init__(self, handle: int, *_: Any) -> None:
        self._handle = handle

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def write(self, data: bytes) -> None:
        os.write(self._handle, data[:3])
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("content", [b'{"good": {"system": "Hi"}}', b"damaged"], ids=str)
def test_a_full_disk_leaves_the_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    path = tmp_path / "presets.json"
    path.write_bytes(content)
    monkeypatch.setattr(json_store.os, "fdopen", Full)
    for number in range(3):
        with pytest.raises(OSError, match="No space left"):
            Presets(path).save(f"new {number}", RequestConfig())
        UnsupportedParameters(tmp_path / "refusals.json").learn("s", "m", "n", "No.")
    assert [each.name for each in tmp_path.iterdir()] == ["presets.json"]
    assert path.read_bytes() == content


def test_a_file_that_cannot_replace_the_other_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        Presets(tmp_path / "presets.json").save("new", RequestConfig())
    UnsupportedParameters(tmp_path / "refusals.json").learn("s", "m", "n", "No.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the lock of other systems")
def test_whoever_waits_too_long_for_the_lock_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    monkeypatch.setattr(json_store, "_PATIENCE", 0.05)
    store = JsonStore(tmp_path / "some.json", lambda found: (found or {}, found is not None))
    held = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(TimeoutError):
        store.change(lambda content: content.update(a=1))
    os.close(held)
    store.change(lambda content: content.update(a=1))
    assert store.read() == {"a": 1}


def test_a_folder_that_is_not_there_is_made_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "presets.json"
    assert Presets(path).names() == []
    Presets(path).save("one", RequestConfig())
    assert Presets(path).names() == ["one"]
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0
