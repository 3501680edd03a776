"""Tables of Markdown, and the verdict on a goal."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["environment", "print_table", "times", "verdict"]

_PACKAGES = ("chatwidget", "httpx", "httpx2", "msgspec", "openai", "litellm", "ipython")
_SMALL = 0.5


def environment() -> str:
    """The machine and the versions, in one line."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    packages = (f"{name} {found}" for name in _PACKAGES if (found := _version(name)))
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores{load}; {', '.join(packages)}"
    )


def print_table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; its columns are as wide as they need to be."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    print(f"\n## {title}\n")
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print(f"| {' | '.join(cells)} |")


def verdict(figure: float, most: float | None) -> str:
    """Whether a figure reaches its goal; nothing where there is none."""
    if most is None:
        return ""
    goal = f"1/{1 / most:.3g}" if 0 < most < _SMALL else f"{most:g}"
    return f"(≤ {goal}: {'ok' if figure <= most else 'MISSED'})"


def times(ratio: float) -> str:
    """A ratio as it is spoken of: ``1.25 x``, or ``1/8.1`` of something larger."""
    return f"1/{1 / ratio:.1f}" if 0 < ratio < _SMALL else f"{ratio:.2f} x"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
