"""The session's settings as %config and configuration files see them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.chat.settings import ParameterTrait, Settings, server_address, settings_of
from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.magic.magics import load

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from notebook.conftest import Cells

SECRETS = ("key", "secret", "token", "password", "authorization")


def settings_in(cells: Cells) -> Any:
    settings = settings_of(cells.shell)
    assert settings is not None
    return settings


def test_every_parameter_is_a_trait_and_no_key_is() -> None:
    traits = Settings.class_traits(config=True)
    assert set(PARAMETERS) <= set(traits)
    known_to_be_none = {"prompt_cache_key", "max_tokens", "max_completion_tokens"}
    assert not [
        name for name in set(traits) - known_to_be_none if any(secret in name for secret in SECRETS)
    ]


def test_what_is_configured_is_what_the_session_begins_with(shell: InteractiveShell) -> None:
    shell.config.ChatMagics.server = "ollama"
    shell.config.ChatMagics.model = "small"
    shell.config.ChatMagics.system = "Be brief"
    shell.config.ChatMagics.format = "code"
    shell.config.ChatMagics.temperature = 0
    shell.config.ChatMagics.extra_body = {"top_k": 5}
    shell.run_line_magic("load_ext", "chatwidget")
    session = current_session()
    assert (session.server.name, session.model, session.system) == ("ollama", "small", "Be brief")
    assert session.settings.sent() == {"temperature": 0}
    assert session.extra_body == {"top_k": 5}
    assert session.settings.format == "code"


def test_a_session_that_is_older_than_the_magics_gets_it_too(shell: InteractiveShell) -> None:
    shell.config.ChatMagics.temperature = 0
    session = current_session()
    session.system = "Be brief"
    shell.run_line_magic("load_ext", "chatwidget")
    assert session.settings.temperature == 0
    assert session.system == "Be brief"


def test_what_was_changed_meanwhile_survives_a_reload(cells: Cells) -> None:
    cells.shell.config.ChatMagics.temperature = 0
    cells.run("%reload_ext chatwidget")
    cells.run("%chat set temperature=0.5")
    cells.run("%reload_ext chatwidget")
    assert current_session().settings.temperature == 0.5
    assert settings_in(cells).temperature == 0.5


def test_config_shows_and_changes_the_session(cells: Cells) -> None:
    cells.run("%chat set temperature=0.25")
    cells.run("%chat system Be brief")
    shown = cells.run("%config ChatMagics")
    assert "Current: 0.25" in shown
    assert "Current: 'Be brief'" in shown
    assert "Takes a number from 0 to 2." in " ".join(shown.split())
    cells.run("%config ChatMagics.temperature = 1")
    cells.run("%config ChatMagics.model = 'other'")
    cells.run("%config ChatMagics.format = 'text'")
    session = current_session()
    assert (session.settings.temperature, session.model, session.settings.format) == (
        1,
        "other",
        "text",
    )
    cells.run("%config ChatMagics.temperature = None")
    assert session.settings.sent() == {}


def test_config_chooses_the_server_as_use_does(cells: Cells) -> None:
    cells.run("%chat model some")
    cells.run("%config ChatMagics.server = 'http://127.0.0.1:1/v1'")
    assert current_session().server.base_url == "http://127.0.0.1:1/v1"
    assert server_address(settings_in(cells).server) == "http://127.0.0.1:1/v1"
    assert settings_in(cells).model == ""
    cells.run("%chat use vllm")
    assert settings_in(cells).server.name == "vllm"


def test_what_is_set_before_the_first_question_waits_for_it(cells: Cells) -> None:
    cells.run("%config ChatMagics.seed = 7")
    cells.run("%config ChatMagics.server = 'vllm'")
    cells.run("%config ChatMagics.model = 'm'")
    session = current_session()
    assert (session.settings.seed, session.server.name, session.model) == (7, "vllm", "m")


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("temperature", 9, ParameterError),
        ("stop", 5, ParameterError),
        ("server", "olama", ConfigurationError),
        ("server", "http://example.com/v1", ConfigurationError),
    ],
)
def test_a_value_that_cannot_be_is_refused_and_changes_nothing(
    cells: Cells, name: str, value: object, kind: type[Exception]
) -> None:
    current_session()
    before = getattr(settings_in(cells), name)
    with pytest.raises(kind):
        setattr(settings_in(cells), name, value)
    assert getattr(settings_in(cells), name) == before
    assert current_session().server.name == "practice"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("temperature", 9, "temperature takes a number from 0 to 2; got 9"),
        ("server", "olama", "Did you mean ollama?"),
        ("format", "html", "markdown"),
    ],
)
def test_a_wrong_configuration_is_one_short_error_and_nothing_is_loaded(
    shell: InteractiveShell, name: str, value: object, said: str
) -> None:
    shell.config.ChatMagics[name] = value
    with pytest.raises(ConfigurationError) as caught:
        load(shell)
    assert said in str(caught.value)
    assert "ipython_config.py" in str(caught.value)
    assert "chat" not in shell.magics_manager.magics["cell"]
    assert not [each for each in shell.configurables if isinstance(each, Settings)]


def test_unloading_takes_the_settings_out_of_config_and_leaves_them_to_the_session(
    cells: Cells,
) -> None:
    session, settings = current_session(), settings_in(cells)
    settings.seed = 1
    cells.run("%unload_ext chatwidget")
    assert settings not in cells.shell.configurables
    assert session.settings is settings
    assert session.settings.seed == 1


def test_a_value_has_one_home(cells: Cells) -> None:
    before = settings_in(cells)
    assert current_session().settings is before
    cells.run("%reload_ext chatwidget")
    assert settings_in(cells) is before
    assert [each for each in cells.shell.configurables if isinstance(each, Settings)] == [before]


def test_a_session_of_ones_own_is_not_configured(shell: InteractiveShell) -> None:
    shell.config.ChatMagics.temperature = 0
    shell.run_line_magic("load_ext", "chatwidget")
    assert ChatSession().settings.sent() == {}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("temperature", "0.5", 0.5), ("stop", "END", "END"), ("logprobs", "true", True)],
)
def test_a_value_from_a_command_line_is_read(name: str, text: str, value: object) -> None:
    assert ParameterTrait(PARAMETERS[name]).from_string(text) == value


CONFIGURATION = """
c.InteractiveShellApp.extensions = ["chatwidget"]
c.ChatMagics.server = "ollama"
c.ChatMagics.model = "small"
c.ChatMagics.temperature = 0.25
"""
SCRIPT = """
import sys
print("light:", not {"httpx", "ipywidgets", "chatwidget.client.client"} & set(sys.modules))
%chat
"""


def test_a_configuration_file_is_enough(tmp_path: Path) -> None:
    profile = tmp_path / "profile_default"
    profile.mkdir()
    (profile / "ipython_config.py").write_text(CONFIGURATION)
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    arguments = ["--simple-prompt", "--no-banner", "--no-confirm-exit", "--ChatMagics.seed=5"]
    ran = subprocess.run(
        [sys.executable, "-m", "IPython", *arguments],
        input=SCRIPT,
        env=environment | {"IPYTHONDIR": str(tmp_path), "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "light: True" in ran.stdout
    assert "ollama (http://127.0.0.1:11434/v1)" in ran.stdout
    assert "small" in ran.stdout
    assert "temperature=0.25, seed=5" in ran.stdout
