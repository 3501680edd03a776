"""Thoughts in a text: what stands between ``<think>`` and ``</think>`` is reasoning.

Servers that do not part the two send them so, the tags cut anywhere. The result is the same
however the text is cut.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

__all__ = ["Said", "ThoughtSplitter"]

_TAGS = ("<think>", "</think>", "<thinking>", "</thinking>")
_TAG = re.compile(f"({'|'.join(_TAGS)})", re.IGNORECASE)
_LONGEST = max(map(len, _TAGS))


class Said(NamedTuple):
    """What a piece of text adds to the answer and to the reasoning."""

    content: str = ""
    reasoning: str = ""


class _Mode(Enum):
    START = auto()  # nothing was said yet but thoughts
    THOUGHT = auto()
    ANSWER = auto()
    DOUBT = auto()  # in the answer, what is a thought if it ends


class ThoughtSplitter:
    """Incremental splitter of a text into answer and thoughts, in linear time.

    A thought before the answer is reasoning at once. One in the answer is held back until its end
    comes, since a model may also speak of the tag; what is quoted is text. An end without a
    beginning, which stands in the prompts of some models, makes reasoning of what came before.

    Attributes
    ----------
    content, reasoning
        The pieces of both so far; others may be added from outside.
    is_idle
        Whether a text without ``<`` is answer, and may be added to it as it is.
    """

    # Of a hostile stream there may be 65,536.
    __slots__ = (
        "_begins_thought",
        "_cut",
        "_has_thought",
        "_held",
        "_mode",
        "_quotation",
        "_told",
        "content",
        "is_idle",
        "reasoning",
    )

    def __init__(self) -> None:
        self.content: list[str] = []
        self.reasoning: list[str] = []
        self.is_idle = False
        self._mode = _Mode.START
        self._quotation: _Quotation | None = None
        self._held: list[str] = []
        self._cut = ""
        self._has_thought = self._begins_thought = False
        self._told = (0, 0)

    @property
    def rest(self) -> Said:
        """What waits for what follows it, as it would be if nothing did."""
        waiting = "".join(self._held) + self._cut
        if self._mode is _Mode.THOUGHT:
            return Said(reasoning=waiting.strip() if self._begins_thought else waiting.rstrip())
        return Said(content=waiting)

    def feed(self, text: str) -> Said:
        """Take the next piece of the text."""
        self._told = len(self.content), len(self.reasoning)
        *parts, last = _TAG.split(self._cut + text)
        start = _start_of_cut(last)
        self._cut = last[start:]
        for part, tag in zip(parts[::2], parts[1::2], strict=True):
            self._take_text(part)
            self._take_tag(tag)
        self._take_text(last[:start])
        self.is_idle = self._mode is _Mode.ANSWER and not self._cut
        content, reasoning = self._told
        return Said("".join(self.content[content:]), "".join(self.reasoning[reasoning:]))

    def finish(self) -> Said:
        """Take the end of the text."""
        rest = self.rest
        self.content += filter(None, [rest.content])
        self.reasoning += filter(None, [rest.reasoning])
        self._held, self._cut = [], ""
        if self._mode is _Mode.DOUBT:
            self._mode = _Mode.ANSWER
        return rest

    def _take_text(self, text: str) -> None:
        if not text:
            return
        if self._mode is _Mode.ANSWER:
            self.content.append(text)
        elif self._mode is _Mode.DOUBT or (text.isspace() and not self._is_between()):
            self._held.append(text)
        elif self._mode is _Mode.THOUGHT:
            self._think(text)
        elif not text.isspace():
            self._begin_answer(text)

    def _is_between(self) -> bool:
        """Tell whether blanks are neither a thought's nor the answer's."""
        return self._mode is _Mode.START and self._has_thought

    def _begin_answer(self, text: str) -> None:
        whole = "".join(self._held) + text
        self.content.append(whole.lstrip() if self._has_thought else whole)
        self._mode, self._held = _Mode.ANSWER, []

    def _think(self, text: str) -> None:
        """Go on with a thought; the blanks around it are left out."""
        if self._begins_thought:
            self._held = ["\n\n"] if self.reasoning else []
            text, self._begins_thought = text.lstrip(), False
        bare = text.rstrip()
        self.reasoning += [*self._held, bare]
        self._held = [text[len(bare) :]]

    def _take_tag(self, tag: str) -> None:
        is_end = tag.startswith("</")
        match self._mode:
            case _Mode.START | _Mode.THOUGHT:
                self._take_tag_before_answer(tag, is_end=is_end)
            case _Mode.DOUBT if is_end:
                self._end_doubt()
            case _Mode.ANSWER if not self._is_quoted():
                self._take_tag_in_answer(tag, is_end=is_end)
            case _:
                self._take_text(tag)

    def _is_quoted(self) -> bool:
        if self._quotation is None:
            self._quotation = _Quotation()
        return self._quotation.holds_end_of(self.content)

    def _take_tag_before_answer(self, tag: str, *, is_end: bool) -> None:
        if self._mode is _Mode.THOUGHT and not is_end:
            self._take_text(tag)
            return
        self._mode = _Mode.START if is_end else _Mode.THOUGHT
        self._has_thought = self._begins_thought = True
        self._held = []

    def _take_tag_in_answer(self, tag: str, *, is_end: bool) -> None:
        if not is_end:
            self._mode, self._held = _Mode.DOUBT, [tag]
        elif self._has_thought:
            self._take_text(tag)
        else:
            self._recant()

    def _end_doubt(self) -> None:
        thought = "".join(self._held[1:]).strip()
        if thought:
            self.reasoning += ["\n\n", thought] if self.reasoning else [thought]
        self._mode, self._held, self._has_thought = _Mode.ANSWER, [], True

    def _recant(self) -> None:
        """Take what was said for a thought; only what is new of it is told as one."""
        pieces, self.content = self.content, []
        while pieces and not pieces[-1].strip():
            pieces.pop()
        pieces[-1] = pieces[-1].rstrip()
        pieces[0] = pieces[0].lstrip()
        self._told = 0, len(self.reasoning) + self._told[0]
        self.reasoning += pieces
        self._quotation = None
        self._mode, self._has_thought = _Mode.START, True


class _Quotation:
    """Whether a text ends in a code block, in inline code or in quotation marks.

    Each piece is read once, and only if somebody asks.
    """

    def __init__(self) -> None:
        self._read = 0
        self._fence = ""
        self._begin_line()

    def holds_end_of(self, pieces: list[str]) -> bool:
        """Read what has been added to the pieces of a text, and tell about its end."""
        first, *lines = "".join(pieces[self._read :]).split("\n")
        self._read = len(pieces)
        self._go_on(first)
        for line in lines:
            self._end_line()
            self._go_on(line)
        return bool(self._fence or self._opening or self._backticks % 2 or self._quotes % 2)

    @property
    def _opening(self) -> str:
        """The fence that the line begins with."""
        return self._start if self._start in ("```", "~~~") else ""

    def _begin_line(self) -> None:
        self._start = ""
        self._backticks = self._quotes = 0

    def _go_on(self, text: str) -> None:
        if len(self._start) < len("```"):
            self._start = (self._start + text).lstrip()[: len("```")]
        self._backticks += text.count("`")
        self._quotes += text.count('"')

    def _end_line(self) -> None:
        if not self._fence:
            self._fence = self._opening
        elif self._opening == self._fence:
            self._fence = ""
        self._begin_line()


def _start_of_cut(text: str) -> int:
    """Return where a tag begins that the end of a text may have cut, or the length of the text."""
    start = text.find("<", max(0, len(text) - _LONGEST + 1))
    while start >= 0:
        cut = text[start:].lower()
        if any(tag.startswith(cut) for tag in _TAGS):
            return start
        start = text.find("<", start + 1)
    return len(text)
