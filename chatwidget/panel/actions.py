"""What a person may do with a turn, read from a message of the front end.

A page may send anything: what is not one of these actions, about a turn that there is, is dropped.
No action runs code, or sets a key, an address or a list of tools.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Container

__all__ = ["LONGEST_PROMPT", "Action", "read_action"]

LONGEST_PROMPT = 1_000_000

Name: TypeAlias = Literal[
    "ask", "edit", "regenerate", "show", "choose", "delete", "adopt", "pin", "approve", "deny"
]


class Action(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One action.

    Attributes
    ----------
    name
        ``ask`` an example; ``edit`` a prompt and ask it; ``regenerate`` an answer; ``show`` a
        version; ``choose`` one of several answers; ``delete`` a turn; ``adopt`` its settings;
        ``pin`` it to compare; ``approve`` or ``deny`` a call of a tool.
    turn
        The turn that it is about; empty for an example.
    text
        The new prompt, or the token of the call that is approved or denied.
    index
        The answer that is chosen.
    always
        Whether later calls of the same tool are approved, too.
    """

    name: Name
    turn: str = ""
    text: str = ""
    index: int = 0
    always: bool = False


def read_action(content: object, known: Container[str]) -> Action | None:
    """Return the action that a message asks for; None if it asks for none that there is."""
    if not isinstance(content, dict) or content.get("type") != "action":
        return None
    fields = {name: value for name, value in content.items() if name != "type"}
    try:
        action = msgspec.convert(fields, Action)
    except msgspec.ValidationError:
        return None
    is_about_a_turn = action.turn in known or action.name in ("ask", "show")
    return action if is_about_a_turn and len(action.text) <= LONGEST_PROMPT else None
