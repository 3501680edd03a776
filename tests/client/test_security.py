"""What must never happen, where no test of another part of the client says so already."""

from __future__ import annotations

import ast
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import chatwidget
from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.errors import APIError
from chatwidget.client.request.fallback import unsupported_parameter
from chatwidget.client.transport.http_errors import status_error_from_body
from chatwidget.client.wire.response import ResponseParser
from cpu import cpu_seconds
from wire.replies import SSE_HEAD, chunk, completion, done, error, json_response, sse
from wire.scripted_server import close, stall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatwidget.client.client import ChatClient
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer, Step

CANARY = "canary-Tr0ub4dor&3"
PACKAGE = Path(chatwidget.__file__).parent


def reachable(root: object) -> Iterator[object]:
    """Everything that hangs on an error, but for modules, classes and frames."""
    seen: set[int] = set()
    rest = [root]
    while rest:
        each = rest.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, BaseException):
            rest += [each.__cause__, each.__context__, each.args, vars(each)]
        elif isinstance(each, dict):
            rest += [*each.keys(), *each.values()]
        elif isinstance(each, (list, tuple, set)):
            rest += each
        elif hasattr(each, "__struct_fields__"):
            rest += [getattr(each, name) for name in each.__struct_fields__]


BROKEN: dict[str, tuple[Step, ...]] = {
    "refused": (json_response(error("No."), 400),),
    "no answer": (close(),),
    "too slow": (stall(),),
    "cut": (SSE_HEAD, sse(chunk("Half")), close()),
    "an error inside": (SSE_HEAD, sse(chunk("Half"), error("No.")), close()),
}


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN)
def test_an_error_carries_no_request_and_no_cause_S4(
    ask: Asker, server: ScriptedServer, script: tuple[Step, ...]
) -> None:
    server.reply(script)
    with pytest.raises(APIError) as caught:
        ask(openai_api_key=CANARY, timeout=0.1)
    kinds = {type(each).__module__.partition(".")[0] for each in reachable(caught.value)}
    assert kinds <= {"builtins", "chatwidget"}


def test_a_key_that_comes_back_in_a_refusal_is_remembered_nowhere_S8(
    ask_own: Asker, server: ScriptedServer, tmp_path: Path
) -> None:
    words = f"Unsupported parameter: 'top_p' (asked by {CANARY})."
    server.reply(json_response(error(words, param="top_p", code="unsupported_parameter"), 400))
    server.reply(json_response(completion("Hi")))
    answer = ask_own(openai_api_key=CANARY, top_p=0.5)
    assert answer.ledger is not None
    assert list(answer.ledger.refused) == ["top_p"]
    assert "Tr0ub4dor" not in repr(answer)
    stored = [each.read_text() for each in tmp_path.rglob("*.json")]
    assert any("Unsupported parameter" in each for each in stored)
    assert not any("Tr0ub4dor" in each for each in stored)


@pytest.mark.parametrize("around", ["{}", '["{}"]', "<{}>", '{{"choices": "{}"}}'])
def test_a_key_with_quotes_in_it_is_hidden_in_an_excerpt_S8(
    ask_own: Asker, server: ScriptedServer, shown: Callable[[BaseException], str], around: str
) -> None:
    awkward = "ca\\nary'Tr0u\"b4dor"
    server.reply(SSE_HEAD, b"data: ", around.format(awkward).encode(), b"\n\n", close())
    with pytest.raises(APIError, match="<key from openai_api_key=>") as caught:
        ask_own(openai_api_key=awkward)
    seen = shown(caught.value)
    assert "nary" not in seen
    assert "Tr0u" not in seen


def test_the_loggers_of_others_keep_their_levels_S9(
    client: ChatClient, server: ScriptedServer
) -> None:
    names = ("", "httpx", "httpx2", "httpcore", "chatwidget")
    before = [logging.getLogger(name).level for name in names]
    server.reply(json_response(completion("Hi")))
    client.create_chat_completion("Hello", "m", openai_api_key=CANARY)
    assert [logging.getLogger(name).level for name in names] == before
    assert logging.getLogger("chatwidget").handlers == []


OFFLINE = """
import socket, sys

def refuse(*args):
    raise AssertionError("a connection was opened")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
import chatwidget
for name in chatwidget.__all__:
    getattr(chatwidget, name)
client = chatwidget.ChatClient("openai")
print(client, chatwidget.ChatClient().server.transport is not None)
"""


