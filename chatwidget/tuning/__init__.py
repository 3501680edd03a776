"""Studies: the same questions under varied settings, repeated, counted and compared."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatwidget.tuning.budget import Budget
    from chatwidget.tuning.grouping import first_number, json_field, normalized_text
    from chatwidget.tuning.result import Failure, Result, Setting
    from chatwidget.tuning.results import Results
    from chatwidget.tuning.shelf import remove_study, stored_studies, stored_study
    from chatwidget.tuning.study import Study

__all__ = [
    "Budget",
    "Failure",
    "Result",
    "Results",
    "Setting",
    "Study",
    "first_number",
    "json_field",
    "normalized_text",
    "remove_study",
    "stored_studies",
    "stored_study",
]

_HOMES = ("budget", "grouping", "result", "results", "study", "shelf")


def __getattr__(name: str) -> object:
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"{__name__}.{home}")
            if name in module.__all__:
                globals()[name] = found = getattr(module, name)
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
