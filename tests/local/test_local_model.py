"""A real model answers on this machine; nothing depends on what it says."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from chatwidget import APIError, AsyncChatClient, BadRequestError, ChatClient
from chatwidget.chat.session import ChatSession
from chatwidget.client.auth.servers import find_server
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.doctor import run_checks
from chatwidget.local import process as processes
from chatwidget.local.catalog import find_model
from chatwidget.local.process import process_of
from chatwidget.panel.control_texts import range_sentence

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 120.0


@dataclass
class City:
    """What a grammar is made of."""

    name: Literal["Paris", "Rome"]
    is_large: bool


ASK_AND_WAIT = """
import sys
from chatwidget import ChatClient
from chatwidget.local.process import _processes
ChatClient("local").create_chat_completion("Hi", max_tokens=2)
(process,) = _processes.values()
print(process._process.pid, flush=True)
sys.stdin.read()
"""


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "It does not come about."
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def running() -> Any:
    return process_of(find_model("local"))


def asks(path: str) -> Any:
    """Ask the model's process behind the client's back."""
    process = running()
    request = urllib.request.Request(
        process.address + path, headers={"authorization": f"Bearer {process.key}"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return json.load(response)


def test_it_streams_and_says_who_it_is_and_what_was_sent(client: ChatClient) -> None:
    chunks = list(stream := client.stream("Name a colour.", max_tokens=8))
    completion = stream.result()
    assert len(chunks) > 2
    assert completion.model == "SmolLM2-135M-Instruct.Q4_1"
    assert completion.usage is not None
    assert 1 <= completion.usage.completion_tokens <= 8
    assert completion.ledger is not None
    assert completion.ledger.asked == {"max_tokens": 8}
    neutral = {"temperature": 1, "top_p": 1, "top_k": 0, "min_p": 0, "repeat_penalty": 1}
    assert completion.ledger.sent.items() >= (neutral | {"max_tokens": 8}).items()


def test_a_person_may_send_other_values_than_the_neutral_ones(client: ChatClient) -> None:
    body = json.loads(
        client.draft("Hi", temperature=0.3, extra_body={"top_k": 40, "min_p": 0.1}).body
    )
    assert (body["temperature"], body["top_k"], body["min_p"], body["top_p"]) == (0.3, 40, 0.1, 1)


def test_a_seed_repeats_the_answer_and_another_one_does_not(client: ChatClient) -> None:
    def say(seed: int) -> str:
        return client.create_chat_completion("Tell a story.", max_tokens=12, seed=seed).text

    assert say(1) == say(1)
    assert len({say(seed) for seed in range(4)}) > 1


def test_several_answers_come_at_once(client: ChatClient) -> None:
    completion = client.create_chat_completion("A name?", n=2, max_tokens=4)
    assert [choice.index for choice in completion.choices] == [0, 1]


def test_a_schema_holds_by_grammar(client: ChatClient) -> None:
    completion = client.create_chat_completion("A city?", response_format=City, max_tokens=60)
    assert isinstance(completion.parsed, City)


def test_log_probabilities_come_with_as_many_alternatives_as_are_asked_for(
    client: ChatClient,
) -> None:
    completion = client.create_chat_completion(
        "Hi", max_tokens=2, logprobs=True, top_logprobs=5, temperature=0
    )
    logprobs = completion.choices[0].logprobs
    assert logprobs is not None
    for token in logprobs.content or ():
        assert len(token.top_logprobs) == 5
        assert sum(math.exp(each.logprob) for each in token.top_logprobs) <= 1.001


def test_an_assistant_message_is_continued(client: ChatClient) -> None:
    messages = [
        {"role": "user", "content": "Count from one to five, in digits."},
        {"role": "assistant", "content": "1, 2, 3,"},
    ]
    completion = client.create_chat_completion(messages, max_tokens=3, temperature=0)
    assert completion.text.startswith("1, 2, 3,")
    assert len(completion.text) > len("1, 2, 3,")


def test_an_answer_goes_on_from_its_own_beginning_as_it_did(client: ChatClient) -> None:
    asked = {"temperature": 0, "logprobs": True, "top_logprobs": 5, "max_tokens": 12}
    answer = client.create_chat_completion("Name a colour.", **asked)
    tokens = answer.tokens()
    for position in (0, 4):
        assert answer.fork(position, tokens[position].token).text == answer.text
        other = next(each for each in tokens[position].alternatives[1:])
        begun = "".join(each.text for each in tokens[:position]) + other.token
        assert answer.fork(position, other.token).text.startswith(begun)


def test_a_prompt_that_is_too_long_says_how_long_it_may_be(client: ChatClient) -> None:
    with pytest.raises(BadRequestError, match=r"has 20,0\d\d tokens, .* has room for 8,192"):
        client.create_chat_completion("word " * 20_000, max_tokens=1)
    assert not any(slot["is_processing"] for slot in asks("/slots"))


def test_the_running_model_tells_how_long_an_answer_may_be(client: ChatClient) -> None:
    client.create_chat_completion("Hi", max_tokens=1)
    session = ChatSession("local")
    said = range_sentence(session, PARAMETERS["max_tokens"])
    assert said.endswith("On local: 1 to 8192.")
    assert session.server.range_of("temperature") is None


def test_a_prompt_of_many_bytes_and_few_tokens_is_sent(client: ChatClient) -> None:
    assert client.create_chat_completion(" " * 9_000 + "Hi", max_tokens=1).choices


def test_a_stop_leaves_the_model_idle(client: ChatClient) -> None:
    with client.stream("Tell a long story.", max_tokens=2_000) as stream:
        next(iter(stream))
    until(lambda: not any(slot["is_processing"] for slot in asks("/slots")))


def test_it_is_asked_in_the_background_and_asynchronously() -> None:
    async def ask() -> str:
        async with AsyncChatClient("local") as client:
            return (await client.create_chat_completion("Hi", max_tokens=2)).text

    with ChatClient("local") as client:
        task = client.start_chat_completion("Hi", max_tokens=2)
        assert asyncio.run(ask())
        assert task.result(PATIENCE).text


def test_a_model_that_is_killed_says_so_and_the_next_question_starts_it_again(
    client: ChatClient,
) -> None:
    stream = client.stream("Tell a long story.", max_tokens=2_000)
    chunks = iter(stream)
    next(chunks)
    os.kill(running()._process.pid, signal.SIGKILL)
    with pytest.raises(APIError, match="was killed by signal 9; the next question starts it again"):
        list(chunks)
    assert client.create_chat_completion("Hi", max_tokens=2).text


def test_two_kernels_have_a_model_each_and_leave_none_behind() -> None:
    kernels = [
        subprocess.Popen(
            [sys.executable, "-c", ASK_AND_WAIT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    models = [int(kernel.stdout.readline()) for kernel in kernels if kernel.stdout]
    assert len(set(models)) == 2
    assert all(map(is_alive, models))
    kernels[0].kill()  # it can clean up nothing
    if kernels[1].stdin:
        kernels[1].stdin.close()
    for kernel in kernels:
        kernel.wait(PATIENCE)
        if kernel.stdout:
            kernel.stdout.close()
    if kernels[0].stdin:
        kernels[0].stdin.close()
    until(lambda: not any(map(is_alive, models)))


def test_it_listens_on_loopback_alone_and_wants_its_key(client: ChatClient) -> None:
    client.list_models()
    process = running()
    assert process.address.startswith("http://127.0.0.1:")
    request = urllib.request.Request(f"{process.address}/v1/chat/completions", data=b"{}")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=PATIENCE)
    assert process.key not in repr(process)
    command = Path(f"/proc/{process._process.pid}/cmdline").read_text()
    environment = Path(f"/proc/{process._process.pid}/environ").read_text()
    assert process.key not in command + environment


def test_the_doctor_finds_nothing_wrong() -> None:
    findings = run_checks(ChatSession("local"))
    assert not [finding for finding in findings if "✗" in str(finding)]


def test_a_file_that_only_looks_like_a_model_is_one_sentence(
    tmp_path: Path,
) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(find_model("local").path.read_bytes()[:1_000_000])
    client = ChatClient(find_server(f"local:{path}"))
    with client, pytest.raises(ConfigurationError, match=r"The model cut cannot be run: .+"):
        client.create_chat_completion("Hi", max_tokens=1)


def test_without_the_package_one_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "find_spec", lambda name: None)
    monkeypatch.setattr(processes, "_processes", type(processes._processes)())
    client, sentence = ChatClient("local"), r"pip install 'chatwidget\[local\]'"
    with client, pytest.raises(ConfigurationError, match=sentence):
        client.create_chat_completion("Hi", max_tokens=1)
