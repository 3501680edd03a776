"""The metadata of a turn in its output, from which a notebook gives its conversations back.

The output has the text of the answer, and its cell the prompt, so neither is repeated here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.chat.answer_metadata import as_json
from chatwidget.chat.conversation import Status, Turn
from chatwidget.chat.restored_turn import restored_turn
from chatwidget.client.text import clean
from chatwidget.client.wire.types import ChatCompletionMessage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chatwidget.chat.restored_turn import RestoredTurn

__all__ = ["TurnMetadata", "copied_turns", "turn_metadata"]


class TurnMetadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the metadata of an output says of its turn.

    Attributes
    ----------
    conversation, turn, parent
        The names of the conversation, of the turn, and of the turn that it answers to.
    prompt
        The prompt, where the cell does not have it as it is.
    content
        What was sent in its place.
    system, steps, chosen, status
        As in `Turn`.
    answers
        The answers, where they are more than the text of the output.
    """

    conversation: str
    turn: str
    parent: str | None = None
    prompt: str | None = None
    content: str | list[dict[str, Any]] | None = None
    system: str = ""
    steps: list[dict[str, Any]] = []
    answers: list[ChatCompletionMessage] | None = None
    chosen: int = 0
    status: Status = "complete"

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> TurnMetadata:
        """Read the metadata of an output.

        Raises
        ------
        ValueError
            If it is not what `turn_metadata` returned.
        """
        return msgspec.convert(metadata, cls)

    def turn_with(
        self, prompt: str, text: str, *, cell_id: str | None, facts: dict[str, Any]
    ) -> RestoredTurn:
        """Return the turn, with the prompt of its cell and the text of its output.

        Raises
        ------
        ValueError
            If it says something that no turn says.
        """
        answers = self.answers
        if answers is None:
            answers = [ChatCompletionMessage(content=text)]
        turn = Turn(
            id=self.turn,
            parent=self.parent,
            prompt=prompt if self.prompt is None else self.prompt,
            content=self.content,
            system=self.system,
            steps=self.steps,
            answers=answers,
            chosen=self.chosen if 0 <= self.chosen < len(answers) else 0,
            status=self.status,
            cell_id=cell_id,
            facts={name: fact for name, fact in facts.items() if name not in _OWN},
        )
        return restored_turn(turn)


_OWN = frozenset(TurnMetadata.__struct_fields__) - {"status"}


def copied_turns(conversation: str, turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """Return what the metadata of an output says that holds several turns, each of them whole.

    Those that were asked in a cell are left out: the output of that cell tells of them.
    """
    return [
        turn.facts | turn_metadata(conversation, turn, prompt=turn.prompt, with_answers=True)
        for turn in turns
        if turn.cell_id is None
    ]


def turn_metadata(
    conversation: str,
    turn: Turn,
    *,
    prompt: str | None = None,
    with_files: bool = False,
    with_answers: bool = False,
) -> dict[str, Any]:
    """Return what the metadata of an output says of its turn.

    Parameters
    ----------
    conversation
        The name of the conversation.
    turn
        The turn.
    prompt
        The prompt, if the cell does not have it as it is.
    with_files
        Whether images and files that were sent are held, too; they may be large.
    with_answers
        Whether the answers are held, although the output may have their text.
    """
    is_held = with_files or isinstance(turn.content, str)
    metadata = TurnMetadata(
        conversation=conversation,
        turn=turn.id,
        parent=turn.parent,
        prompt=prompt,
        content=turn.content if is_held else None,
        system=turn.system,
        steps=turn.steps,
        answers=None if _is_plain(turn) and not with_answers else turn.answers,
        chosen=turn.chosen,
        status=turn.status,
    )
    return {"parent": None} | as_json(msgspec.to_builtins(metadata))


def _is_plain(turn: Turn) -> bool:
    """Tell whether the text of the output is all that there is of the answer."""
    text = (turn.answer and turn.answer.content) or ""
    plain = [ChatCompletionMessage(content=text)]
    return bool(text) and not turn.steps and turn.answers == plain and clean(text) == text
