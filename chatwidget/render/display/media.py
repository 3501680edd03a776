"""What an answer holds beside its text, as it is seen: pictures, and sources as links."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from chatwidget.client.text import counted, printable
from chatwidget.client.wire.media import pictures_of, sources_of
from chatwidget.render.markup.markdown_writer import inert_markdown, inert_sentence
from chatwidget.render.markup.rendering import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.client.wire.media import Source
    from chatwidget.client.wire.types import ChatCompletionMessage

__all__ = ["media_markdown", "media_text", "pictures_html", "sources_html"]

_LONGEST_TITLE = 200
_UNSAFE = re.compile(r"[\s()<>\[\]{}\\`|$^\"']")


def pictures_html(message: ChatCompletionMessage) -> str:
    """Return the pictures of a message, which are all there: nothing is loaded from elsewhere."""
    return "".join(
        f'<img class="chatwidget-picture" src="{escape(url)}" alt="Picture {number} of the answer">'
        for number, url in enumerate(pictures_of(message), 1)
    )


def sources_html(message: ChatCompletionMessage) -> str:
    """Return the sources of a message as safe HTML."""
    sources = sources_of(message)
    return render(_list(sources)) if sources else ""


def media_markdown(message: ChatCompletionMessage) -> str:
    """Return both as Markdown that loads and runs nothing; pictures are counted."""
    sources = sources_of(message)
    listed = [inert_markdown(_list(sources))] if sources else []
    return "\n".join([*_count(message), *listed])


def media_text(message: ChatCompletionMessage) -> str:
    """Return both as text."""
    lines = [
        f"[{number}] {_title(source)} {source.url * (source.title != source.url)}".rstrip()
        for number, source in enumerate(sources_of(message), 1)
    ]
    return "\n".join([*_count(message), *map(printable, lines)])


def _count(message: ChatCompletionMessage) -> list[str]:
    count = len(pictures_of(message))
    return [f"({counted(count, 'picture')})\n"] if count else []


def _list(sources: Sequence[Source]) -> str:
    """Return sources as a list in Markdown."""
    return "Sources:\n\n" + "".join(
        f"{number}. {_link(source)}\n" for number, source in enumerate(sources, 1)
    )


def _link(source: Source) -> str:
    title = inert_sentence(_title(source).replace("[", "(").replace("]", ")"))
    address = _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", source.url)
    return f"[{title}](<{address}>)" if address else title


def _title(source: Source) -> str:
    title = " ".join(source.title.split())
    return title if len(title) <= _LONGEST_TITLE else title[:_LONGEST_TITLE] + "…"
