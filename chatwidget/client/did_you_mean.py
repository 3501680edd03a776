"""The hint for a name that there is not: the one that was probably meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean"]


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "", *, form: str = "{}") -> str:
    """Return the hint for a name that is not known.

    Parameters
    ----------
    name
        What was written.
    known
        The names that there are.
    otherwise
        What to do if none of them is near.
    form
        How the near one is written, such as ``%chat {}``.
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean {form.format(near[0])}?" if near else otherwise
