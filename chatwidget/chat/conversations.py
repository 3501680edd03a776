"""Conversations by their names, one of which is the current one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from msgspec.structs import replace
from traitlets import Dict, Unicode

from chatwidget.chat.conversation import Conversation, Turn
from chatwidget.chat.observing import GuardedTraits
from chatwidget.chat.turn_metadata import turn_metadata
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.forks import fork_safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatwidget.chat.question import Question
    from chatwidget.client.wire.types import Message

__all__ = ["Conversations"]

FIRST_CONVERSATION = "main"


class Conversations(GuardedTraits):
    """All that has been asked; threads may share it.

    Attributes
    ----------
    conversations
        All conversations by their names. They are values: each change puts another one here.
    current
        The name of the conversation that the next question belongs to.
    """

    conversations: Dict[str, Conversation] = Dict()
    current = Unicode(FIRST_CONVERSATION)

    def __init__(self, **traits: object) -> None:
        super().__init__(**traits)
        # Whoever changes a conversation, from any thread. Observers run under it, and may change
        # another or take a panel's lock; nobody who holds a panel's lock changes a conversation.
        self._lock = fork_safe(threading.RLock())
        self._own: set[str] = set()

    @property
    def conversation(self) -> Conversation:
        """The conversation that the next question belongs to."""
        return self.conversations.get(self.current, Conversation())

    @property
    def names(self) -> list[str]:
        """The names of all conversations, that of the current one among them."""
        return list({**self.conversations, self.current: None})

    def change(self, edit: Callable[[Conversation], Conversation], name: str | None = None) -> None:
        """Put what a function makes of a conversation in its place; by default the current one."""
        with self._lock:
            name = self.current if name is None else name
            changed = edit(self.conversations.get(name, Conversation()))
            self.conversations = {**self.conversations, name: changed}

    def begin(self, name: str | None = None, conversation: Conversation | None = None) -> str:
        """Go on in another conversation, by default an empty one, and return its name.

        Raises
        ------
        ConfigurationError
            If there is a conversation of that name already.
        """
        name = name or self.free_name(self.current)
        if name in self.conversations:
            raise ConfigurationError(
                f"There is a conversation {name!r} already.",
                hint=f"%chat switch {name} goes there.",
            )
        self.change(lambda current: current)  # one that is empty can be gone back to as well
        self.change(lambda _: conversation or Conversation(), name)
        self.current = name
        return name

    def fork(self, name: str | None = None) -> str:
        """Go on in a copy of the current conversation, and return its name.

        Raises
        ------
        ConfigurationError
            If there is a conversation of that name already.
        """
        return self.begin(name, self.conversation)

    def set_aside(self, name: str) -> str:
        """Give a conversation another name, so that its own is free, and return that name.

        What is empty or not there needs none, and keeps it.
        """
        with self._lock:
            conversation = self.conversations.get(name, Conversation())
            kept = self.free_name(name) if conversation.turns else name
            others = {each: it for each, it in self.conversations.items() if each != name}
            self.conversations = others | ({kept: conversation} if kept != name else {})
        return kept

    def remove(self, name: str) -> Conversation:
        """Delete a conversation and return it; the next question belongs to another one.

        Raises
        ------
        ConfigurationError
            If there is none of that name.
        """
        with self._lock:
            gone = self.conversations.get(name)
            if gone is None:
                raise ConfigurationError(f"There is no conversation {name!r}.")
            self.conversations = {
                each: it for each, it in self.conversations.items() if each != name
            }
            if self.current == name:
                self.current = next(reversed(self.conversations), FIRST_CONVERSATION)
        return gone

    def free_name(self, name: str) -> str:
        """Return a name like another one that no conversation has."""
        stem = name.rstrip("0123456789").rstrip("-")
        numbers = range(2, len(self.conversations) + 3)
        return next(free for n in numbers if (free := f"{stem}-{n}") not in self.conversations)

    def adopt(self, others: Mapping[str, Conversation], current: str) -> dict[str, str]:
        """Add conversations and go on in one of them; none that is there already is touched.

        Returns
        -------
        dict
            For each of them the name that it has now: its own, unless another conversation has it.
        """
        names = {}
        with self._lock:
            for name, conversation in others.items():
                known = self.conversations.get(name, Conversation())
                is_free = not known.turns or known == conversation
                names[name] = name if is_free else self.free_name(name)
                self.conversations = {**self.conversations, names[name]: conversation}
        self.current = names.get(current, self.current)
        return names

    def record(self, question: Question, turn: Turn) -> None:
        """Add the turn of a question that has been asked to its conversation."""
        if question.conversation is None:
            return

        self._own.add(turn.id)

        def add(conversation: Conversation) -> Conversation:
            chosen = question.has_parent and question.parent in {None, *conversation.turns}
            parent = question.parent if chosen else conversation.parent_for(turn.cell_id)
            return conversation.with_turn(replace(turn, parent=parent))

        self.change(add, question.conversation)

    def is_foreign(self, turn: str) -> bool:
        """Tell whether a turn was not asked here: a file told of it, which anybody may write."""
        return turn not in self._own

    def turn_metadata(self, question: Question, prompt: str | None = None) -> Mapping[str, object]:
        """Return how a question was answered, and where its turn stands, for its output.

        The prompt is given if the cell of the output does not have it as it is.
        """
        if question.conversation is None:
            return {}
        turns = self.conversations.get(question.conversation, Conversation()).turns
        asked = Turn(id=question.turn_id, prompt=question.prompt)
        turn = turns.get(question.turn_id, asked)
        return turn.facts | turn_metadata(question.conversation, turn, prompt=prompt)

    def history(
        self, name: str | None, cell_id: str | None, beside: str | None = None
    ) -> tuple[list[Message], str | None]:
        """Return the messages that a question is sent after, and the turn that it answers to."""
        if name is None:
            return [], None
        conversation = self.conversations.get(name, Conversation())
        known = conversation.turns.get(beside or "")
        parent = known.parent if known else conversation.parent_for(cell_id)
        return conversation.messages(parent), parent
