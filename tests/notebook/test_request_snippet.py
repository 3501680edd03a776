"""What a question sends can be written down, and read back."""

from __future__ import annotations

import ast
import json
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatwidget.chat.request_config import RequestConfig
from chatwidget.client.auth.servers import PROFILES, Server
from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.client.wire.types import ChatCompletionMessage
from chatwidget.prompt.request_snippet import (
    as_curl,
    as_magic,
    as_official,
    as_python,
    read_request,
    request_messages,
)
from notebook.requests_to_write import JSON, TEXTS, configs

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = "canary-7f3c1d90ab"
OPENAI = PROFILES["openai"]
REMOTE = Server("a-server", "https://example.com/v1", key_variable="EXAMPLE_KEY")
LOCAL = PROFILES["vllm"]
WRITERS = [as_python, as_official, as_curl]
HISTORY: list[Any] = [
    {"role": "user", "content": "Who is it?"},
    ChatCompletionMessage(role="assistant", content='It\'s\n"me".'),
]
thorough = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@dataclass
class City:
    """A city."""

    name: str


def add(a: int, b: int) -> int:
    """Add."""
    return a + b


def said(config: RequestConfig) -> tuple[str, str | None, dict[str, Any], dict[str, Any]]:
    """All but the server."""
    return config.model, config.system, dict(config.parameters), dict(config.extra_body)


def in_a_line(config: RequestConfig) -> RequestConfig:
    """What a magic line can say of a configuration."""
    parameters = dict(config.parameters)
    if isinstance(parameters.get("stop"), str):
        parameters["stop"] = [parameters["stop"]]
    return replace(config, parameters=parameters)


@pytest.mark.parametrize("write", WRITERS)
@thorough
@given(data=st.data())
def test_a_program_says_all_of_it(
    write: Callable[[RequestConfig, Any], str], data: st.DataObject
) -> None:
    config = data.draw(configs(OPENAI))
    text = write(config, request_messages(config, HISTORY, data.draw(TEXTS)))
    read = read_request(text)
    assert said(read) == said(config)
    assert read.server == OPENAI


@thorough
@given(configs(OPENAI))
def test_a_magic_line_says_what_one_line_can(config: RequestConfig) -> None:
    line = as_magic(config)
    assert len(line.splitlines()) == 1
    read, expected = read_request(f"\n# a cell\n{line}\nHi\n"), in_a_line(config)
    assert (read.parameters, read.extra_body) == (expected.parameters, expected.extra_body)
    assert read.model in (config.model, "")
    assert read.system in (config.system, None)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1))
def test_a_magic_line_has_models_and_system_messages_of_one_line(text: str) -> None:
    read = read_request(as_magic(RequestConfig(server=OPENAI, model=text, system=text)))
    assert (read.model, read.system) == (text, text)


@pytest.mark.parametrize("end", ["\n", "\r", "\x0b", "\x1c", "\x85", "\u2028", "\x00", "\x1b"])
def test_a_system_message_of_several_lines_is_left_out_of_the_line(end: str) -> None:
    assert as_magic(RequestConfig(server=OPENAI, system=f"Be{end}brief")) == "%%chat"


def test_an_empty_system_message_is_none() -> None:
    config = RequestConfig(server=OPENAI, model="m", system="")
    texts = [as_magic(config), *(write(config, "Hi") for write in WRITERS)]
    assert {read_request(text).system for text in texts} == {None}


@pytest.mark.parametrize("name", ["", "a=b", " a", "a\nb"])
def test_a_field_whose_name_no_flag_can_hold_is_left_out_of_the_line(name: str) -> None:
    assert (
        as_magic(RequestConfig(server=OPENAI, extra_body={name: 1, "b": 2})) == "%%chat --set=b=2"
    )


@given(JSON)
def test_whatever_json_holds_comes_back_from_all_forms(value: Any) -> None:
    config = RequestConfig(server=OPENAI, model="m", extra_body={"field": value})
    texts = [as_magic(config), *(write(config, "Hi") for write in WRITERS)]
    for text in texts:
        assert read_request(text).extra_body == {"field": value}


@pytest.mark.parametrize("write", WRITERS)
def test_all_messages_are_written(write: Callable[[RequestConfig, Any], str]) -> None:
    config = RequestConfig(server=OPENAI, model="m", system="Be brief.")
    text = write(config, request_messages(config, HISTORY, "And you?"))
    assert all(part in text for part in ("Be brief.", "Who is it?", "me", "And you?"))
    assert text.count("role") == 4


def test_messages_are_those_of_the_session() -> None:
    config = RequestConfig(system="Be brief.")
    assert [each["role"] for each in map(as_dict, request_messages(config, HISTORY, "Hi"))] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    assert request_messages(RequestConfig(), [], "Hi") == [{"role": "user", "content": "Hi"}]


def as_dict(message: Any) -> dict[str, Any]:
    return message if isinstance(message, dict) else {"role": message.role}


