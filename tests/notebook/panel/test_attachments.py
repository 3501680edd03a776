"""What is pasted or dropped becomes parts of the message, and is shown again beside it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.errors import ConfigurationError
from chatwidget.panel.attachments import file_names, pictures, read_attachments
from wire.replies import SSE_HEAD, stream_of
from wire.scripted_server import close

if TYPE_CHECKING:
    from notebook.pages import Page
    from wire.scripted_server import ScriptedServer

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_an_image_and_a_text_go_along() -> None:
    image, text = read_attachments(["a.png", "b.csv"], [memoryview(PNG), memoryview(b"x,y\n1,2")])
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
    assert text["text"] == "File b.csv:\n\n```csv\nx,y\n1,2\n```"
    assert pictures([image, text]) == [image["image_url"]["url"]]
    assert file_names([image, text]) == ["b.csv"]


@pytest.mark.parametrize("name", ["/etc/x/../b.csv", "C:\\secret\\b.csv", "./b.csv"])
def test_of_a_path_only_the_name_is_told(name: str) -> None:
    (part,) = read_attachments([name], [memoryview(b"x")])
    assert part["text"].startswith("File b.csv:")


@pytest.mark.parametrize(
    ("names", "buffers"),
    [("ab", [b"x", b"y"]), (["a"], []), ([], [b"x"]), (None, []), (["a"] * 21, [b"x"] * 21)],
)
def test_names_and_files_belong_together(names: Any, buffers: list[bytes]) -> None:
    with pytest.raises(ConfigurationError, match="At most 20 files"):
        read_attachments(names, list(map(memoryview, buffers)))


def test_a_page_is_shown_no_image_from_elsewhere() -> None:
    urls = [
        "https://example.com/a.png",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:text/html;base64,PGI+",
        "data:image/png;base64,AAAA' onerror='x",
        "javascript:alert(1)",
    ]
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    assert pictures(parts) == []
    assert file_names(parts) == urls


@pytest.mark.parametrize(
    "part",
    [{}, {"type": "text"}, {"type": "file"}, {"type": "image_url"}, {"image_url": {"url": 3}}],
)
def test_parts_that_are_not_whole_do_no_harm(part: dict[str, Any]) -> None:
    assert pictures([part]) == []
    assert file_names([part]) in ([], ["file"], [""])


def test_a_question_takes_its_files_along_and_the_turn_shows_them(
    page: Page, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, stream_of("A dot."), close())
    assert page.write("What?", PNG, b"some text") == ""
    page.settle()
    text, image, file = server.requests[0].json["messages"][0]["content"]
    assert text == {"type": "text", "text": "What?"}
    assert (page.turns[0]["pictures"], page.turns[0]["files"]) == (
        [image["image_url"]["url"]],
        ["1.bin"],
    )
    assert "some text" in file["text"]


def test_an_image_alone_is_a_question_and_nothing_is_none(
    page: Page, server: ScriptedServer
) -> None:
    assert page.write(" \n") == ""
    assert page.turns == []
    server.reply(SSE_HEAD, stream_of("A dot."), close())
    assert page.write("", PNG) == ""
    page.settle()
    (part,) = server.requests[0].json["messages"][0]["content"]
    assert part["type"] == "image_url"
    assert len(server.requests) == 1


def test_a_file_that_cannot_go_along_is_refused_and_nothing_is_asked(
    page: Page, server: ScriptedServer
) -> None:
    page.do("KeepDraft", text="Hi")
    assert "0.bin" in page.write("Hi", b"\0" * (20 * 2**20 + 1))
    assert page.later().state["draft"] == "Hi"
    assert (page.turns, server.requests) == ([], [])
