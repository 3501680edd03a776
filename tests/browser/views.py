"""What the flows of views in cells share: a notebook that ran, and how a view looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from browser.axe import findings

if TYPE_CHECKING:
    from collections.abc import Callable

    from browser.lab import Lab, Notebook

__all__ = ["FITS", "SETUP", "practice_notebook", "seen_in_each_theme"]

SETUP = "%load_ext chatwidget\n%chat use practice"
FITS = "node => node.scrollWidth <= node.clientWidth + 1"
"""Whether nothing of a node lies beyond its width."""

_THEMES = ("JupyterLab Dark", "JupyterLab Light")


def practice_notebook(lab: Lab, *cells: str, pace: float = 0.0) -> Notebook:
    """Open a notebook of the practice model, which waits so long before each token, and run it."""
    notebook = lab.open_notebook([SETUP, *cells], {"CHATWIDGET_PRACTICE_PACE": str(pace)})
    notebook.run_all()
    return notebook


def seen_in_each_theme(
    lab: Lab, selector: str, name: str, before: Callable[[], object] = lambda: None
) -> None:
    """Keep a picture of a view in each theme, and hold it to what is accessible.

    Parameters
    ----------
    lab, selector, name
        Where, which part of the page, and what the pictures are called.
    before
        What is done in each theme first.
    """
    found = []
    for theme in _THEMES:
        lab.theme(theme)
        before()
        lab.screenshot(f"{name}-{theme.split()[-1].lower()}")
        found += findings(lab, selector, theme)
    assert not found, "\n".join(found)
