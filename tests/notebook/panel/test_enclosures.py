"""What is pasted or dropped becomes parts of the message, and is shown again beside it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from chatwidget.client.errors import ConfigurationError
from chatwidget.panel.composer import Composer
from chatwidget.panel.enclosures import names_of, pictures_of, read_enclosures

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_an_image_and_a_text_go_along() -> None:
    image, text = read_enclosures(["a.png", "b.csv"], [memoryview(PNG), memoryview(b"x,y\n1,2")])
    assert image["image_url"]["url"].startswith("data:image/png;base64,")
    assert text["text"] == "File b.csv:\n\n```csv\nx,y\n1,2\n```"
    assert pictures_of([image, text]) == [image["image_url"]["url"]]
    assert names_of([image, text]) == ["b.csv"]


@pytest.mark.parametrize("name", ["/etc/x/../b.csv", "C:\\secret\\b.csv", "./b.csv"])
def test_of_a_path_only_the_name_is_told(name: str) -> None:
    (part,) = read_enclosures([name], [memoryview(b"x")])
    assert part["text"].startswith("File b.csv:")


@pytest.mark.parametrize(
    ("names", "buffers"),
    [("ab", [b"x", b"y"]), (["a"], []), ([], [b"x"]), (None, []), (["a"] * 21, [b"x"] * 21)],
)
def test_names_and_files_belong_together(names: Any, buffers: list[bytes]) -> None:
    with pytest.raises(ConfigurationError, match="At most 20 files"):
        read_enclosures(names, list(map(memoryview, buffers)))


def test_a_page_is_shown_no_image_from_elsewhere() -> None:
    urls = [
        "https://example.com/a.png",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:text/html;base64,PGI+",
        "data:image/png;base64,AAAA' onerror='x",
        "javascript:alert(1)",
    ]
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    assert pictures_of(parts) == []
    assert names_of(parts) == urls


@pytest.mark.parametrize(
    "part",
    [{}, {"type": "text"}, {"type": "file"}, {"type": "image_url"}, {"image_url": {"url": 3}}],
)
def test_parts_that_are_not_whole_do_no_harm(part: dict[str, Any]) -> None:
    assert pictures_of([part]) == []
    assert names_of([part]) in ([], ["file"], [""])


class Field(Composer):
    """A composer that keeps what it sends to the page."""

    def __init__(self, ask: Any) -> None:
        self.sent: list[dict[str, Any]] = []
        super().__init__(ask, lambda: None)

    def send(self, content: Any, buffers: Any = None) -> None:
        self.sent.append(content)

    def write(self, text: object, *files: bytes) -> None:
        names = [f"{number}.bin" for number in range(len(files))]
        message = {"type": "send", "text": text, "enclosures": names}
        self._handle_message(self, message, list(map(memoryview, files)))


def test_the_text_is_taken_when_it_was_asked() -> None:
    asked: list[Any] = []
    field = Field(lambda *said: asked.append(said))
    field.draft = "Hi"
    field.write("Hi", PNG)
    assert [(text, len(parts)) for text, parts in asked] == [("Hi", 1)]
    assert field.sent == [{"type": "taken"}]
    assert field.draft == ""


def test_whatever_is_wrong_the_text_stays_with_the_person() -> None:
    def ask(text: str, parts: object) -> None:
        raise ConfigurationError("No model.", hint="Choose one.")

    field = Field(ask)
    field.draft = "Hi"
    field.write("Hi")
    field.write("x" * 1_000_001)
    field.write(None)
    field.write("Hi", b"\0" * (20 * 2**20 + 1))
    assert [message["type"] for message in field.sent] == ["refused"] * 4
    assert field.sent[0]["sentence"] == "No model. Choose one."
    assert field.draft == "Hi"


def test_nothing_is_not_asked() -> None:
    asked: list[Any] = []
    field = Field(lambda *said: asked.append(said))
    field.write(" \n")
    assert asked == []
    field.write("", PNG)
    assert len(asked) == 1
