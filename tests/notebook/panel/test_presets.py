"""Presets: settings under a name, which outlive the kernel."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.request_config import RequestConfig
from chatwidget.client.data_folder import data_folder
from chatwidget.panel.presets import Presets
from notebook.pages import Page

if TYPE_CHECKING:
    from pathlib import Path

    from chatwidget.chat.session import ChatSession


def config(system: str | None = None, **parameters: Any) -> RequestConfig:
    return RequestConfig(parameters=parameters, system=system)


def test_a_preset_is_kept_in_the_users_folder() -> None:
    Presets().save("story", config("Be bold.", temperature=1.2, stop=["END"]))
    assert Presets().names() == ["story"]
    assert Presets().get("story") == config("Be bold.", temperature=1.2, stop=["END"])
    path = data_folder() / "presets.json"
    if os.name == "posix":
        assert path.stat().st_mode & 0o077 == 0
    Presets().remove("story")
    assert Presets().names() == []
    assert Presets().get("story") is None


def test_a_preset_names_no_server_and_no_model(session: ChatSession) -> None:
    session.model = "mine"
    Presets().save("story", session.settings.request_config())
    preset = Presets().get("story")
    assert preset is not None
    assert (preset.server, preset.model) == (None, "")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"a": 1}', b"\xff\xfe", b'{"a": {"system": 2}}', b"[" * 100_000]
)
def test_a_file_that_cannot_be_read_counts_as_empty_and_is_not_lost(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "presets.json"
    path.write_bytes(content)
    presets = Presets(path)
    assert presets.names() == []
    presets.save("new", config(n=2))
    assert presets.names() == ["new"]
    assert (tmp_path / "presets.unreadable.json").read_bytes() == content


def test_a_file_that_is_well_needs_no_copy(tmp_path: Path) -> None:
    presets = Presets(tmp_path / "presets.json")
    presets.save("one", config(n=2))
    presets.save("two", config(n=2))
    assert [path.name for path in tmp_path.iterdir()] == ["presets.json"]


def test_what_another_program_saved_is_there_and_stays(tmp_path: Path) -> None:
    one, other = Presets(tmp_path / "presets.json"), Presets(tmp_path / "presets.json")
    one.save("one", config(n=1))
    other.save("other", config(n=2))
    assert one.names() == ["one", "other"]


def test_functions_are_kept_by_their_names(tmp_path: Path) -> None:
    presets = Presets(tmp_path / "presets.json")
    presets.save("tools", config(tools=[print]))
    preset = presets.get("tools")
    assert preset is not None
    assert preset.parameters == {"tools": ["print"]}


def set_(session: ChatSession, **parameters: Any) -> None:
    session.settings.replace(parameters)


def test_settings_are_saved_loaded_and_brought_back(session: ChatSession) -> None:
    page = Page(session)
    set_(session, temperature=0.2)
    session.system = "Be brief."
    assert page.do("SavePreset", name=" short ") == "Saved as short."
    assert page.state["presets"] == ["short"]
    set_(session, top_p=0.5)
    session.system = ""
    assert page.do("LoadPreset", name="short") == "The settings are those of short."
    assert (session.settings.sent(), session.system) == ({"temperature": 0.2}, "Be brief.")
    assert page.undo == "Undo"
    assert page.do("Undo") == ""
    assert (session.settings.sent(), session.system) == ({"top_p": 0.5}, "")


def test_a_preset_that_is_saved_twice_is_the_second(session: ChatSession) -> None:
    page = Page(session)
    set_(session, temperature=0.2)
    page.do("SavePreset", name="short")
    set_(session, temperature=0.3)
    page.do("SavePreset", name="short")
    assert page.state["presets"] == ["short"]
    set_(session)
    page.do("LoadPreset", name="short")
    page.do("LoadPreset", name="short")
    assert session.settings.sent() == {"temperature": 0.3}
    page.do("Undo")  # the second time, nothing was changed
    page.do("Undo")
    assert session.settings.sent() == {"temperature": 0.3}


def test_no_preset_sends_nothing(session: ChatSession) -> None:
    page = Page(session)
    set_(session, temperature=0.2)
    session.system = "Be brief."
    assert page.do("LoadPreset", name="") == "No parameter is sent."
    assert (session.settings.sent(), session.system) == ({}, "Be brief.")
    page.do("Undo")
    assert session.settings.sent() == {"temperature": 0.2}


def test_a_preset_that_is_deleted_can_be_brought_back(session: ChatSession) -> None:
    page = Page(session)
    set_(session, temperature=0.2)
    page.do("SavePreset", name="short")
    page.do("SavePreset", name="other")
    assert page.do("DeletePreset", name="short") == "Forgot the preset short."
    assert page.state["presets"] == ["other"]
    page.do("Undo")
    assert page.state["presets"] == ["other", "short"]
    page.do("DeletePreset", name="short")
    page.do("Undo")
    page.do("Undo")
    assert Presets().get("short") == config(temperature=0.2)
    assert page.do("DeletePreset", name="nothing") == ""


def test_what_cannot_be_used_is_named_and_nothing_else_is_lost(session: ChatSession) -> None:
    Presets().save("old", config(temperature=9, top_p=0.5, gone=1))
    page = Page(session)
    said = page.do("LoadPreset", name="old")
    assert said.endswith("These could not be set: temperature, gone.")
    assert session.settings.sent() == {"top_p": 0.5}


def test_a_name_is_needed_and_one_that_is_not_there_is_told(session: ChatSession) -> None:
    page = Page(session)
    page.do("SavePreset", name=" ")
    assert Presets().names() == []
    assert page.do("LoadPreset", name="nothing") == "There is no preset 'nothing'."
    assert session.settings.sent() == {}


class _ReadOnly(Presets):
    """Presets on a medium that takes no more."""

    def _write(self, presets: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_what_cannot_be_written_is_told(session: ChatSession) -> None:
    Presets().save("x", config(n=2))
    page = Page(session, _ReadOnly())
    failure = "The presets could not be saved: Read-only file system."
    assert page.do("SavePreset", name="y") == failure
    assert page.do("DeletePreset", name="x") == failure
    assert page.undo == ""
    assert page.state["presets"] == ["x"]


def test_a_folder_that_is_a_file_is_told(session: ChatSession, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    page = Page(session, Presets(tmp_path / "file" / "presets.json"))
    assert page.do("SavePreset", name="x").startswith("The presets could not be saved")
