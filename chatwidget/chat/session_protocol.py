"""What the controller and the re-runs of a session need of it, as a protocol.

The session makes its controller, so that the controller cannot import the session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.conversation import Conversation
    from chatwidget.chat.question import Question
    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.chat.settings import SettingsBase
    from chatwidget.client.background import Task
    from chatwidget.client.sinks import StreamTo
    from chatwidget.tools.background import Ask

__all__ = ["SessionProtocol"]


class SessionProtocol(Protocol):
    """A session that asks: `chatwidget.chat.session.ChatSession` is one."""

    settings: SettingsBase
    current: str

    @property
    def conversation(self) -> Conversation:
        """The conversation that the next question belongs to."""

    def change(self, edit: Callable[[Conversation], Conversation], name: str | None = None) -> None:
        """Put what a function makes of a conversation in its place."""

    def request_config(self, overrides: RequestConfig | None = None) -> RequestConfig:
        """Return what the next request is made of."""

    def question(
        self,
        prompt: str,
        *,
        content: str | list[dict[str, Any]] | None = None,
        config: RequestConfig | None = None,
        beside: str | None = None,
    ) -> Question:
        """Prepare a question; nothing is sent yet."""

    def start(self, question: Question, *, stream_to: StreamTo, ask: Ask | None = None) -> Task:
        """Send a question in the background."""
