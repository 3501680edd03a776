r"""The words of a command as a shell splits them, and nothing else that a shell does.

It knows the quotes of POSIX shells, ``$'…'`` of bash, here-documents, and lines that go on after
``\``, the ``^`` of cmd, or the back quote of PowerShell.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Word", "shell_words"]

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
