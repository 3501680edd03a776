"""The form in which a finished answer stays in the notebook: one output, which does nothing.

It is safe HTML, the same as Markdown in which nothing runs, the exact text, and metadata.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from chatwidget.notebook.parts import heading, part_html, parts_of
from chatwidget.notebook.plain import inert_markdown, printable
from chatwidget.notebook.provenance import provenance
from chatwidget.notebook.rendering import clean
from chatwidget.notebook.stylesheet import style_tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chatwidget.client.types import ChatCompletion, Choice
    from chatwidget.notebook.timing import Timing

__all__ = ["FinishedAnswer", "answer_html"]

_CUT_OFF = {
    "length": "The answer was cut off: it reached the limit of tokens.",
    "content_filter": "The answer was cut off by the server's content filter.",
}
_LONGEST_NAME = 200


@dataclass(frozen=True)
class FinishedAnswer:
    """An answer that has ended, and how.

    Attributes
    ----------
    status
        ``complete``, ``stopped`` or ``failed``.
    remark
        What is to be said of its end, as a sentence; empty if it is complete.
    note
        What else is to be said, as a sentence; usually empty.
    place
        Where it stands in a conversation, for the metadata.
    """

    completion: ChatCompletion
    timing: Timing
    server: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    status: str = "complete"
    remark: str = ""
    note: str = ""
    place: Mapping[str, object] = field(default_factory=dict)

    def bundle(self) -> dict[str, str]:
        """Return the answer by MIME type."""
        return {
            "text/html": self.html(),
            "text/markdown": self.markdown(),
            "text/plain": self.text(),
        }

    def html(self) -> str:
        """Return the answer as safe HTML with its stylesheet."""
        choices = self.completion.choices
        several = len(choices) > 1
        body = [
            (heading(choice.index, len(choices)) if several else "") + _choice_html(choice)
            for choice in choices
        ]
        footer = f'<div class="chatwidget-footer">{escape(self.footer())}</div>\n'
        return answer_html("".join([*body, *map(_notice_html, self.remarks()), footer]))

    def markdown(self) -> str:
        """Return the answer as Markdown in which nothing runs."""
        texts = [inert_markdown(text) for text in self.texts()]
        remarks = [f"*{inert_markdown(remark).strip()}*\n" for remark in self.remarks()]
        return "\n".join(texts + remarks)

    def text(self) -> str:
        """Return the exact text; of several choices, all under headings."""
        return "\n\n".join(self.texts()) or "\n".join(self.remarks())

    def footer(self) -> str:
        """Return one line: who answered, how long it is, and how fast it came."""
        usage = self.completion.usage
        tokens = usage.completion_tokens if usage else 0
        pace = self.timing.tokens_per_second(tokens)
        facts = [
            *dict.fromkeys(
                printable(name)[:_LONGEST_NAME] for name in (self.completion.model, self.server)
            ),
            f"{tokens:,} tokens" if tokens else "",
            self._delay(),
            f"{pace:.0f} tokens/s" if pace else "",
        ]
        return " · ".join(filter(None, facts))

    def metadata(self) -> dict[str, Any]:
        """Return what is kept beside the output: how the answer was asked for, and how it came."""
        facts = provenance(
            self.completion,
            self.timing,
            server=self.server,
            parameters=self.parameters,
            status=self.status,
        )
        return {"chatwidget": facts | dict(self.place)}

    def _delay(self) -> str:
        first = self.timing.first_token
        return f"{self.timing.total:.1f} s" if first is None else f"first token {first:.2f} s"

    def texts(self) -> list[str]:
        """Return the text of each choice."""
        choices = self.completion.choices
        texts = [clean(_text_of(choice)) for choice in choices]
        if len(choices) == 1:
            return texts if texts[0] else []
        return [
            f"Choice {choice.index + 1} of {len(choices)}\n\n{text}"
            for choice, text in zip(choices, texts, strict=True)
        ]

    def remarks(self) -> Iterator[str]:
        """Yield what is to be said of its end."""
        if self.remark:
            yield self.remark
        elif not any(_parts(choice) for choice in self.completion.choices):
            yield "The answer is empty."
        if self.completion.ledger is not None:
            yield from self.completion.ledger.notes()
        if self.note:
            yield self.note


def answer_html(body: str) -> str:
    """Return parts of an answer as one safe whole, in which the host typesets only formulas."""
    classes = "chatwidget-answer mathjax_ignore tex2jax_ignore"
    return f'{style_tag()}<div class="{classes}">\n{body}</div>'


def _parts(choice: Choice) -> list[tuple[str, str]]:
    return list(parts_of(choice.message))


def _choice_html(choice: Choice) -> str:
    notice = _CUT_OFF.get(choice.finish_reason or "")
    parts = [part_html(kind, html) for kind, html in _parts(choice)]
    return "".join([*parts, _notice_html(notice) if notice else ""])


def _notice_html(sentence: str) -> str:
    return f'<div class="chatwidget-notice">{escape(printable(sentence))}</div>\n'


def _text_of(choice: Choice) -> str:
    """Return what a choice says: its text, or what stands in its place."""
    message = choice.message
    if message.content or message.refusal:
        return message.content or message.refusal or ""
    functions = [call.function for call in message.tool_calls or ()]
    functions += [message.function_call] if message.function_call else []
    return "\n".join(f"{function.name}({function.arguments})" for function in functions)
