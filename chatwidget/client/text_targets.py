"""Which streams and widgets take any text: found out before a request, with nothing written."""

from __future__ import annotations

import asyncio
import codecs
import io
from typing import Any

__all__ = ["check_takes_text", "shows_text"]

_BINARY = (io.RawIOBase, io.BufferedIOBase, asyncio.StreamWriter, asyncio.WriteTransport)
_ENCODERS = (codecs.StreamWriter, codecs.StreamReaderWriter)  # their mode is that of the file
_SAMPLE = "A text that is no choice.\n"


def check_takes_text(stream: Any) -> None:
    """Raise a TypeError if a stream takes bytes, is closed, or is there to be read.

    Raises
    ------
    TypeError
        If an answer cannot be written to it.
    """
    is_encoder = isinstance(stream, _ENCODERS)
    if isinstance(stream, _BINARY) or ("b" in str(getattr(stream, "mode", "")) and not is_encoder):
        _refuse(stream, "it takes bytes, and an answer is text; open it as text")
    if isinstance(stream, io.IOBase) and (stream.closed or not stream.writable()):
        _refuse(stream, "it is closed" if stream.closed else "it is open for reading alone")


def shows_text(target: Any) -> bool:
    """Tell whether a target is a widget with a text for a value; that of a slider is none.

    Raises
    ------
    TypeError
        If its value is one of a few texts, or of a certain kind.
    """
    has_trait = getattr(target, "has_trait", None)
    is_text = callable(has_trait) and has_trait("value") and isinstance(target.value, str)
    if not is_text:
        return False
    try:
        # the validators of the trait and of the widget; nothing is set
        target.traits()["value"]._validate(target, _SAMPLE)  # noqa: SLF001 - the only way to ask
    except Exception:  # noqa: BLE001 - a validator may raise anything
        _refuse(target, "its value cannot be any text")
    return True


def _refuse(target: object, reason: str) -> None:
    raise TypeError(f"stream_to cannot feed {type(target).__name__!r}: {reason}.")
