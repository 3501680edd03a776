"""Attachments: images and files that go along with a prompt, by their path or in a variable."""

from __future__ import annotations

import difflib
import importlib
import io
import re
import sys
from contextlib import suppress
from itertools import islice
from os.path import expanduser
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.client.wire.content import audio_part, file_part, image_part
from chatwidget.prompt.instance_checks import is_a
from chatwidget.prompt.secrets import refuse_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.wire.content_parts import AudioPart, FilePart, ImagePart, TextPart

__all__ = ["file", "image", "part_of"]


# what PNG can hold; a picture of another kind is converted
_PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
_DIMENSIONS = 2
_CHANNELS = ((2,), (3,), (4,))
_BYTE = 255


def picture_bytes(value: Any) -> bytes | None:
    """Return a picture as the bytes of a file, or None if the value is no picture that is known.

    Raises
    ------
    ConfigurationError
        If it is an array, and cannot be drawn.
    """
    if is_a(value, "matplotlib.Figure"):
        return _saved(value.savefig, bbox_inches="tight")
    if is_a(value, "matplotlib.Axes"):
        return picture_bytes(value.figure)
    if is_a(value, "PIL.Image"):
        return _saved((value if value.mode in _PNG_MODES else value.convert("RGB")).save)
    if is_a(value, "numpy.ndarray"):
        return picture_bytes(_drawn(value))
    if is_a(value, "IPython.Image") and isinstance(value.data, bytes):
        return value.data
    return None


