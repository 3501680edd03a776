"""Presets: settings under a name, which outlive the kernel."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.data_folder import data_folder
from chatwidget.panel.presets import Preset, Presets
from chatwidget.panel.settings import PresetBar

if TYPE_CHECKING:
    from pathlib import Path

    from chatwidget.chat.session import ChatSession


def test_a_preset_is_kept_in_the_users_folder() -> None:
    Presets().save("story", Preset({"temperature": 1.2, "stop": ["END"]}, "Be bold."))
    assert Presets().all() == {"story": Preset({"temperature": 1.2, "stop": ["END"]}, "Be bold.")}
    path = data_folder() / "presets.json"
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0
    Presets().remove("story")
    assert Presets().all() == {}


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"a": 1}', b"\xff\xfe", b'{"a": {"system": 2}}']
)
def test_a_file_that_cannot_be_read_counts_as_empty(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "presets.json"
    path.write_bytes(content)
    presets = Presets(path)
    assert presets.all() == {}
    presets.save("new", Preset({"n": 2}))
    assert list(presets.all()) == ["new"]


def test_functions_are_kept_by_their_names(tmp_path: Path) -> None:
    presets = Presets(tmp_path / "presets.json")
    presets.save("tools", Preset({"tools": [print]}))
    assert presets.all()["tools"].parameters == {"tools": ["print"]}


class Bar:
    """The line of presets, as a person uses it."""

    def __init__(self, session: ChatSession, presets: Presets | None = None) -> None:
        self.widget = PresetBar(session, presets or Presets())
        self.name, self._load, self._save, self._remove = self.widget.children[0].children

    def save(self, name: str) -> str:
        return self._press(self._save, name)

    def load(self, name: str) -> str:
        return self._press(self._load, name)

    def remove(self, name: str) -> str:
        return self._press(self._remove, name)

    def _press(self, button: Any, name: str) -> str:
        self.name.value = name
        button.click()
        said: str = self.widget.children[1].value
        return said


def test_settings_are_saved_and_loaded(session: ChatSession) -> None:
    bar = Bar(session)
    session.settings.temperature = 0.2  # type: ignore[attr-defined]
    session.system = "Be brief."
    assert bar.save("short") == "Saved as 'short'."
    session.settings.replace({"top_p": 0.5})
    session.system = ""
    assert bar.load("short") == "These are the settings of 'short'."
    assert session.settings.sent() == {"temperature": 0.2}
    assert session.system == "Be brief."
    assert bar.name.options == ("neutral", "short")
    assert bar.remove("short") == "Forgot 'short'."
    assert bar.name.options == ("neutral",)


def test_neutral_sends_nothing(session: ChatSession) -> None:
    session.settings.temperature = 0.2  # type: ignore[attr-defined]
    Bar(session).load("neutral")
    assert session.settings.sent() == {}


def test_what_cannot_be_used_is_named_and_nothing_else_is_lost(session: ChatSession) -> None:
    Presets().save("old", Preset({"temperature": 9, "top_p": 0.5, "gone": 1}))
    assert Bar(session).load("old").endswith("Left out: temperature, gone.")
    assert session.settings.sent() == {"top_p": 0.5}


def test_a_name_is_needed_and_one_that_is_not_there_is_told(session: ChatSession) -> None:
    bar = Bar(session)
    assert bar.save(" ") == "Type a name for these settings first."
    assert bar.save("neutral") == "Type a name for these settings first."
    assert bar.load("nothing") == "There is no preset 'nothing'."


def test_a_folder_that_cannot_be_written_is_told(session: ChatSession, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    said = Bar(session, Presets(file / "presets.json")).save("x")
    assert said.startswith("It could not be saved")
    assert Bar(session, Presets(file / "presets.json")).remove("x").startswith("It could not be")
