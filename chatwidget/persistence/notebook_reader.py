"""The conversations of a notebook, from its cells and from the metadata of their outputs."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from chatwidget.chat.cell_ids import numbered
from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.chat.restored_turn import left_out_remark
from chatwidget.chat.turn_metadata import TurnMetadata
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.text import counted
from chatwidget.persistence.cell_source import names_conversation, prompts_in
from chatwidget.persistence.files import own_notebook, read_text
from chatwidget.persistence.json_file import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["read_notebook", "saved_copies"]


def read_notebook(text: str) -> Found:
    """Return the conversations that a notebook's outputs tell of.

    Raises
    ------
    ConfigurationError
        If it is no notebook, or none of its outputs tells of a conversation.
    """
    reader = _Reader()
    for cell in _cells(text):
        reader.read(cell)
    found = reader.found()
    if not found.conversations:
        raise ConfigurationError(
            " ".join(["The notebook holds no conversation.", *found.remarks]),
            hint="Only the outputs of %%chat cells tell of one: they must be saved with it.",
        )
    return found


def saved_copies(namespace: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the panels' copies in the running kernel's own notebook tell of their turns.

    It is as the file has it, and unchecked. There is nothing if the notebook cannot be found or
    read.
    """
    try:
        text = read_text(own_notebook(namespace))
        return [turn for cell in _cells(text) for turn in _copied(cell)]
    except ConfigurationError:
        return []


@dataclass
class _Reader:
    """Reads cell after cell."""

    turns: dict[str, dict[str, Turn]] = field(default_factory=dict)
    current: str = ""
    unreadable: int = 0
    left_out: list[str] = field(default_factory=list)

    def read(self, cell: dict[str, Any]) -> None:
        """Take the turns of one cell."""
        source = _text(cell.get("source"))
        prompts = prompts_in(source)
        for told in _copied(cell):
            self._try(told, "", "", None)
        cell_id = cell["id"] if isinstance(cell.get("id"), str) else None
        for number, output in enumerate(_answers(cell)):
            prompt = prompts[min(number, len(prompts) - 1)] if prompts else ""
            text = _plain_text(output)
            facts = output["metadata"]["chatwidget"]
            conversation = self._try(facts, prompt, text, numbered(cell_id, number))
            if conversation and (not self.current or not names_conversation(source)):
                self.current = conversation

    def found(self) -> Found:
        """Return what there is."""
        unreadable = f"Of {counted(self.unreadable, 'output')} the metadata cannot be read."
        remarks = (unreadable if self.unreadable else "", left_out_remark(self.left_out))
        return Found(
            {name: _conversation(list(turns.values())) for name, turns in self.turns.items()},
            self.current,
            tuple(filter(None, remarks)),
        )

    def _try(self, facts: dict[str, Any], prompt: str, text: str, cell_id: str | None) -> str:
        """Take a turn, and return the name of its conversation; empty if it cannot be read."""
        try:
            return self._take(facts, prompt, text, cell_id)
        except ValueError:
            self.unreadable += 1
            return ""

    def _take(self, facts: dict[str, Any], prompt: str, text: str, cell_id: str | None) -> str:
        metadata = TurnMetadata.of(facts)
        turn, left_out = metadata.turn_with(prompt, text, cell_id=cell_id, facts=facts)
        self.left_out += left_out
        # A cell that was copied tells of the same turn as the first one.
        self.turns.setdefault(metadata.conversation, {}).setdefault(turn.id, turn)
        return metadata.conversation


def _cells(text: str) -> Iterator[dict[str, Any]]:
    try:
        cells = json.loads(text)["cells"]
        yield from [cell for cell in cells if cell.get("cell_type") == "code"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ConfigurationError(
            "The file is no notebook.", hint="Save it as .ipynb, and import it again."
        ) from None


def _answers(cell: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the outputs of a cell that tell of a turn."""
    return [output for output in _outputs(cell) if "turn" in output["metadata"]["chatwidget"]]


def _copied(cell: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the copy of a panel tells of its turns."""
    for output in _outputs(cell):
        turns = output["metadata"]["chatwidget"].get("turns")
        listed = turns if isinstance(turns, list) else []
        yield from (each for each in listed if isinstance(each, dict))


def _outputs(cell: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the outputs of a cell with metadata of ours."""
    outputs = cell.get("outputs")
    return [
        output
        for output in (outputs if isinstance(outputs, list) else ())
        if isinstance(output, dict)
        and isinstance(output.get("metadata"), dict)
        and isinstance(output["metadata"].get("chatwidget"), dict)
    ]


def _plain_text(output: dict[str, Any]) -> str:
    data = output.get("data")
    return _text(data.get("text/plain")) if isinstance(data, dict) else ""


def _text(lines: object) -> str:
    """Return text that a notebook may hold as a list of lines."""
    if isinstance(lines, list):
        return "".join(map(str, lines))
    return lines if isinstance(lines, str) else ""


def _conversation(turns: list[Turn]) -> Conversation:
    """Return the tree of some turns, given in the order in which they stand in the notebook."""
    attached = list(_attached(turns))
    below: defaultdict[str | None, list[Turn]] = defaultdict(list)
    for turn in attached:
        below[turn.parent].append(turn)
    placed: dict[str, Turn] = {}
    # What is left after the first turns are turns that answer to each other in a circle: the work
    # of somebody's hands.
    for turn in (*below[None], *attached):
        first = turn if turn.parent is None else replace(turn, parent=next(reversed(placed), None))
        waiting = deque([first])
        while waiting:
            each = waiting.popleft()
            if each.id not in placed:
                placed[each.id] = each
                waiting.extend(below[each.id])
    return Conversation(placed, turns[-1].id).showing(turns[-1].id)


def _attached(turns: list[Turn]) -> Iterator[Turn]:
    """Yield turns; one whose parent is no longer in the notebook answers to the one above it."""
    known = {None, *(turn.id for turn in turns)}
    above = None
    for turn in turns:
        yield turn if turn.parent in known else replace(turn, parent=above)
        above = turn.id
