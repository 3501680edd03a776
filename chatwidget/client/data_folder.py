"""The user's data directory, where what is remembered across sessions is kept."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import platformdirs

__all__ = ["data_folder"]


def data_folder() -> Path:
    """Return the user's folder for chatwidget's files, or the one that ``CHATWIDGET_DATA`` names.

    It may not exist yet.
    """
    return _folder(os.environ.get("CHATWIDGET_DATA", ""))


@cache
def _folder(named: str) -> Path:
    return Path(named or platformdirs.user_data_dir("chatwidget"))
