"""A curl command: its address and its body; all else, headers and keys too, is passed over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError
from chatwidget.prompt.request_snippet.body_reading import read_body
from chatwidget.prompt.request_snippet.fields import ENDPOINT, server_at
from chatwidget.prompt.request_snippet.shell_words import Word, shell_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.client.auth.servers import Server

__all__ = ["is_curl", "read_curl"]

_COMMAND = re.compile(r"(?:[$>!%][ \t]*)?curl(?:\.exe)?(?=\s|$)")
_DATA = frozenset({"-d", "--data", "--data-ascii", "--data-binary", "--data-raw", "--json"})
_TAKES_VALUE = frozenset("AbcCdDeEFHKmoPQrtTuUwxXyYz")
_AS_IT_IS = "--data-raw"  # the option for which @ is a character like others


def is_curl(text: str) -> bool:
    """Tell whether a text is a curl command."""
    return _COMMAND.match(text) is not None


def read_curl(text: str) -> RequestConfig:
    """Read a curl command.

    Raises
    ------
    ParameterError, ConfigurationError
        If it cannot be used.
    """
    words = shell_words(text[_command_end(text) :])
    options = list(_options(words))
    bodies = [(name, value) for name, value in options if name in _DATA]
    if len(bodies) != 1:
        raise ConfigurationError(
            f"The command has {'several bodies' if bodies else 'no body'}.",
            hint="Paste one with a single -d and the JSON of a request.",
        )
    server = _server([value for name, value in options if not name])
    return read_body(_body(*bodies[0], words), server)


def _command_end(text: str) -> int:
    command = _COMMAND.match(text)
    return command.end() if command else 0


def _options(words: list[Word]) -> Iterator[tuple[str, Word]]:
    """Yield the values of options, with their names where they are of interest.

    What long options take, and need not be known here, comes without a name, as addresses do.
    """
    rest = iter([word for word in words if not word.is_document])
    for word in rest:
        name, value = _option(word)
        if value is None:
            value = next(rest, Word())
        yield name, value


def _option(word: Word) -> tuple[str, Word | None]:
    """Split a word into an option and its value, which is None if the next word is."""
    text = word.text
    if text in _DATA:
        return text, None
    if not text.startswith("-") or text.startswith("--"):
        return "", word
    for position, letter in enumerate(text[1:], 2):
        if letter in _TAKES_VALUE:
            return f"-{letter}", Word(text[position:], word.variable) if text[position:] else None
    return "-", word


def _server(words: list[Word]) -> Server | None:
    """Return the server; None if the shell would put its address together."""
    found = [each for each in words if _path(each.text).endswith(ENDPOINT)]
    if not found:
        raise ConfigurationError(
            f"The command has no address that ends with {ENDPOINT}.",
            hint="Paste one that asks such an address, or the JSON of its body alone.",
        )
    if found[0].variable:
        return None
    address = found[0].text
    return server_at(address if "://" in address else f"http://{address}")


def _path(address: str) -> str:
    return address.partition("?")[0].rstrip("/")


def _body(option: str, word: Word, words: list[Word]) -> str:
    """Return the text of the body, which a here-document may hold."""
    if word.text == "@-" and option != _AS_IT_IS:
        word = next((each for each in words if each.is_document), word)
    if word.text.startswith("@"):
        raise ConfigurationError(
            "The command's body is in a file, which is not opened.", hint="Paste its text instead."
        )
    if word.variable:
        raise ConfigurationError(
            f"The command's body holds {_shown(word.variable)}, which a shell would fill in.",
            hint="Write the value itself.",
        )
    return word.text


def _shown(variable: str) -> str:
    """Return how a variable is called, without the value that may stand beside its name."""
    name = re.match(r"\$\{?(\w+)", variable)
    return f"${name[1]}" if name else "the output of a command"