def test_importing_opens_no_connection_and_reads_no_file_of_the_directory_S15_S36(
    tmp_path: Path,
) -> None:
    directory = tmp_path / "shared"
    directory.mkdir()
    settings = f"OPENAI_API_KEY={CANARY}\nOPENAI_BASE_URL=https://evil.example/v1\n"
    for name in (".env", "chatwidget.toml", "pyproject.toml", "config.json"):
        (directory / name).write_text(settings)
    code = f"import sys; sys.path.insert(0, {str(PACKAGE.parent)!r})\n{OFFLINE}"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=directory, capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == ("ChatClient('openai', key=None) True\n", "")


def test_a_prompt_is_no_template_S26(client: ChatClient, server: ScriptedServer) -> None:
    server.reply(json_response(completion("Hi")))
    prompt = "{os.environ[OPENAI_API_KEY]} {0.__class__} {x:>99999999} %(x)s ${HOME}"
    client.create_chat_completion(prompt, "m")
    assert server.requests[0].json["messages"][0]["content"] == prompt


@pytest.mark.parametrize("streamed", [True, False])
def test_a_tool_that_the_model_calls_does_not_run_S29(
    client: ChatClient,
    server: ScriptedServer,
    streamed: bool,  # noqa: FBT001 - a parameter
) -> None:
    ran = []

    def delete(path: str) -> None:
        """Delete a file."""
        ran.append(path)

    function = {"name": "delete", "arguments": '{"path": "/"}'}
    call = {"index": 0, "id": "a", "type": "function", "function": function}
    server.reply(
        SSE_HEAD,
        sse(chunk(None, delta={"tool_calls": [call]}, finish_reason="tool_calls")) + done(),
        close(),
    )
    target: Any = (lambda event: None) if streamed else None
    answer = client.create_chat_completion("Hello", "m", tools=[delete], stream_to=target)
    assert answer.choices[0].message.tool_calls is not None
    assert ran == []
    assert len(server.requests) == 1


def test_many_choices_cost_their_length_S32() -> None:
    parser = ResponseParser()
    empty = [{"index": number} for number in range(50_000)]
    assert cpu_seconds(lambda: list(parser.feed(sse({"choices": empty})))) < 5
    assert len(parser.completion.choices) == 50_000


ADVERSARIAL = [
    "a",
    " ",
    "not ",
    "'",
    "param ",
    "is not supported ",
    "unsupported parameter ",
    "unsupported, request keyword the supplied ",
    "extra_forbidden",
    "extra_forbidden' 'loc' body ",
    "\\",
    "\x1b[",
]


@pytest.mark.parametrize("piece", ADVERSARIAL, ids=repr)
def test_a_servers_words_are_read_in_linear_time_S33(piece: str) -> None:
    words = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    key = ApiKey(CANARY, origin="https://example", source="a test")
    envelope = {"error": {"message": words, "param": words}}

    def read_both() -> None:
        for body in (words.encode(), json.dumps(envelope).encode()):
            refusal = status_error_from_body(400, body, key)
            assert unsupported_parameter(refusal, ["top_p", "n"]) is None
            assert len(str(refusal)) < 3000

    assert cpu_seconds(read_both) < 2


def test_a_name_of_a_model_stays_in_the_body_S34(
    ask: Asker, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.reply(json_response(completion("Hi")))
    name = "m\r\nX-Evil: 1\r\n\r\nGET / HTTP/1.1\x1b[2J"
    ask(model=name)
    (request,) = server.requests
    assert request.json["model"] == name
    assert "x-evil" not in request.headers
    assert request.path == "/v1/chat/completions"
    assert "X-Evil" not in caplog.text


def test_nothing_is_read_that_could_run_S35() -> None:
    forbidden = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "yaml"}
    imported = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    assert "json" in imported
    assert not imported & forbidden


@pytest.mark.parametrize("name", ["../m", "/etc/passwd", "..\\m", "m\x00", "~/m"], ids=ascii)
def test_the_name_of_a_model_is_no_path_S35(
    ask_own: Asker, server: ScriptedServer, tmp_path: Path, name: str
) -> None:
    refusal = error("Unsupported parameter: 'top_p'", param="top_p", code="unsupported_parameter")
    server.reply(json_response(refusal, 400))
    server.reply(json_response(completion("Hi")))
    ask_own(model=name, top_p=0.5)
    (written,) = (each for each in tmp_path.rglob("*") if each.is_file())
    assert written.name == "refusals.json"
    assert name in json.loads(written.read_text())["servers"][server.url]
