"""Pictures in variables, as the bytes of a file."""

from __future__ import annotations

import importlib
import io
import sys
from typing import Any

from chatwidget.client.errors import ConfigurationError
from chatwidget.prompt.instance_checks import is_a

__all__ = ["picture_bytes"]

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
