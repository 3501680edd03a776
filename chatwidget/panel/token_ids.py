"""The number of a token, where the tokenizer of the server is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.servers import PROFILES

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession

__all__ = ["token_id"]


def token_id(session: ChatSession, text: str) -> int:
    """Return the number of the token that a text is.

    Raises
    ------
    LookupError
        If the text is no single token, or nobody here knows the tokenizer of the server.
    """
    server = session.server
    if server != PROFILES["practice"]:
        raise LookupError(f"The tokens of {server.name} are not known here: give the token's id.")
    from chatwidget.practice.model import load_models  # noqa: PLC0415 - trains when first used

    model = load_models()[session.chosen_model()]
    tokens = model.tokenizer.encode(text)
    if len(tokens) != 1:
        raise LookupError(f"{text!r} is {len(tokens)} tokens; a bias is given to one.")
    return tokens[0]
