"""How a question is asked: all that its answer depends on, for comparing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chatwidget.chat.answer_metadata import as_json

if TYPE_CHECKING:
    from chatwidget.chat.conversation import Turn
    from chatwidget.chat.session import ChatSession

__all__ = ["Way", "way_now", "way_of"]


@dataclass(frozen=True, slots=True)
class Way:
    """Who is asked, and with what; the values are as JSON has them."""

    server: str
    model: str
    system: str
    parameters: dict[str, Any]
    extra: dict[str, Any]

    def without(self, parameter: str) -> Way:
        """Return the way in which a parameter is not sent."""
        rest = {name: value for name, value in self.parameters.items() if name != parameter}
        return replace(self, parameters=rest)


def way_now(session: ChatSession) -> Way:
    """Return how a session asks its next question."""
    return Way(
        session.server.name,
        session.model or session.server.default_model or "",
        session.system,
        as_json(session.settings.sent()),
        as_json(session.extra_body),
    )


def way_of(turn: Turn) -> Way:
    """Return how a turn was asked."""
    facts = turn.facts
    return Way(
        str(facts.get("server") or ""),
        str(facts.get("asked_model") or facts.get("model") or ""),
        turn.system,
        facts.get("parameters") or {},
        facts.get("extra_body") or {},
    )
