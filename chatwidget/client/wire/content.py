"""Content parts made of pictures, sound and files."""

from __future__ import annotations

import mimetypes
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from chatwidget.client.errors import ParameterError

if TYPE_CHECKING:
    import os

    from chatwidget.client.wire.content_parts import (
        AudioPart,
        FileContent,
        FilePart,
        ImagePart,
        ImageURL,
        InputAudio,
    )

__all__ = ["audio_part", "file_part", "image_part"]


# The first bytes of a file tell more than its name, which a download or a notebook may have lost.
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", b"", "image/png"),
    (b"\xff\xd8\xff", b"", "image/jpeg"),
    (b"GIF87a", b"", "image/gif"),
    (b"GIF89a", b"", "image/gif"),
    (b"RIFF", b"WEBP", "image/webp"),
    (b"RIFF", b"WAVE", "audio/wav"),
    (b"ID3", b"", "audio/mpeg"),
    (b"\xff\xfb", b"", "audio/mpeg"),
    (b"\xff\xf3", b"", "audio/mpeg"),
    (b"\xff\xf2", b"", "audio/mpeg"),
    (b"%PDF-", b"", "application/pdf"),
)
_RIFF_KIND = slice(8, 12)
_AUDIO_FORMATS: dict[str, Literal["wav", "mp3"]] = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/mpeg": "mp3",
}
_UNKNOWN = "application/octet-stream"


def image_part(
    source: str | os.PathLike[str] | bytes, *, detail: Literal["auto", "low", "high"] | None = None
) -> ImagePart:
    """Return the content part of an image.

    Parameters
    ----------
    source
        A path, the bytes of a file, or an address that starts with ``https:``, ``http:`` or
        ``data:``; the server fetches it from there.
    detail
        How closely the model looks; None leaves it to the server.

    Raises
    ------
    OSError
        If the file cannot be read.
    ParameterError
        If it is no image.
    """
    if isinstance(source, str) and source.startswith(("https:", "http:", "data:")):
        url = source
    else:
        data, media_type, _ = _loaded(source)
        if not media_type.startswith("image/"):
            raise _wrong("an image", media_type)
        url = _data_url(data, media_type)
    image: ImageURL = {"url": url} if detail is None else {"url": url, "detail": detail}
    return {"type": "image_url", "image_url": image}


def audio_part(source: str | os.PathLike[str] | bytes) -> AudioPart:
    """Return the content part of a sound.

    Parameters
    ----------
    source
        The path or the bytes of a file in the format wav or mp3.

    Raises
    ------
    OSError
        If the file cannot be read.
    ParameterError
        If it has another format.
    """
    data, media_type, _ = _loaded(source)
    if media_type not in _AUDIO_FORMATS:
        raise _wrong("sound in the format wav or mp3", media_type)
    audio: InputAudio = {
        "data": b64encode(data).decode("ascii"),
        "format": _AUDIO_FORMATS[media_type],
    }
    return {"type": "input_audio", "input_audio": audio}


def file_part(source: str | os.PathLike[str] | bytes, *, filename: str | None = None) -> FilePart:
    """Return the content part of a file.

    Parameters
    ----------
    source
        The path or the bytes of the file.
    filename
        What the model sees as its name; by default the one in the path.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    data, media_type, name = _loaded(source, filename)
    shown = name or f"file{mimetypes.guess_extension(media_type) or ''}"
    file: FileContent = {"filename": shown, "file_data": _data_url(data, media_type)}
    return {"type": "file", "file": file}


def _loaded(
    source: str | os.PathLike[str] | bytes, filename: str | None = None
) -> tuple[bytes, str, str]:
    """Return the bytes, the media type and the name, which is empty if there is none."""
    if isinstance(source, bytes):
        data, name = source, filename or ""
    else:
        path = Path(source).expanduser()
        data, name = path.read_bytes(), filename or path.name
    return data, _media_type(data, name), name


def _media_type(data: bytes, name: str) -> str:
    for start, kind, media_type in _SIGNATURES:
        if data.startswith(start) and kind in (b"", data[_RIFF_KIND]):
            return media_type
    return mimetypes.guess_type(name)[0] or _UNKNOWN


def _data_url(data: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{b64encode(data).decode('ascii')}"


def _wrong(wanted: str, media_type: str) -> ParameterError:
    found = "something unknown" if media_type == _UNKNOWN else media_type
    return ParameterError(f"The file is not {wanted}, but {found}.", parameter="messages")
