"""The views of the tuning lab: what a study shows in a notebook, while it runs and afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatwidget.lab.grid_of import grid

__all__ = ["grid"]


def __getattr__(name: str) -> object:
    if name == "grid":
        from chatwidget.lab.grid_of import grid  # noqa: PLC0415 - loads the session

        return grid
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
