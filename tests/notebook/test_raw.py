"""--raw: the answer's JSON beside the answer."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from chatwidget.client.timing import Timing
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.render.display.final_output import FinalOutput
from safe_html import Checked
from wire.replies import event_stream, stream_of

if TYPE_CHECKING:
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

HOSTILE = "</code></pre><script>alert(1)</script> ``` \u2028 é 😀"


@pytest.fixture
def answer() -> ChatCompletion:
    message = ChatCompletionMessage(content=HOSTILE)
    return ChatCompletion(choices=[Choice(message=message)], id="chatcmpl-1", parsed=object())


def wire_fields(completion: ChatCompletion) -> object:
    fields = msgspec.to_builtins(msgspec.structs.replace(completion, parsed=None, ledger=None))
    return {name: fields[name] for name in fields if name not in {"parsed", "ledger"}}


def json_of(shown: str) -> object:
    """Read the JSON in HTML."""
    (code,) = re.findall(r"<summary>JSON</summary>.*?<code>(.*?)</code>", shown, flags=re.DOTALL)
    return json.loads(html.unescape(re.sub(r"<[^>]*>", "", code)))


def test_the_json_is_that_of_the_completion(answer: ChatCompletion) -> None:
    shown = FinalOutput(answer, Timing(1.0), raw=True).html()
    assert json_of(shown) == wire_fields(answer)
    Checked(shown)


def test_it_is_in_the_markdown_too_and_the_plain_text_stays_exact(answer: ChatCompletion) -> None:
    finished = FinalOutput(answer, Timing(1.0), raw=True)
    (fenced,) = re.findall(r"(?ms)^```json\n(.*?)\n```$", finished.markdown())
    assert json.loads(fenced) == wire_fields(answer)
    assert finished.text() == HOSTILE


def test_without_the_flag_there_is_none(answer: ChatCompletion) -> None:
    finished = FinalOutput(answer, Timing(1.0))
    assert "JSON" not in finished.html()
    assert "chatcmpl-1" not in finished.markdown()


def test_a_terminal_prints_it(cells: Cells, server: ScriptedServer) -> None:
    cells.run(f"%chat use {server.url}")
    server.reply(event_stream(stream_of("Hi", usage={"completion_tokens": 7})))
    shown = cells.run("%%chat -m scripted --raw --out reply\nHi")
    printed, _ = json.JSONDecoder().raw_decode(shown[shown.index("{\n") :])
    assert printed == wire_fields(cells.shell.user_ns["reply"])
