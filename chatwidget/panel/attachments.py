"""What a person pastes or drops into the composer, as parts of a message, and back."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.wire.media import is_picture
from chatwidget.prompt.attachments import part_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["file_names", "pictures", "read_attachments"]

_MOST = 20
_LONGEST_NAME = 200
_FILE = re.compile(r"File ([^\n]+):\n")


def read_attachments(names: object, buffers: Sequence[memoryview]) -> list[dict[str, Any]]:
    """Return the content parts of files.

    Parameters
    ----------
    names
        The name of each file, as the page says.
    buffers
        What each holds, in the same order.

    Raises
    ------
    ConfigurationError
        If they do not belong together, or one of them cannot be sent.
    """
    if not isinstance(names, list) or len(names) != len(buffers) or len(names) > _MOST:
        raise ConfigurationError(f"At most {_MOST} files go along, each with its name.")
    return [
        dict(part_of(bytes(data), _safe(name), _safe(name)))
        for name, data in zip(names, buffers, strict=True)
    ]


def _safe(name: object) -> str:
    """Return the last part of a name, which is all that is told of where the file was."""
    return PurePath(str(name).replace("\\", "/")).name[:_LONGEST_NAME] or "file"


def pictures(content: str | list[dict[str, Any]] | None) -> list[str]:
    """Return the images that go along with a question, as far as a page may show them.

    That is those that are there as a whole: nothing is loaded from elsewhere.
    """
    urls = (_image_url(part) for part in _parts(content))
    return [url for url in urls if is_picture(url)]


def file_names(content: str | list[dict[str, Any]] | None) -> list[str]:
    """Return the names of what else goes along: files, audio, images from elsewhere."""
    return [name for part in _parts(content) if (name := _name_of(part))]


def _parts(content: str | list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    return content if isinstance(content, list) else []


def _image_url(part: dict[str, Any]) -> str:
    url = (part.get("image_url") or {}).get("url")
    return url if isinstance(url, str) else ""


def _name_of(part: dict[str, Any]) -> str:
    match part.get("type"):
        case "text":
            found = _FILE.match(str(part.get("text")))
            return found[1] if found else ""
        case "file":
            return str((part.get("file") or {}).get("filename") or "file")
        case "input_audio":
            return "audio"
        case "image_url" if not is_picture(url := _image_url(part)):
            return url[:_LONGEST_NAME]
        case _:
            return ""