def _saved(save: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    save(file, format="png", **options)
    return file.getvalue()


def _drawn(array: Any) -> Any:
    """Return an array as a picture of Pillow."""
    try:
        pillow = importlib.import_module("PIL.Image")
    except ImportError:
        raise ConfigurationError(
            "An array becomes a picture by Pillow, which is not installed.",
            hint="Install it with %pip install pillow, or attach a figure.",
        ) from None
    pixels = _pixels(array)
    if pixels is None:
        raise ConfigurationError(
            f"An array of shape {array.shape} and type {array.dtype} is no picture.",
            hint="One has rows, columns and at most 4 channels, of numbers to 255 or parts of 1.",
        )
    return pillow.fromarray(pixels)


def _pixels(array: Any) -> Any:
    """Return an array as bytes of rows, columns and channels, or None if it is no such thing."""
    numpy, kind = sys.modules["numpy"], array.dtype.kind
    if array.ndim == _DIMENSIONS + 1 and array.shape[-1] == 1:
        array = array[..., 0]
    is_picture = array.ndim == _DIMENSIONS or array.shape[_DIMENSIONS:] in _CHANNELS
    if not array.size or not is_picture:
        return None
    if kind in ("b", "f"):
        # parts of 1, as matplotlib has them
        parts = numpy.nan_to_num(array.astype("float64")).clip(0, 1)
        return (parts * _BYTE).round().astype("uint8")
    is_byte = kind in ("i", "u") and array.min() >= 0 and array.max() <= _BYTE
    return array.astype("uint8") if is_byte else None


_LARGEST = 20 * 2**20
_LARGEST_TEXT = 2**20
_ADDRESSES = ("https:", "http:", "data:")
_NEIGHBOURS = 10_000
_SHOWN = 100
_FENCE = "```"
_END = "\n"


def image(word: str, namespace: Mapping[str, object]) -> ImagePart:
    """Return the content part of an image.

    Parameters
    ----------
    word
        The name of a variable, a path, or an address that the server fetches the image from. A
        variable holds one of these, the bytes of a file, a picture of Pillow, a figure of
        matplotlib, an image of IPython or an array. If a variable and a file have the same name,
        the variable is meant, and ``./name`` is the file.
    namespace
        The user's variables.

    Raises
    ------
    ConfigurationError
        If there is no such thing, or it is no image or too large.
    """
    source = _source(word, namespace)
    if isinstance(source, str):
        return image_part(source)
    data = _read(word, source, _LARGEST)
    with suppress(ParameterError):
        # a format that its bytes do not tell is told by the name of the file
        return image_part(source if isinstance(source, Path) else data)
    raise ConfigurationError(
        f"{_quoted(word)} is no image that a model can look at.",
        hint="PNG, JPEG, GIF and WebP are; --file attaches other files.",
    )


def file(
    word: str, namespace: Mapping[str, object], *, keys: Iterable[ApiKey] = ()
) -> TextPart | ImagePart | AudioPart | FilePart:
    """Return the content part of a file: text as text, anything else as what it is.

    Parameters
    ----------
    word
        The name of a variable or a path, as for an image.
    namespace
        The user's variables.
    keys
        The keys in use, which are not sent; those in the environment are known.

    Raises
    ------
    ConfigurationError
        If there is no such file, it is too large, or it holds a secret.
    """
    source = _source(word, namespace)
    if isinstance(source, str):
        raise ConfigurationError(
            f"{_quoted(source)} is an address, and --file takes a path or a variable.",
            hint="Download it first; --image takes the address of an image.",
        )
    data = _read(word, source, _LARGEST)
    return part_of(data, source.name if isinstance(source, Path) else None, word, keys=keys)


def part_of(
    data: bytes, name: str | None, word: str, *, keys: Iterable[ApiKey] = ()
) -> TextPart | ImagePart | AudioPart | FilePart:
    """Return the content part of what a file holds.

    Parameters
    ----------
    data
        All of it.
    name
        The name of the file, if it has one.
    word
        What the user calls it.
    keys
        As in `file`.

    Raises
    ------
    ConfigurationError
        If it is too large, or holds a secret.
    """
    _check_size(word, len(data), _LARGEST)
    text = _text(data)
    if text is None:
        return _binary_part(data, name)
    _check_size(word, len(data), _LARGEST_TEXT)
    refuse_secrets(_quoted(word), text, keys)
    return {"type": "text", "text": _fenced(name or word, text)}


def _source(word: str, namespace: Mapping[str, object]) -> str | Path | bytes:
    """Return the address, the path or the bytes that a word means."""
    value = namespace.get(word, word)
    if is_a(value, "IPython.Image") and getattr(value, "url", None):
        value = str(value.url)  # type: ignore[attr-defined]
    if isinstance(value, str) and value.startswith(_ADDRESSES):
        return value
    if isinstance(value, str | PurePath):
        return _existing(str(value), namespace)
    data = bytes(value) if isinstance(value, bytes | bytearray) else picture_bytes(value)
    if data is None:
        raise ConfigurationError(
            f"The variable {word} is no file, but {type(value).__name__}.",
            hint=f"{{{{{word}}}}} in the prompt inserts it as text.",
        )
    return data


def _existing(text: str, namespace: Mapping[str, object]) -> Path:
    # a name of a user that does not exist is left as it is, where Path.expanduser raises
    path = Path(expanduser(text))  # noqa: PTH111
    with suppress(OSError, ValueError):
        if path.is_file():
            return path
        if path.exists():
            raise ConfigurationError(f"{_quoted(text)} is no file.", hint="Name one file in it.")
    near = _nearest(text, path, namespace)
    raise ConfigurationError(
        f"There is no file and no variable {_quoted(text)}.",
        hint=f"Did you mean {near}?" if near else f"Paths start at {Path.cwd()}.",
    )


def _nearest(text: str, path: Path, namespace: Mapping[str, object]) -> str | None:
    known = {name: name for name in namespace if not name.startswith("_")}
    with suppress(OSError, ValueError):
        for neighbour in islice(path.parent.iterdir(), _NEIGHBOURS):
            known[neighbour.name] = str(PurePath(text).with_name(neighbour.name))
    near = difflib.get_close_matches(path.name[:_SHOWN], known, n=1)
    return known[near[0]] if near else None


def _read(word: str, source: Path | bytes, largest: int) -> bytes:
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        _check_size(word, size, largest)
        return source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{_quoted(word)} cannot be read: {error.strerror}.", hint="Is it yours to read?"
        ) from None


def _check_size(word: str, size: int, largest: int) -> None:
    if size > largest:
        raise ConfigurationError(
            f"{_quoted(word)} has {size:,} bytes; at most {largest:,} can be attached.",
            hint="Attach the part of it that matters.",
        )


def _text(data: bytes) -> str | None:
    """Return what is written in a file, or None if it is no text."""
    if data.startswith(b"%PDF-") or b"\0" in data:
        return None
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8-sig")
    return None


def _binary_part(data: bytes, name: str | None) -> ImagePart | AudioPart | FilePart:
    with suppress(ParameterError):
        return image_part(data)
    with suppress(ParameterError):
        return audio_part(data)
    return file_part(data, filename=name)


def _fenced(name: str, text: str) -> str:
    """Return a text within a fence that it cannot close, below the name of its file."""
    fence = max([_FENCE, *(f"{run}`" for run in re.findall("`{3,}", text))], key=len)
    language = {".ipynb": "json"}.get(PurePath(name).suffix, PurePath(name).suffix[1:])
    # half of a surrogate pair, as in a name that is not UTF-8, cannot be sent
    shown = name.encode("utf-8", "replace").decode("utf-8")
    return f"File {shown}:\n\n{fence}{language}\n{text.rstrip(_END)}\n{fence}"


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
