"""What is written down runs: as a program, for the vendor's client, and in a shell."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from chatwidget.chat.request_config import RequestConfig
from chatwidget.prompt.request_snippet import as_curl, as_official, as_python, request_messages

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "canary-7f3c1d90ab"
PARAMETERS: dict[str, Any] = {
    "temperature": 0,
    "seed": 7,
    "max_tokens": 12,
    "stop": ["it's", "$HOME `x` \\"],
    "user": 'a "user" \\ 🤖\n',
    "metadata": {"note": "it's\n$HOME"},
}


def look_up(word: str, times: int = 1) -> str:
    """Look a word up."""
    return word * times


def run(command: list[str], script: str = "", **variables: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    done = subprocess.run(
        command,
        input=script,
        env=kept | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_python(program: str, **variables: str) -> str:
    return run([sys.executable, "-c", program], **variables)


def run_curl(command: str, **variables: str) -> dict[str, Any]:
    """Run a command in a shell, or send what it says where there is no curl."""
    if shutil.which("curl"):
        answer: dict[str, Any] = json.loads(run(["sh"], command, **variables))
        return answer
    _, url, *options = shlex.split(command.replace("$OPENAI_API_KEY", KEY))
    given = list(zip(options[::2], options[1::2], strict=True))
    headers = dict(value.split(": ", 1) for name, value in given if name == "-H")
    (body,) = (value for name, value in given if name == "-d")
    told: dict[str, Any] = httpx.post(url, content=body, headers=headers).json()
    return told


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A practice server that takes one key only."""
    command = [sys.executable, "-m", "chatwidget.practice", "--port", "0", "--pace", "0"]
    command += ["--api-key-variable", "PRACTICE_KEY"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PRACTICE_KEY": KEY}
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().removeprefix("%chat use ").strip()
        finally:
            process.kill()


@pytest.fixture
def config(address: str, monkeypatch: pytest.MonkeyPatch) -> RequestConfig:
    """A request to that server, which the environment names with its key."""
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    return RequestConfig.validated(
        PARAMETERS, server=address, model="practice", system='It\'s\n"brief" $HOME.'
    )


def messages(config: RequestConfig) -> list[Any]:
    history: list[Any] = [
        {"role": "user", "content": "Hi, it's `me`\\"},
        {"role": "assistant", "content": "Hello."},
    ]
    return request_messages(config, history, "What does the temperature do?")


def test_all_programs_get_the_same_answer(config: RequestConfig, address: str) -> None:
    asked = messages(config)
    own = run_python(as_python(config, asked), OPENAI_BASE_URL=address, OPENAI_API_KEY=KEY)
    official = run_python(as_official(config, asked), OPENAI_API_KEY=KEY)
    curl = run_curl(as_curl(config, asked), OPENAI_API_KEY=KEY)
    assert own.startswith("The temperature")
    assert official == own
    assert curl["choices"][0]["message"]["content"] == own.removesuffix("\n")


def test_functions_and_types_are_taken_by_the_server(config: RequestConfig) -> None:
    more = RequestConfig.of(tools=[look_up], response_format=list[int])
    asked = messages(config)
    assert "ChatCompletionMessage(" in run_python(
        as_official(more.over(config), asked), OPENAI_API_KEY=KEY
    )
    assert "choices" in run_curl(as_curl(more.over(config), asked), OPENAI_API_KEY=KEY)


def test_other_fields_reach_the_server(config: RequestConfig) -> None:
    asked = messages(config)
    other = RequestConfig.of(extra_body={"x_field": [True, None]}).over(config)
    answer = run_curl(as_curl(other, asked), OPENAI_API_KEY=KEY)
    assert answer["error"]["message"] == "Unknown parameter: 'x_field'."
    with pytest.raises(AssertionError, match="Unknown parameter: 'x_field'"):
        run_python(as_official(other, asked), OPENAI_API_KEY=KEY)


def test_options_of_a_stream_work(config: RequestConfig, address: str) -> None:
    asked = messages(config)
    streamed = config.with_parameters(stream_options={"include_usage": True})
    whole = run_python(as_official(config, asked), OPENAI_API_KEY=KEY)
    assert run_python(as_official(streamed, asked), OPENAI_API_KEY=KEY) == whole.strip()
    own = run_python(as_python(streamed, asked), OPENAI_BASE_URL=address, OPENAI_API_KEY=KEY)
    assert own.strip() == whole.strip()


@pytest.mark.skipif(not shutil.which("curl"), reason="a document needs a shell and curl")
def test_a_body_too_long_for_an_argument_is_sent(config: RequestConfig) -> None:
    long = [{"role": "user", "content": "it's $HOME\n" * 20_000}]
    answer = run_curl(as_curl(config, long), OPENAI_API_KEY=KEY)
    assert answer["usage"]["prompt_tokens"] > 20_000


def test_a_wrong_key_would_not_do(config: RequestConfig) -> None:
    answer = run_curl(as_curl(config, messages(config)), OPENAI_API_KEY="other-key")
    assert answer["error"]["code"] == "invalid_api_key"
