"""What a question would send, shown in its place: nothing is sent and nothing is recorded."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from chatwidget.client.request.token_estimate import METHOD, estimate_tokens
from chatwidget.client.text import clean, counted, printable
from chatwidget.render.display.final_output import answer_html
from chatwidget.render.display.notices import notice_html
from chatwidget.render.markup.markdown import code_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatwidget.client.request.prepared import RequestPreview
    from chatwidget.prompt.template import Insertion

__all__ = ["DryRun"]

_DATA_KEYS = frozenset({"data", "file_data", "url"})
_LONGEST_DATA = 120
_SHOWN_DATA = 40


@dataclass(frozen=True)
class DryRun:
    """A request that is looked at.

    Parameters
    ----------
    preview
        The request.
    insertions
        The variables that were put into the prompt.
    stored
        When an answer to exactly this was stored, if there is one to replay.
    """

    preview: RequestPreview
    insertions: Sequence[Insertion] = ()
    stored: str = ""
    _body: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_body", _elided(json.loads(self.preview.body)))

    def bundle(self) -> dict[str, str]:
        """Return it by MIME type."""
        return {"text/html": self.html(), "text/plain": self.text()}

    def html(self) -> str:
        """Return it as safe HTML."""
        said = "".join(_message_html(role, text) for role, text in self._messages())
        facts = "".join(f"<div>{escape(printable(fact))}</div>\n" for fact in self._facts())
        notices = "".join(map(notice_html, self.preview.ledger.notes()))
        body = code_html(clean(self._json()), "json")
        return answer_html(
            f'<div class="chatwidget-dry-run">\n'
            f'<div class="chatwidget-choice">{_TITLE}</div>\n'
            f'{said}{notices}<div class="chatwidget-facts">\n{facts}</div>\n'
            f"<details><summary>The body of the request</summary>\n{body}</details>\n</div>\n"
        )

    def text(self) -> str:
        """Return it as text for a terminal."""
        said = [f"[{role}]\n{text}\n" for role, text in self._messages()]
        lines = [_TITLE, "", *said, *self.preview.ledger.notes(), *self._facts(), "", self._json()]
        return printable("\n".join(lines))

    def _messages(self) -> Iterator[tuple[str, str]]:
        for message in self._body["messages"]:
            yield str(message.get("role")), "\n".join(_told(message))

    def _facts(self) -> Iterator[str]:
        preview, key = self.preview, self.preview.key
        yield f"To {preview.url}, {f'with the key from {key.source}' if key else 'without a key'}."
        yield f"About {counted(estimate_tokens(self._body), 'token')} ({METHOD})."
        if _holds_media(self._body["messages"]):
            yield "Pictures, sound and files are not counted: each server does so in its own way."
        for each in self.insertions:
            length = counted(each.characters, "character")
            yield f"Inserted {each.name}: {each.kind}, {length}{', cut' if each.is_cut else ''}."
        if self.stored:
            yield f"An answer to exactly this was stored on {self.stored} UTC; --cached shows it."

    def _json(self) -> str:
        return json.dumps(self._body, indent=2, ensure_ascii=False)


_TITLE = "Dry run: nothing was sent"


def _message_html(role: str, text: str) -> str:
    return (
        f'<div class="chatwidget-message"><span>{escape(printable(role))}</span>'
        f"<pre>{escape(clean(text))}</pre></div>\n"
    )


def _told(message: dict[str, Any]) -> Iterator[str]:
    """Yield what a message says: its texts as they are, and all else as JSON."""
    content = message.get("content")
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            yield part["text"]
        elif part is not None:
            yield part if isinstance(part, str) else _line(part)
    rest = {name: value for name, value in message.items() if name not in {"role", "content"}}
    if rest:
        yield _line(rest)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _elided(value: Any, name: str = "") -> Any:
    """Return JSON with the data of pictures, sound and files cut to their beginning and size."""
    if isinstance(value, dict):
        return {name: _elided(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_elided(each) for each in value]
    is_data = isinstance(value, str) and (name in _DATA_KEYS) and len(value) > _LONGEST_DATA
    if not is_data or (name == "url" and not value.startswith("data:")):
        return value
    head, comma, data = value.rpartition(",")
    return f"{head}{comma}{data[:_SHOWN_DATA]}… {_size(len(data) * 3 // 4)}"


def _size(count: int) -> str:
    return f"{count / 1000:,.0f} kB" if count >= 1000 else counted(count, "byte")  # noqa: PLR2004 - a kB


def _holds_media(messages: list[dict[str, Any]]) -> bool:
    contents = [message.get("content") for message in messages]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return any(isinstance(part, dict) and "text" not in part for part in parts)
