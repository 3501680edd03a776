"""A pasted request, told apart by how it begins, and read by what knows its form."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, TypeVar

from chatwidget.client.auth.keys import redact
from chatwidget.client.errors import ChatWidgetError
from chatwidget.prompt.arguments import parse_cell_line
from chatwidget.prompt.cell_text import without_comments
from chatwidget.prompt.request_snippet.body_reading import read_body
from chatwidget.prompt.request_snippet.code_reading import read_code
from chatwidget.prompt.request_snippet.curl_reading import is_curl, read_curl
from chatwidget.prompt.request_snippet.fields import validated_config
from chatwidget.prompt.request_snippet.study_reading import study_in_cell, study_in_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.prompt.request_snippet.study_reading import StudySnippet

__all__ = ["read_request", "read_study"]

_Read = TypeVar("_Read")

_MAGIC = re.compile(r"%%chat(?=\s|$)(?P<flags>.*)")
_FENCED = re.compile(
    r"(?P<fence>```+|~~~+)[^\n]*\n(?P<text>.*?)^[ \t]*(?P=fence)", re.DOTALL | re.MULTILINE
)


def read_request(text: str) -> RequestConfig:
    """Read a request as it is pasted; nothing in it is run.

    It may be a cell or its line with ``%%chat``; Python that calls this package or the vendor's
    client; a curl command; a JSON body, also as a line of a batch file; a dictionary. Of the
    messages only what the system says is taken. A server is taken where the text names one, and
    whoever uses it shows that it is another. Keys are passed over, as are the flags of a cell that
    are no part of a request.

    Raises
    ------
    ParameterError
        If a field has a wrong type or value, or a name that there is not.
    ConfigurationError
        If it is none of these, a value would have to be computed, or the server cannot be used.
    """
    try:
        return _guarded(_read, text)
    finally:
        del text


def read_study(text: str) -> StudySnippet | None:
    """Read a study as it is pasted, as a cell or as Python; None if it is no study.

    Raises
    ------
    ParameterError, ConfigurationError
        As `read_request`.
    """
    try:
        return _guarded(_read_study, text)
    finally:
        del text


def _guarded(read: Callable[[str], _Read], text: str) -> _Read:
    """Read a text; neither the words nor the frames of an error may hold a key that is in it."""
    try:
        return read(_bare(text))
    except ChatWidgetError as error:
        error.message, error.hint = redact(error.message), redact(error.hint)
        error.args = (error.message,)
        error.__context__ = None
        raise error.with_traceback(None) from None
    finally:
        del text


def _read_study(text: str) -> StudySnippet | None:
    if magic := _MAGIC.match(text):
        return study_in_cell(magic["flags"], text[magic.end() :])
    return None if is_curl(text) or text.startswith("{") else study_in_code(text)


def _read(text: str) -> RequestConfig:
    if magic := _MAGIC.match(text):
        return validated_config(parse_cell_line(magic["flags"]).config)
    if is_curl(text):
        return read_curl(text)
    return read_body(text) if text.startswith("{") else read_code(text)


def _bare(text: str) -> str:
    """Return a text without its fence, its indentation, and the comments that precede it."""
    fenced = _FENCED.match(text.strip())
    text = textwrap.dedent(fenced["text"] if fenced else text)
    return without_comments(text).strip()
