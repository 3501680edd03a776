"""The token lookup: the number of a token and its text, where a server's tokenizer is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.auth.servers import PROFILES

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from chatwidget.practice.tokenizer import Tokenizer

__all__ = ["token_id", "token_text"]


def token_id(session: ChatSession, text: str) -> int:
    """Return the number of the token that a text is.

    Raises
    ------
    LookupError
        If the text is no single token, or nobody here knows the tokenizer of the server.
    """
    tokenizer = _tokenizer(session)
    if tokenizer is None:
        name = session.server.name
        raise LookupError(f"The tokens of {name} are not known here: give the token's id.")
    tokens = tokenizer.encode(text)
    if len(tokens) != 1:
        raise LookupError(f"{text!r} is {len(tokens)} tokens; a bias is given to one.")
    return tokens[0]


def token_text(session: ChatSession, token: str) -> str:
    """Return the text of the token that a number stands for; empty if that is not known here."""
    tokenizer = _tokenizer(session)
    if tokenizer is None or not token.isdecimal() or int(token) >= len(tokenizer):
        return ""
    text = tokenizer.label(int(token))
    return text if text.isprintable() else repr(text)[1:-1]


def _tokenizer(session: ChatSession) -> Tokenizer | None:
    server = session.server
    if server != PROFILES["practice"]:
        return None
    from chatwidget.practice.model import load_models  # noqa: PLC0415 - trains when first used

    name = session.model or server.default_model or ""
    model = load_models().get(session.aliases.get(name, name))
    return model.tokenizer if model is not None else None
