"""Arrays of numpy and tensors of torch: their shape, their type, a few numbers, their corners."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from chatwidget.prompt.instance_checks import is_a
from chatwidget.prompt.summaries.excerpt import Excerpt, excerpt
from chatwidget.prompt.summaries.literals import written

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["array", "is_array", "is_tensor", "tensor"]

_WHOLE = 100
_EDGE = 3
_DIMENSIONS = 2
_NUMERIC = ("b", "i", "u", "f")


def is_array(value: object) -> bool:
    """Tell whether a value is an array of numpy."""
    return is_a(value, "numpy.ndarray")


def is_tensor(value: object) -> bool:
    """Tell whether a value is a tensor of torch."""
    return is_a(value, "torch.Tensor")


def array(value: Any, limit: int) -> Excerpt:
    """Summarise an array."""
    lines = [
        f"{type(value).__name__} of shape {value.shape}, {value.dtype}",
        *_numbers(value),
        *_corners(value),
    ]
    return excerpt("\n".join(lines), limit, is_cut=value.size > _WHOLE)


def tensor(value: Any, limit: int) -> Excerpt:
    """Summarise a tensor, which shows its own corners."""
    about = f"{type(value).__name__} of shape {tuple(value.shape)}, {value.dtype}, {value.device}"
    return excerpt(f"{about}\n{written(value)}", limit)


def _numbers(value: Any) -> Iterator[str]:
    if value.dtype.kind not in _NUMERIC or not value.size:
        return
    # no import: the value has come from a numpy that is loaded
    numpy = sys.modules["numpy"]
    finite = numpy.isfinite(value)
    known = value if finite.all() else value[finite]
    if known.size:
        # the sum of many small integers or short floats would overflow in their own type
        mean = known.mean(dtype="float64")
        yield f"min {float(known.min()):.6g}, mean {mean:.6g}, max {float(known.max()):.6g}"
    if known.size < value.size:
        yield f"{int(numpy.isnan(value).sum()):,} NaN, {int(numpy.isinf(value).sum()):,} infinite"


def _corners(value: Any) -> Iterator[str]:
    numpy = sys.modules["numpy"]
    if value.size > _WHOLE:
        plane = value
        while plane.ndim > _DIMENSIONS:
            plane = plane[0]
        which = "its corners" if plane is value else "the corners of its first plane"
        yield f"Of {value.size:,} items, {which}:"
        value = plane
    yield numpy.array2string(value, threshold=_WHOLE, edgeitems=_EDGE, precision=6)
