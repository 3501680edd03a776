"""A page that shows a conversation of the panel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chatwidget.panel.transcript import TranscriptView

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.panel.actions import Action

__all__ = ["Page"]


class Page(TranscriptView):
    """A conversation view, and a page that shows it: messages are applied, and kept."""

    def __init__(self, on_action: Callable[[Action], object] = lambda _: None) -> None:
        self.messages: list[dict[str, Any]] = []
        self.acted: list[Action] = []
        super().__init__(lambda action: (self.acted.append(action), on_action(action)))

    def send(self, content: Any, buffers: Any = None) -> None:
        self.messages.append(json.loads(json.dumps(content)))

    def do(self, name: str, **fields: Any) -> None:
        """Click on something."""
        self._handle_message(self, {"type": "action", "name": name, **fields}, [])

    @property
    def whole(self) -> dict[str, Any]:
        """What a page that is opened now is told."""
        snapshot: dict[str, Any] = json.loads(json.dumps(self.get_state("snapshot")["snapshot"]))
        return snapshot

    @property
    def turns(self) -> list[dict[str, Any]]:
        """The turns, as they are shown."""
        shown = {turn["id"]: turn for turn in self.whole["turns"]}
        return [shown[name] for name in self.whole["order"]]

    @property
    def prompts(self) -> list[str]:
        return [turn["prompt"] for turn in self.turns]

    @property
    def sentence(self) -> str:
        sentence: str = self.whole["sentence"]
        return sentence
