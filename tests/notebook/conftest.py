"""Cells of a real IPython shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from IPython.utils.capture import capture_output

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import RichOutput


class Cells:
    """Runs cells in a shell and keeps what they showed and how they failed."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.stdout = ""
        self.outputs: list[RichOutput] = []
        self.error: BaseException | None = None

    def run(self, cell: str) -> str:
        """Run a cell; an error is kept, and shown as IPython shows it."""
        with capture_output() as captured:
            result = self.shell.run_cell(cell)
        self.stdout = captured.stdout
        self.outputs = captured.outputs
        self.error = result.error_before_exec or result.error_in_exec
        return self.stdout


@pytest.fixture
def cells(shell: InteractiveShell) -> Cells:
    cells = Cells(shell)
    cells.run("%load_ext chatwidget")
    assert cells.error is None
    return cells
