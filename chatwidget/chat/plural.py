"""Numbers in sentences."""

from __future__ import annotations

__all__ = ["counted"]


def counted(number: int, what: str) -> str:
    """Return a number of things, as in ``1 row`` and ``2,000 rows``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
