"""A question, ready to be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chatwidget.chat.conversation import new_id
from chatwidget.client.parameters import checked
from chatwidget.client.structured import parser

if TYPE_CHECKING:
    from chatwidget.client.servers import Server
    from chatwidget.client.types import Message

__all__ = ["Question", "checked_overrides", "messages_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A prompt with everything that the session adds to it.

    Attributes
    ----------
    prompt
        What the user wrote.
    content
        What is sent in its place: with variables filled in, or in parts; None for the prompt.
    messages
        All that is sent: the system message, the conversation so far, and the prompt.
    server, model, parameters, extra_body
        Who is asked, and how.
    system
        The system message; empty for none.
    conversation
        The name of the conversation that the turn is recorded in; None for none.
    parent
        The turn that it answers to, if that is not left to the conversation.
    has_parent
        Whether `parent` was chosen; None may mean that it is to be a first turn.
    cell_id
        The notebook cell that asks.
    turn_id
        The name of the turn that it will be.
    """

    prompt: str
    content: str | list[dict[str, Any]] | None = None
    messages: list[Message]
    server: Server
    model: str
    parameters: dict[str, Any]
    extra_body: dict[str, Any] | None = None
    system: str = ""
    conversation: str | None = None
    parent: str | None = None
    has_parent: bool = False
    cell_id: str | None = None
    turn_id: str = field(default_factory=new_id)

    def request(self) -> dict[str, Any]:
        """Return it as the arguments of a client's call."""
        return {
            "messages": self.messages,
            "model": self.model,
            "extra_body": self.extra_body,
            **self.parameters,
        }


def checked_overrides(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as `checked` does; a type stays one until its schema is sent."""
    form = parameters.get("response_format")
    if parser(form) is None:
        return checked(parameters)
    return checked({**parameters, "response_format": None}) | {"response_format": form}


def messages_of(
    system: str, history: list[Message], content: str | list[dict[str, Any]]
) -> list[Message]:
    """Return the messages of a request; an empty system message is none."""
    first: list[Message] = [{"role": "system", "content": system}] if system else []
    return [*first, *history, {"role": "user", "content": content}]
