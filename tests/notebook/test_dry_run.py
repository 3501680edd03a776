"""--dry-run: what would be sent, to look at."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

import pytest

from chatwidget.chat.shell_session import current_session
from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.client import ChatClient
from chatwidget.magic.dry_run import DryRun
from chatwidget.prompt.template import Insertion
from safe_html import Checked
from wire.replies import event_stream, stream_of

if TYPE_CHECKING:
    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> \x1b[31m $x$ {{name}}"


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    cells.run(f"%chat use {server.url}")
    cells.run("%chat model scripted")
    server.otherwise(event_stream(stream_of("Hi")))
    return cells


def shown_body(text: str) -> object:
    """Read the JSON at the end of what a dry run prints."""
    return json.loads(text[text.index("\n{\n") :])


def look(asking: Cells, cell: str) -> str:
    """Run a cell and return what it shows, as text."""
    asking.run(cell)
    return "".join(output.data["text/plain"] for output in asking.outputs)


def dry_run(messages: object, **options: object) -> DryRun:
    return DryRun(ChatClient("practice").draft(messages, **options))


def test_it_shows_exactly_what_is_sent_then(asking: Cells, server: ScriptedServer) -> None:
    asking.run("%%chat\nFirst")
    cell = "%%chat{} -t 0 --stop END --system 'Be brief' --set top_k=3\nSecond: {{1}} “é” 😀"
    shown = look(asking, cell.replace("{}", " --dry-run", 1))
    assert asking.error is None
    assert len(server.requests) == 1
    asking.run(cell.replace("{}", "", 1))
    assert shown_body(shown) == server.requests[1].json


def test_nothing_is_recorded_and_nothing_forked(asking: Cells) -> None:
    session = current_session()
    asking.run("%%chat\nFirst")
    before = session.conversations, session.current
    shown = look(asking, "%%chat --dry-run --fork -c other\nSecond")
    assert "First" in shown
    assert (session.conversations, session.current) == before


def test_bad_input_is_refused_as_it_would_be(asking: Cells) -> None:
    asking.run("%%chat --dry-run -t 3\nHi")
    assert "from 0 to 2" in str(asking.error)


def test_it_says_where_it_would_go_and_with_which_key(asking: Cells) -> None:
    session = current_session()
    assert "without a key" in look(asking, "%%chat --dry-run\nHi")
    key = ApiKey("sk-canary-0123456789abcdef", origin=session.server.origin, source="%chat key")
    session.client.use_key(key)
    shown = look(asking, "%%chat --dry-run\nHi")
    assert f"To {session.server.base_url}/chat/completions, with the key from %chat key." in shown
    assert "canary" not in shown


def test_what_the_server_is_known_to_refuse_is_left_out_and_told(
    asking: Cells, server: ScriptedServer
) -> None:
    session = current_session()
    session.client.unsupported_parameters.learn(
        session.server.base_url, "scripted", "top_p", "Unsupported."
    )
    shown = look(asking, "%%chat --dry-run --top-p 0.5\nHi")
    assert "The server refused top_p, so it was not sent: Unsupported." in shown
    assert "top_p" not in shown_body(shown)


def test_inserted_variables_are_told() -> None:
    insertions = [
        Insertion("df", "DataFrame", 1204, is_cut=True),
        Insertion("x", "int", 1, is_cut=False),
    ]
    text = DryRun(ChatClient("practice").draft("Hi"), insertions=insertions).text()
    assert "Inserted df: DataFrame, 1,204 characters, cut." in text
    assert "Inserted x: int, 1 characters." not in text
    assert "Inserted x: int, 1 character." in text


def test_data_is_cut_to_its_size() -> None:
    data = base64.b64encode(bytes(120_000)).decode()
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
        {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": data}},
        {"type": "image_url", "image_url": {"url": "https://host.example/" + "long/" * 60}},
    ]
    shown = dry_run([{"role": "user", "content": parts}])
    text = shown.text()
    assert text.count("… 120 kB") == 6  # each in its message and in the body
    assert "data:image/png;base64,AAAA" in text
    assert "long/" * 60 in text
    assert "Pictures, sound and files are not counted" in text
    assert len(shown.html()) < 20_000


def test_a_text_is_shown_whole_however_it_looks() -> None:
    text = "A" * 5000
    assert text in dry_run(text).text()


def test_every_message_is_shown_with_its_role_and_all_it_says() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "moons", "arguments": "{}"}}
    messages = [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "How many?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "146"},
    ]
    text = dry_run(messages).text()
    assert "[system]\nBe brief\n" in text
    assert '[assistant]\n{"tool_calls": [{"id": "1"' in text
    assert '[tool]\n146\n{"tool_call_id": "1"}' in text


def test_nothing_of_a_prompt_acts() -> None:
    shown = dry_run([{"role": f"user{HOSTILE}", "content": HOSTILE}], extra_body={"x": HOSTILE})
    html = Checked(re.sub(r"<style>.*?</style>", "", shown.html(), flags=re.DOTALL))
    assert html.text.count("<script>alert(1)</script>") == 5  # as a message, and in the body
    assert html.links == []
    assert "\x1b" not in shown.text()