def test_python_writes_functions_and_types_by_their_names() -> None:
    config = RequestConfig.of(server=OPENAI, model="m", tools=[add], response_format=City)
    program = as_python(config, "Hi")
    assert "tools=[add]," in program
    assert "response_format=City," in program
    assert as_magic(config) == "%%chat --model=m --tool add --schema City"


@pytest.mark.parametrize("kind", [list[int], list[City], int | None])
def test_what_has_no_name_of_its_own_is_described(kind: Any) -> None:
    config = RequestConfig.of(server=OPENAI, tools=[lambda word: word], response_format=kind)
    program = as_python(config, "Hi")
    assert "json_schema" in program
    assert "'properties': {'word'" in program
    ast.parse(program)
    assert as_magic(config) == "%%chat"


@pytest.mark.parametrize("write", [as_official, as_curl])
def test_elsewhere_functions_and_types_are_described(
    write: Callable[[RequestConfig, Any], str],
) -> None:
    config = RequestConfig.of(server=OPENAI, model="m", tools=[add], response_format=City)
    read = read_request(write(config, "Hi")).parameters
    assert read["tools"][0]["function"]["name"] == "add"
    assert read["response_format"]["json_schema"]["name"] == "City"


def test_functions_beside_described_tools_stand_in_one_line() -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    line = as_magic(RequestConfig.of(server=OPENAI, tools=[add, tool]))
    assert shlex.split(line)[1:] == [f"--tools=[{json.dumps(tool)}]", "--tool", "add"]


@pytest.mark.parametrize("write", [as_official, as_curl])
def test_a_server_in_this_process_has_no_address(
    write: Callable[[RequestConfig, Any], str],
) -> None:
    assert "chatwidget.practice --port" in write(RequestConfig(server=PROFILES["practice"]), "Hi")


def test_the_key_comes_from_the_environment_by_name() -> None:
    config = RequestConfig(server=REMOTE, model="m")
    assert "api_key=os.environ['EXAMPLE_KEY']," in as_official(config, "Hi")
    assert '"Authorization: Bearer $EXAMPLE_KEY"' in as_curl(config, "Hi")


def test_the_model_is_left_to_the_server_that_has_one() -> None:
    assert "model=" not in as_python(RequestConfig(), "Hi")
    assert as_magic(RequestConfig()) == "%%chat"
    assert as_magic(RequestConfig(server=PROFILES["practice"])) == "%%chat --model=practice"


def test_a_server_without_a_key_gets_a_placeholder() -> None:
    config = RequestConfig(server=LOCAL, model="m")
    program = as_official(config, "Hi")
    assert "api_key='none',  # the client insists on one" in program
    assert "import os" not in program
    assert "Authorization" not in as_curl(config, "Hi")


def test_options_of_a_stream_are_sent_with_a_stream() -> None:
    config = RequestConfig.of(server=OPENAI, model="m", stream_options={"include_usage": True})
    assert "stream=True," in as_official(config, "Hi")
    assert '"stream": true' in as_curl(config, "Hi")
    assert "stream_to=sys.stdout," in as_python(config, "Hi")
    assert "stream=True" not in as_official(RequestConfig(server=OPENAI, model="m"), "Hi")


def test_a_body_too_long_for_an_argument_is_a_document() -> None:
    config = RequestConfig.of(server=OPENAI, model="m", user="$HOME '`\\")
    command = as_curl(config, "x" * 200_000)
    assert "--data-binary @- <<'END_OF_BODY'\n{" in command
    assert said(read_request(command)) == said(config)


@pytest.mark.parametrize("write", [as_magic, *WRITERS])
def test_no_key_is_written(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "EXAMPLE_KEY"):
        monkeypatch.setenv(variable, CANARY)
    fields = {"api_key": CANARY, "Authorization": CANARY, "extra_headers": {"x": CANARY}, "k": 1}
    for server in (OPENAI, REMOTE, LOCAL):
        config = RequestConfig(server=server, model="m", extra_body=fields)
        text = write(config) if write is as_magic else write(config, "Hi")
        assert CANARY not in text
        assert read_request(text).extra_body == {"k": 1}


@pytest.mark.parametrize("write", WRITERS)
def test_what_cannot_be_sent_is_not_written(write: Callable[[RequestConfig, Any], str]) -> None:
    config = RequestConfig(server=OPENAI, model="m", extra_body={"field": object()})
    with pytest.raises(ParameterError, match="field holds a value"):
        write(config, "Hi")


def test_a_program_names_its_server() -> None:
    config = RequestConfig(server=PROFILES["ollama"], model="m")
    assert "ChatClient('ollama')" in as_python(config, "Hi")
    assert read_request(as_python(config, "Hi")).server is PROFILES["ollama"]
    with pytest.raises(ConfigurationError, match="no server profile"):
        read_request(as_python(config, "Hi").replace("ollama", "olama"))
