"""A curl command: its address and its body; all else, headers and keys too, is passed over.

It is split into words as a shell does it: by the quotes of POSIX shells, ``$'…'`` of bash,
here-documents, and lines that go on after a backslash, the ``^`` of cmd or the back quote of
PowerShell.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError
from chatwidget.prompt.request_snippet.body_reading import read_body
from chatwidget.prompt.request_snippet.fields import ENDPOINT, server_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.client.auth.servers import Server

__all__ = ["is_curl", "read_curl", "shell_words"]


_VARIABLE = r"\$(?:\w+|\{[^}]*\}|\()"
_PIECE = re.compile(
    rf"""
      (?P<gap>(?:\s|[\\^`][ \t]*\r?\n)+)
    | <<-?[ \t]*(?P<mark>['"]?)(?P<end>\w+)(?P=mark)[^\n]*\n(?P<document>.*?)^[ \t]*(?P=end)[ \t]*$
    | (?P<over>[|;&<>()])
    | \$'(?P<ansi>(?:[^'\\]|\\.)*)'
    | '(?P<single>[^']*)'
    | "(?P<double>(?:[^"\\]|\\.)*)"
    | (?P<variable>{_VARIABLE})
    | \\(?P<escaped>.)
    | (?P<plain>[^\s'"\\|;&<>()`$]+|\$)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_IN_DOUBLE = re.compile(rf"\\(?P<kept>[\\\"$`])|\\\r?\n|(?P<variable>{_VARIABLE}|`)")
_IN_ANSI = re.compile(
    r"(?P<bytes>(?:\\x[0-9a-fA-F]{1,2}|\\[0-7]{1,3})+)"
    r"|(?P<units>(?:\\u[0-9a-fA-F]{1,4})+)|\\U(?P<point>[0-9a-fA-F]{1,8})|\\(?P<letter>.)",
    re.DOTALL,
)
_LETTERS = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))
_CARET = re.compile(r"\^(\r?\n|.)", re.DOTALL)


@dataclass(slots=True)
class Word:
    """A word of a command.

    Attributes
    ----------
    text
        What it says; variables stand in it as they are written.
    variable
        The first variable that the shell would fill in; empty if there is none.
    is_document
        Whether it is a here-document, and no word of the command's line.
    """

    text: str = ""
    variable: str = ""
    is_document: bool = False


def shell_words(command: str) -> list[Word]:
    """Return the words of the first command of a text.

    Raises
    ------
    ConfigurationError
        If a quote is not closed.
    """
    if command.lstrip().startswith('^"'):  # as browsers copy it for cmd, where ^ quotes
        command = _CARET.sub(lambda found: found[1].strip("\r\n"), command)
    words, word = [], None
    for piece in _pieces(command):
        if piece.lastgroup == "document":
            words.append(_document(piece))
        elif piece.lastgroup == "gap":
            word = None
        elif word is None:
            words.append(word := _part(piece))
        else:
            part = _part(piece)
            word.text, word.variable = word.text + part.text, word.variable or part.variable
    return words


def _pieces(command: str) -> Iterator[re.Match[str]]:
    """Yield what a command is made of, up to the next command or a comment."""
    position, after_gap = 0, True
    while position < len(command) and not (after_gap and command[position] == "#"):
        piece = _PIECE.match(command, position)
        if piece is None:
            raise ConfigurationError(
                "The command is cut: a quote is not closed.", hint="Paste all of it."
            )
        if piece.lastgroup == "over":
            return
        yield piece
        position, after_gap = piece.end(), piece.lastgroup == "gap"


def _part(piece: re.Match[str]) -> Word:
    kind = piece.lastgroup or ""
    text = piece[kind]
    if kind == "double":
        return _with_variables(text)
    if kind == "ansi":
        return Word(_IN_ANSI.sub(_unescaped, text))
    return Word(text, variable=text if kind == "variable" else "")


def _document(piece: re.Match[str]) -> Word:
    word = Word(piece["document"]) if piece["mark"] else _with_variables(piece["document"])
    word.is_document = True
    return word


def _with_variables(text: str) -> Word:
    """Return what double quotes hold, with the variables in it as they are written."""
    found = next((each["variable"] for each in _IN_DOUBLE.finditer(text) if each["variable"]), "")
    return Word(_IN_DOUBLE.sub(lambda each: each["kept"] or each["variable"] or "", text), found)


def _unescaped(found: re.Match[str]) -> str:
    """Return what stands for an escape in ``$'…'``: bytes and pairs of units are put together."""
    digits = re.findall(r"[0-9a-fA-F]+", found[0])
    if found["bytes"]:
        codes = re.findall(r"\\(x?)(\w+)", found[0])
        return bytes(int(code, 16 if x else 8) & 0xFF for x, code in codes).decode(errors="replace")
    if found["units"]:
        units = b"".join(int(each, 16).to_bytes(2, "little") for each in digits)
        return units.decode("utf-16-le", "replace")
    if found["point"]:
        point = int(found["point"], 16)
        return chr(point) if point <= sys.maxunicode else "\ufffd"
    return _LETTERS.get(found["letter"], found["letter"])


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
