"""What a start costs: the CPU time of fresh interpreters."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .measure import in_rounds, median
from .report import print_table, verdict

if TYPE_CHECKING:
    from .bench import Bench

__all__ = ["report"]

_PYTHON = "python"
_SHELL = "a bare IPython shell"

_CODE = {
    _PYTHON: "pass",
    _SHELL: "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance()",
}
_STARTS = (
    ("import chatwidget", _PYTHON, 60),
    ("from chatwidget import create_chat_completion", _PYTHON, None),
    ("import openai", _PYTHON, None),
    ("%load_ext chatwidget", _SHELL, 150),
)
"""What is started, beyond what, and the most ms that it may take."""


def report(bench: Bench) -> None:
    """Print ms of CPU time beyond those of the bare interpreter or the bare shell."""
    starts = [start for start in _STARTS if find_spec(start[0].split()[1])]
    codes = [*_CODE, *(what for what, _, _ in starts)]
    with TemporaryDirectory() as home:
        jobs = {code: partial(_cpu, _code(code), Path(home)) for code in codes}
        figures = in_rounds(jobs, 2 if bench.quick else 7)
    rows = []
    for what, base, most in starts:
        beyond = median(a - b for a, b in zip(figures[what], figures[base], strict=True))
        rows.append([f"`{what}`", base, f"{beyond:.0f}", verdict(beyond, most)])
    print_table("CPU of a start", ["", "beyond", "ms", "goal"], rows)


def _code(what: str) -> str:
    if what.startswith("%"):
        return f"{_CODE[_SHELL]}; s.run_line_magic(*{what[1:].split()})"
    return _CODE.get(what, what)


def _cpu(code: str, home: Path) -> float:
    """The CPU time of a fresh interpreter, in ms; what it writes goes to `home`."""
    environment = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    environment |= {"PYTHONPYCACHEPREFIX": str(home / "compiled"), "IPYTHONDIR": str(home)}
    before = _cpu_of_children()
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    return (_cpu_of_children() - before) * 1e3


_UNWANTED = ("PYTHONDONTWRITEBYTECODE",)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
