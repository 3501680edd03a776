"""The questions of a cell are known by the cell, and told apart by their order."""

from __future__ import annotations

from typing import Any

from chatwidget.chat.cell_ids import asking_cell


class Shell:
    """What a kernel's shell tells of the message that it serves."""

    def __init__(self) -> None:
        self.parent_header: Any = {}

    def serve(self, message: str, cell_id: object) -> None:
        self.parent_header = {"header": {"msg_id": message}, "metadata": {"cellId": cell_id}}


def test_a_cell_that_runs_again_asks_as_the_same() -> None:
    shell = Shell()
    for message in ("1", "2"):
        shell.serve(message, "c")
        assert asking_cell(shell) == "c"


def test_a_second_question_of_a_cell_replaces_only_itself() -> None:
    shell = Shell()
    for message in ("1", "2"):
        shell.serve(message, "c")
        assert [asking_cell(shell) for _ in range(3)] == ["c", "c#2", "c#3"]


def test_where_no_front_end_tells_there_is_no_cell() -> None:
    shell = Shell()
    assert asking_cell(shell) is None
    shell.serve("1", 5)
    assert asking_cell(shell) is None
    assert asking_cell(object()) is None
