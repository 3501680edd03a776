"""A strict type checker infers what users get, and finds what they get wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

USAGE = Path(__file__).parent / "typing" / "usage.py"


def test_what_users_write_has_the_right_types() -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--warn-unused-ignores", str(USAGE)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert checked.returncode == 0, checked.stdout
