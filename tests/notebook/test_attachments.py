"""Images and files go along by their path, or in a variable of any usual kind."""

from __future__ import annotations

import io
import sys
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.display import Image
from matplotlib.figure import Figure

from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.errors import ConfigurationError
from chatwidget.prompt import attachments

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECRET = "Zq81-secret-of-somebody-Zq81"


def png(mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    PIL.Image.new(mode, (2, 3)).save(file, "png")
    return file.getvalue()


def opened(part: Any) -> PIL.Image.Image:
    """The picture that the server gets."""
    start, _, data = part["image_url"]["url"].partition(",")
    assert start == "data:image/png;base64"
    return PIL.Image.open(io.BytesIO(b64decode(data)))


def refusal(attach: Callable[..., object], word: str, **namespace: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        attach(word, namespace)
    return str(caught.value)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "first.png").write_bytes(png())
    (tmp_path / "notes.md").write_text("# Notes\n\n```python\nx\n```\n", "utf-8")
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7 plain")


@pytest.mark.parametrize(
    "word", ["plots/first.png", "./plots/../plots/first.png", "~/plots/first.png"]
)
def test_an_image_is_found_by_its_path(word: str) -> None:
    assert opened(attachments.image(word, {})).size == (2, 3)


@pytest.mark.parametrize("address", ["https://a.example/b.png", "data:image/png;base64,AAAA"])
def test_an_image_may_be_an_address(address: str) -> None:
    for word, namespace in ((address, {}), ("where", {"where": address})):
        part = attachments.image(word, namespace)
        assert part["image_url"]["url"] == address


def test_a_variable_may_hold_a_path_or_bytes(tmp_path: Path) -> None:
    path = tmp_path / "plots" / "first.png"
    for value in (path, str(path), "plots/first.png", png(), bytearray(png())):
        assert opened(attachments.image("it", {"it": value})).size == (2, 3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "F", "HSV", "I;16"])
def test_a_picture_of_pillow_is_an_image(mode: str) -> None:
    assert opened(attachments.image("it", {"it": PIL.Image.new(mode, (2, 3))})).size == (2, 3)


def test_a_figure_of_matplotlib_is_an_image() -> None:
    figure = Figure(figsize=(4, 3))
    axes = figure.subplots()
    for value in (figure, axes):
        assert opened(attachments.image("it", {"it": value})).width > 100


def test_an_image_of_ipython_is_an_image(tmp_path: Path) -> None:
    shown = Image(filename=str(tmp_path / "plots" / "first.png"))
    assert opened(attachments.image("it", {"it": shown})).size == (2, 3)
    linked = Image(url="https://a.example/b.png")
    assert attachments.image("it", {"it": linked})["image_url"]["url"] == "https://a.example/b.png"


@pytest.mark.parametrize(
    ("array", "pixel"),
    [
        (np.full((3, 2), 200, dtype="uint8"), 200),
        (np.full((3, 2), 200), 200),
        (np.full((3, 2, 1), 200), 200),
        (np.full((3, 2), 0.5), 128),
        (np.full((3, 2), 7.0), 255),
        (np.full((3, 2), np.nan), 0),
        (np.full((3, 2), fill_value=True), 255),
        (np.full((3, 2, 3), 0.2, dtype="float32"), (51, 51, 51)),
        (np.full((3, 2, 4), 9, dtype="uint8"), (9, 9, 9, 9)),
    ],
)
def test_an_array_is_an_image(array: Any, pixel: Any) -> None:
    image = opened(attachments.image("it", {"it": array}))
    assert image.size == (2, 3)
    assert image.getpixel((0, 0)) == pixel


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(3),
        np.zeros((2, 2, 7)),
        np.zeros((2, 2, 2, 2)),
        np.zeros((0, 2)),
        np.full((2, 2), 256),
        np.full((2, 2), -1),
        np.array([["a"]]),
    ],
)
def test_an_array_that_is_no_picture_is_refused(array: Any) -> None:
    assert "is no picture. One has rows, columns" in refusal(attachments.image, "it", it=array)


def test_without_pillow_an_array_is_no_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    assert "Pillow, which is not installed" in refusal(attachments.image, "it", it=np.zeros((2, 2)))


def test_a_variable_goes_before_a_file_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("file")
    part: Any = attachments.file("data", {"data": b"variable"})
    assert "variable" in part["text"]
    part = attachments.file("./data", {"data": b"variable"})
    assert "file" in part["text"]


