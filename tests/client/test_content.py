from __future__ import annotations

import json
import struct
import zlib
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.errors import ParameterError
from chatwidget.client.request.body import encode_body, wire_messages
from chatwidget.client.wire.content import audio_part, file_part, image_part

if TYPE_CHECKING:
    from pathlib import Path


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    + _chunk(b"IEND", b"")
)
IMAGES = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0rest",
    "image/gif": b"GIF89arest",
    "image/webp": b"RIFF\x00\x00\x00\x00WEBPrest",
}
SOUNDS = {
    "wav": b"RIFF\x00\x00\x00\x00WAVErest",
    "mp3": b"ID3rest",
}


@pytest.mark.parametrize("media_type", IMAGES)
def test_an_image_is_known_by_its_first_bytes(media_type: str, tmp_path: Path) -> None:
    nameless = tmp_path / "download"
    nameless.write_bytes(IMAGES[media_type])
    for source in (IMAGES[media_type], nameless, str(nameless)):
        url = image_part(source)["image_url"]["url"]
        start, _, data = url.partition(",")
        assert start == f"data:{media_type};base64"
        assert b64decode(data) == IMAGES[media_type]


def test_an_image_of_another_kind_is_known_by_its_name(tmp_path: Path) -> None:
    drawing = tmp_path / "drawing.svg"
    drawing.write_text("<svg/>")
    assert image_part(drawing)["image_url"]["url"].startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize(
    "address", ["https://example.org/a.png", "http://127.0.0.1/a.png", "data:image/png;base64,AA"]
)
def test_an_address_goes_as_it_is(address: str) -> None:
    assert image_part(address) == {"type": "image_url", "image_url": {"url": address}}


def test_the_detail_is_sent_where_it_is_given() -> None:
    assert "detail" not in image_part(PNG)["image_url"]
    assert image_part(PNG, detail="low")["image_url"]["detail"] == "low"


@pytest.mark.parametrize(("format_", "data"), SOUNDS.items())
def test_a_sound_carries_its_format(format_: str, data: bytes) -> None:
    part = audio_part(data)
    assert part["type"] == "input_audio"
    assert part["input_audio"]["format"] == format_
    assert b64decode(part["input_audio"]["data"]) == data


def test_a_sound_is_known_by_its_name_if_its_bytes_tell_nothing(tmp_path: Path) -> None:
    sound = tmp_path / "sound.mp3"
    sound.write_bytes(b"\x00\x00")
    assert audio_part(sound)["input_audio"]["format"] == "mp3"


@pytest.mark.parametrize("make", [image_part, audio_part])
@pytest.mark.parametrize(
    ("data", "found"), [(b"%PDF-1.7", "application/pdf"), (b"what", "something unknown")]
)
def test_what_is_neither_image_nor_sound_is_refused(make: Any, data: bytes, found: str) -> None:
    with pytest.raises(ParameterError, match=f"but {found}.") as caught:
        make(data)
    assert caught.value.parameter == "messages"


def test_a_webp_image_is_no_sound() -> None:
    with pytest.raises(ParameterError, match="image/webp"):
        audio_part(IMAGES["image/webp"])


def test_a_file_carries_its_name_and_its_type(tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"%PDF-1.7")
    assert file_part(paper) == {
        "type": "file",
        "file": {
            "filename": "paper.pdf",
            "file_data": "data:application/pdf;base64,JVBERi0xLjc=",
        },
    }
    assert file_part(paper, filename="other.pdf")["file"]["filename"] == "other.pdf"


def test_bytes_get_a_name_that_fits() -> None:
    assert file_part(b"%PDF-1.7")["file"]["filename"] == "file.pdf"
    assert file_part(b"a,b\n1,2", filename="table.csv")["file"]["file_data"].startswith(
        "data:text/"
    )
    assert file_part(b"\x00")["file"]["file_data"].startswith("data:application/octet-stream;")


@pytest.mark.parametrize("make", [image_part, audio_part, file_part])
def test_a_missing_file_is_a_missing_file(make: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        make(tmp_path / "nothing.png")


def test_the_home_directory_has_its_usual_short_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "a.png").write_bytes(PNG)
    assert image_part("~/a.png") == image_part(PNG)


def test_every_part_goes_on_the_wire() -> None:
    parts = [image_part(PNG), audio_part(SOUNDS["wav"]), file_part(b"%PDF-1.7")]
    (message,) = wire_messages([{"role": "user", "content": parts}])
    assert json.loads(encode_body({"messages": [message]}))["messages"] == [message]
