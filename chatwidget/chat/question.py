"""A question, ready to be asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from chatwidget.chat.conversation import new_id
from chatwidget.client.answer_fork import limits_after
from chatwidget.client.prices.cost import completion_cost
from chatwidget.client.request.prefill import prefill_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.client.auth.servers import Server
    from chatwidget.client.wire.types import ChatCompletion, Message

__all__ = ["Question", "messages_of"]


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
    config
        Who is asked, and with what; it has a server and a model.
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
    prefill
        What the answer begins with, from which it goes on; None for a whole answer.
    """

    prompt: str
    content: str | list[dict[str, Any]] | None = None
    messages: list[Message]
    config: RequestConfig
    conversation: str | None = None
    parent: str | None = None
    has_parent: bool = False
    cell_id: str | None = None
    turn_id: str = field(default_factory=new_id)
    prefill: ChatCompletion | None = None

    @property
    def server(self) -> Server:
        """Who is asked."""
        return cast("Server", self.config.server)

    def request(self) -> dict[str, Any]:
        """Return it as the arguments of a client's call."""
        parameters = dict(self.config.parameters)
        if self.prefill is not None:
            parameters |= limits_after(parameters, prefill_tokens(self.prefill))
            parameters["prefill"] = self.prefill
        return {
            "messages": self.messages,
            "model": self.config.model,
            "extra_body": self.config.extra_body or None,
            **parameters,
        }

    def going_on(self, prefill: ChatCompletion, parent: str | None) -> Question:
        """Return the question whose answer goes on from a prefill, as another version."""
        return replace(
            self,
            prefill=prefill,
            config=self.config.without("n"),
            parent=parent,
            has_parent=True,
            turn_id=new_id(),
        )

    def cost(self, completion: ChatCompletion, steps: Sequence[object]) -> float | None:
        """Return what an answer costs in dollars, after some calls of tools; None if unknown."""
        return completion_cost(
            self.server,
            completion,
            asked_model=self.config.model or "",
            sent={**self.config.parameters, **self.config.extra_body},
            is_sum=bool(steps),
        )


def messages_of(
    system: str, history: list[Message], content: str | list[dict[str, Any]]
) -> list[Message]:
    """Return the messages of a request; an empty system message is none."""
    first: list[Message] = [{"role": "system", "content": system}] if system else []
    return [*first, *history, {"role": "user", "content": content}]
