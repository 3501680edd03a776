"""The report on a request: what was asked, sent, refused, ignored, and odd in the answer."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["LIMITS", "Ledger"]

LIMITS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
"""The two names of the limit of tokens, each with the other one."""


class Ledger(msgspec.Struct, frozen=True):
    """What became of the parameters of one request.

    Attributes
    ----------
    asked
        The parameters that the user set, as JSON values.
    sent
        Those that were sent, a limit of tokens perhaps under its other name, and what goes with
        each request to this server.
    refused
        The parameters that the server refuses, each with the server's words. Beside what was asked,
        it may name the ``stream_options`` that every stream has.
    ignored
        What the server accepted and did not do, each with how that shows; ``usage`` if the count of
        tokens is missing.
    remarks
        What was odd about the answer, a sentence each: what could not be read of it, and an end
        that was none.
    """

    asked: dict[str, Any] = {}
    sent: dict[str, Any] = {}
    refused: dict[str, str] = {}
    ignored: dict[str, str] = {}
    remarks: tuple[str, ...] = ()

    def notes(self) -> list[str]:
        """Return what a person should know, a sentence each; empty if all went as asked."""
        refused = [self._refusal(name) for name in self.refused if name in self.asked]
        ignored = [
            f"{name}: {sign}"
            for name, sign in self.ignored.items()
            if name != "usage" or "stream_options" in self.asked
        ]
        return [*refused, *ignored, *self.remarks]

    def _refusal(self, name: str) -> str:
        other = LIMITS.get(name)
        is_replaced = other in self.sent and other not in self.asked
        outcome = f"{other} was sent in its place" if is_replaced else "it was not sent"
        return f"The server refused {name}, so {outcome}: {self.refused[name]}"
