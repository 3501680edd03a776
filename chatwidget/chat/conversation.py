"""A conversation: its turns as a tree, and what of them goes into the next request.

Plain data, no I/O. A conversation never changes: what would change it returns another one, so
that whoever holds one may go on reading it.
"""

from __future__ import annotations

from typing import Any, Literal
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from chatwidget.client.wire.tool_messages import assistant_message, tool_message
from chatwidget.client.wire.types import ChatCompletionMessage, Message

__all__ = ["Conversation", "Status", "Turn", "new_id"]

Status = Literal["complete", "stopped", "failed"]


def new_id() -> str:
    """Return a name that no other turn has."""
    return uuid4().hex[:12]


class Turn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A prompt and what came of it.

    Attributes
    ----------
    id
        Its name.
    parent
        The name of the turn that it answers to; None for the first.
    prompt
        What the user wrote.
    content
        What was sent in its place: the prompt with variables filled in, or its parts with images
        and files; None if that is the prompt.
    system
        The system message that was sent with it.
    steps
        The messages between the prompt and the answer: calls of tools, and their results.
    answers
        The messages of the model, as far as they came; several if several were asked for.
    chosen
        Which of the answers the conversation goes on with.
    status
        Whether the answer is complete, was stopped by the user, or failed.
    cell_id
        The notebook cell that holds the turn, where there is one.
    facts
        How the answer came: model, server, parameters, usage, timing. For people, not for requests.
    """

    prompt: str
    id: str = msgspec.field(default_factory=new_id)
    parent: str | None = None
    content: str | list[dict[str, Any]] | None = None
    system: str = ""
    steps: list[dict[str, Any]] = []
    answers: list[ChatCompletionMessage] = []
    chosen: int = 0
    status: Status = "complete"
    cell_id: str | None = None
    facts: dict[str, Any] = {}

    @property
    def answer(self) -> ChatCompletionMessage | None:
        """The answer that the conversation goes on with, as far as it came."""
        return self.answers[self.chosen] if self.answers else None

    @property
    def is_sent(self) -> bool:
        """Whether later requests say it: it is complete, and its answer says something."""
        is_complete = self.status == "complete"
        return is_complete and self.answer is not None and not self.answer.is_silent

    def request_key(self) -> dict[str, Any]:
        """Return what the answer depended on, in the form of `RequestConfig.key`.

        One that went on from a beginning is like no other.
        """
        facts = self.facts
        begun = {"begun": facts["begun"]} if "begun" in facts else {}
        return begun | {
            "server": str(facts.get("server") or ""),
            "model": str(facts.get("asked_model") or facts.get("model") or ""),
            "system": self.system,
            "parameters": facts.get("parameters") or {},
            "extra_body": facts.get("extra_body") or {},
        }

    def messages(self) -> list[Message]:
        """Return what a later request says of this turn: nothing, unless it is sent."""
        if not self.is_sent or self.answer is None:
            return []
        asked: Message = {"role": "user", "content": self.content or self.prompt}
        return [asked, *self.steps, *_ending(self.answer, self.steps)]


def _ending(answer: ChatCompletionMessage, steps: list[dict[str, Any]]) -> list[Message]:
    """Return an answer; calls in it did not run, and servers refuse those that have no result."""
    if not answer.tool_calls:
        return [answer]
    asked = assistant_message(answer, steps)
    return [asked, *(tool_message(call["id"], "Not run.") for call in asked["tool_calls"])]


class Conversation(msgspec.Struct, frozen=True, omit_defaults=True):
    """The turns of one conversation.

    They are a tree: running a cell again, editing a prompt or asking anew adds a version beside the
    earlier one, and nothing is lost. The next question follows the path to the `head`.

    Attributes
    ----------
    turns
        All turns by their names, in the order in which they were recorded.
    head
        The name of the last turn of the current path; None before the first.
    """

    turns: dict[str, Turn] = {}
    head: str | None = None

    def path(self, to: str | None = None) -> list[Turn]:
        """Return the turns from the first to the head, or to another turn."""
        turns = []
        name = to or self.head
        while name is not None:
            turns.append(self.turns[name])
            name = self.turns[name].parent
        return turns[::-1]

    def parent_for(self, cell_id: str | None) -> str | None:
        """Return the turn that a question from a cell answers to.

        A cell holds at most one turn of a path: run again, it stands where it stood.
        """
        held = [turn for turn in self.path() if cell_id is not None and turn.cell_id == cell_id]
        return held[0].parent if held else self.head

    def messages(self, parent: str | None) -> list[Message]:
        """Return the messages that lead to a turn; only those of complete turns are among them."""
        path = self.path(parent) if parent is not None else []
        return [message for turn in path for message in turn.messages()]

    def with_turn(self, turn: Turn) -> Conversation:
        """Return the conversation with one more turn, which is its head."""
        return Conversation({**self.turns, turn.id: turn}, turn.id)

    def versions(self, name: str) -> list[Turn]:
        """Return a turn and those that stand beside it, oldest first."""
        parent = self.turns[name].parent
        return [turn for turn in self.turns.values() if turn.parent == parent]

    def showing(self, name: str) -> Conversation:
        """Return the conversation with a path that goes through a turn, to its newest end."""
        return replace(self, head=list(self._below(name))[-1])

    def until(self, name: str | None) -> Conversation:
        """Return the conversation with a turn as its head: the next question answers to it."""
        return replace(self, head=name)

    def choosing(self, name: str, chosen: int) -> Conversation:
        """Return the conversation in which a turn goes on with another of its answers.

        Raises
        ------
        IndexError
            If there is no such answer.
        """
        turn = self.turns[name]
        if not 0 <= chosen < len(turn.answers):
            raise IndexError(f"The turn has {len(turn.answers)} answers.")
        return replace(self, turns={**self.turns, name: replace(turn, chosen=chosen)})

    def without(self, name: str) -> Conversation:
        """Return the conversation without a turn and all that answers to it."""
        gone = self._below(name)
        kept = {name: turn for name, turn in self.turns.items() if name not in gone}
        parent = self.turns[name].parent
        smaller = Conversation(kept, parent if self.head in gone else self.head)
        beside = [turn for turn in kept.values() if turn.parent == parent]
        return smaller.showing(beside[-1].id) if beside and self.head in gone else smaller

    def with_deleted(self, before: Conversation) -> Conversation:
        """Return the conversation with what was deleted from an earlier state of it.

        What was added meanwhile stays, and the path leads where it led before, unless it goes on.
        """
        turns = {name: self.turns.get(name, turn) for name, turn in before.turns.items()}
        added = {name: turn for name, turn in self.turns.items() if name not in turns}
        return Conversation({**turns, **added}, self.head if added else before.head)

    def _below(self, name: str) -> dict[str, Turn]:
        """Return a turn and all that answer to it, in the order in which they were recorded."""
        below = {name: self.turns[name]}
        for turn in self.turns.values():
            if turn.parent in below:
                below[turn.id] = turn
        return below

    def check(self) -> None:
        """Check that the turns hang together.

        Raises
        ------
        ValueError
            If one of them answers to none of those before it, or the head is none of them.
        """
        seen: set[str | None] = {None}
        for name, turn in self.turns.items():
            if turn.id != name or turn.parent not in seen:
                raise ValueError(f"The turn {name!r} answers to none of the turns before it.")
            seen.add(name)
        if self.head not in seen:
            raise ValueError(f"There is no turn {self.head!r}.")
