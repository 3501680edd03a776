"""The handbook as the practice model reads it: sections of Markdown, each under one heading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Section", "is_prose", "read_handbook", "sections", "segments"]

_FENCE = re.compile(r"\s*(```|~~~|\$\$)")
_HEADING = re.compile(r"(#{1,2}) +(.*)")
_NOT_PROSE = re.compile(r"\s*(#|>|\||\$\$|```|~~~|:{3})|\s*(?:[-*+]|\d+[.)])\s")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?= [A-Z`*%\"“])")
_BLOCK_START = re.compile(r"(?=\n\n)")


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the handbook: the page it stands on, its heading, and its text."""

    page: str
    heading: str
    text: str


def read_handbook(directory: Path | None = None) -> list[Section]:
    """Read every section of every page, in the order of the pages' file names.

    Raises
    ------
    FileNotFoundError
        If there are no pages, which means that the package was installed incompletely.
    """
    folder = directory or resources.files("chatwidget") / "handbook"
    pages = sorted(
        (page for page in folder.iterdir() if page.name.endswith(".md")),
        key=lambda page: page.name,
    )
    found = [section for page in pages for section in sections(page.read_text("utf-8"))]
    if not found:
        raise FileNotFoundError(f"No handbook pages in {folder}: please reinstall chatwidget.")
    return found


def sections(markdown: str) -> Iterator[Section]:
    """Split one page at its headings; its introduction stands under the page's own title."""
    page = heading = ""
    body: list[str] = []
    for line, verbatim in _lines(markdown):
        title = None if verbatim else _HEADING.fullmatch(line.rstrip())
        if title is None:
            body.append(line)
            continue
        yield from _section(page, heading, body)
        heading, body = title[2], []
        page = heading if title[1] == "#" else page
    yield from _section(page, heading, body)


def segments(text: str) -> list[str]:
    """Split a section into sentences and other blocks; joined, they are the text again."""
    found: list[str] = []
    for block in _blocks(text):
        found += _SENTENCE_END.split(block) if is_prose(block) else [block]
    return found


def is_prose(segment: str) -> bool:
    """Tell whether a segment is made of sentences, and not code, a formula, a list or a table."""
    return not any(_NOT_PROSE.match(line) for line in segment.strip("\n").split("\n"))


def _section(page: str, heading: str, body: Iterable[str]) -> Iterator[Section]:
    text = _joined("\n".join(body).strip())
    if text:
        yield Section(page, heading, text)


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line, and whether it belongs to a fenced block or to display mathematics."""
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        opens = mark is not None and not fence
        closes = mark is not None and fence == mark[1]
        yield line, bool(fence) or opens
        if mark is not None and opens and not _closed_at_once(line, mark[1]):
            fence = mark[1]
        elif closes:
            fence = ""


def _closed_at_once(line: str, mark: str) -> bool:
    return mark == "$$" and line.count("$$") > 1


def _joined(text: str) -> str:
    """Join the lines of a paragraph: the pages hold one sentence a line, an answer does not."""
    joined: list[str] = []
    open_line = False  # whether the next line of prose belongs to the line before it
    for line, verbatim in _lines(text):
        prose = bool(line.strip()) and not verbatim and not _NOT_PROSE.match(line)
        if prose and open_line:
            joined[-1] = f"{joined[-1].rstrip()} {line.strip()}"
            continue
        joined.append(line)
        open_line = prose or (not verbatim and _LIST_ITEM.match(line) is not None)
    return "\n".join(joined)


def _blocks(text: str) -> Iterator[str]:
    """Split at empty lines, but never inside a fenced block."""
    block = ""
    for part in _BLOCK_START.split(text):
        block += part
        if block.count("```") % 2 == 0 and block.count("$$") % 2 == 0:
            yield block
            block = ""
    if block:
        yield block
