"""A conversation: its turns, and what of them goes into the next request. Plain data, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from chatwidget.client.types import ChatCompletionMessage, Message

__all__ = ["Conversation", "Status", "Turn"]

Status = Literal["complete", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Turn:
    """A prompt and what came of it.

    Attributes
    ----------
    prompt
        What the user wrote.
    answer
        The message of the model, as far as it came; None if nothing came.
    status
        Whether the answer is complete, was stopped by the user, or failed.
    cell_id
        The notebook cell that holds the turn, where there is one.
    """

    prompt: str
    answer: ChatCompletionMessage | None
    status: Status
    cell_id: str | None = None


@dataclass(slots=True)
class Conversation:
    """The turns of one conversation, oldest first.

    A cell holds at most one turn: running it again replaces that turn, and drops the turns that
    followed, for they answered to what is no longer there.
    """

    turns: list[Turn] = field(default_factory=list)

    def messages(
        self, prompt: str, *, system: str = "", cell_id: str | None = None
    ) -> list[Message]:
        """Return the messages of the next request; only complete turns are among them."""
        messages: list[Message] = [{"role": "system", "content": system}] if system else []
        for turn in self._before(cell_id):
            if turn.status == "complete" and turn.answer is not None:
                messages += [{"role": "user", "content": turn.prompt}, turn.answer]
        return [*messages, {"role": "user", "content": prompt}]

    def record(self, turn: Turn) -> None:
        """Add a turn, in place of the one that its cell held before."""
        self.turns = [*self._before(turn.cell_id), turn]

    def clear(self) -> None:
        """Forget all turns."""
        self.turns = []

    def _before(self, cell_id: str | None) -> list[Turn]:
        """Return the turns that a run of this cell answers to."""
        cells = [turn.cell_id for turn in self.turns]
        known = cell_id is not None and cell_id in cells
        return self.turns[: cells.index(cell_id)] if known else self.turns
