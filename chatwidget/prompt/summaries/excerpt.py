"""A text that is cut where it is too long, and says so."""

from __future__ import annotations

from dataclasses import dataclass

from chatwidget.client.text import counted

__all__ = ["Excerpt", "excerpt"]

_HEAD = 2 / 3


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A text, and whether it is only a part of what it stands for."""

    text: str
    is_cut: bool = False


def excerpt(text: str, limit: int, *, is_cut: bool = False) -> Excerpt:
    """Return a text of at most `limit` characters, beside a line that says what is left out.

    A long one keeps its beginning and its end.
    """
    # half of a surrogate pair cannot be sent
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) <= limit:
        return Excerpt(text, is_cut)
    head = int(limit * _HEAD)
    tail = len(text) - (limit - head)
    left_out = (
        f"… {counted(tail - head, 'character')} left out; {limit:,} of {len(text):,} are here …"
    )
    return Excerpt(f"{text[:head]}\n{left_out}\n{text[tail:]}", is_cut=True)