def test_a_text_goes_as_text_with_its_name_in_a_fence_that_it_cannot_close() -> None:
    assert attachments.file("notes.md", {}) == {
        "type": "text",
        "text": "File notes.md:\n\n````md\n# Notes\n\n```python\nx\n```\n````",
    }


@given(st.text(alphabet="`~x\n "))
def test_no_text_closes_its_fence(text: str) -> None:
    part: Any = attachments.file("data", {"data": text.encode()})
    _, _, fence, rest = part["text"].split("\n", 3)
    assert rest.count(fence) == 1
    assert rest.endswith(f"\n{fence}")


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("a.py", "py"),
        ("a.csv", "csv"),
        ("a.ipynb", "json"),
        ("Makefile", ""),
        ("a.tar.JSON", "JSON"),
    ],
)
def test_the_fence_names_the_language(name: str, language: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("é\n", "utf-8")
    part: Any = attachments.file(name, {})
    assert part["text"] == f"File {name}:\n\n```{language}\né\n```"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    part: Any = attachments.file("data", {"data": "\ufeffa".encode()})
    assert part["text"].endswith("```\na\n```")


def test_what_is_no_text_goes_as_what_it_is(tmp_path: Path) -> None:
    pdf: Any = attachments.file("paper.pdf", {})
    assert pdf["file"]["filename"] == "paper.pdf"
    assert pdf["file"]["file_data"].startswith("data:application/pdf;base64,")
    assert attachments.file("plots/first.png", {}) == attachments.image("plots/first.png", {})
    (tmp_path / "a.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVErest")
    assert attachments.file("a.wav", {})["type"] == "input_audio"
    (tmp_path / "a.bin").write_bytes(b"\x00\x01")
    assert attachments.file("a.bin", {})["type"] == "file"
    assert attachments.file("it", {"it": b"%PDF-1.7"})["type"] == "file"


@pytest.mark.parametrize("attach", [attachments.image, attachments.file])
@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("plots/frist.png", "There is no file and no variable 'plots/frist.png'. "),
        ("plots/frist.png", "Did you mean plots/first.png?"),
        ("plots", "'plots' is no file."),
        ("nots.md", "Did you mean notes.md?"),
        ("figur", "Did you mean figure?"),
        ("somewhere/else/x.bin", "Paths start at "),
        ("~nobody/x", "There is no file and no variable '~nobody/x'"),
        ("", "'' is no file"),
        ("a\0b", "There is no file"),
        ("x" * 5_000, "There is no file and no variable 'xxxx"),
    ],
)
def test_what_is_not_there_is_an_error_that_names_the_nearest(
    attach: Callable[..., object], word: str, said: str
) -> None:
    text = refusal(attach, word, figure="plots/first.png", _hidden=1)
    assert said in text
    assert len(text) < 500


def test_a_variable_that_names_no_file_says_which_file_is_missing() -> None:
    assert "no variable 'plots/none.png'" in refusal(attachments.image, "p", p="plots/none.png")


def test_a_value_that_is_no_file_is_an_error_that_says_how_to_insert_it() -> None:
    assert refusal(attachments.file, "it", it={"a": 1}) == (
        "The variable it is no file, but dict. {{it}} in the prompt inserts it as text."
    )


def test_what_is_no_image_is_refused_as_one() -> None:
    assert "'notes.md' is no image that a model can look at" in refusal(
        attachments.image, "notes.md"
    )


def test_a_file_is_not_downloaded() -> None:
    assert "is an address" in refusal(attachments.file, "https://a.example/b.csv")


def test_what_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    for name in ("large.png", "large.bin"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(20 * 2**20 + 1)
    said = "has 20,971,521 bytes; at most 20,971,520 can be attached."
    assert said in refusal(attachments.image, "large.png")
    assert said in refusal(attachments.file, "large.bin")
    assert said in refusal(attachments.image, "it", it=b"\0" * (20 * 2**20 + 1))


def test_a_text_is_held_to_a_smaller_size() -> None:
    assert "at most 1,048,576" in refusal(attachments.file, "it", it=b"x" * (2**20 + 1))


def test_what_never_ends_is_not_read() -> None:
    assert "'/dev/zero' is no file" in refusal(attachments.file, "/dev/zero")


def test_a_file_with_a_key_in_it_is_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"SOME_API_KEY={SECRET}")
    key = ApiKey(SECRET, origin="https://a.example", source="%chat key")
    with pytest.raises(ConfigurationError, match=r"holds the key from %chat key"):
        attachments.file(".env", {}, keys=[key])
    monkeypatch.setenv("SOME_API_KEY", SECRET)
    assert "environment variable SOME_API_KEY" in refusal(attachments.file, ".env")
