"""The final output, in which an answer stays in the notebook: one output, which does nothing.

It is safe HTML, the same as Markdown in which nothing runs, the exact text, and metadata.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any, Protocol, cast

from chatwidget.chat.answer_metadata import answer_metadata, as_json, wire_json
from chatwidget.client.text import clean
from chatwidget.client.wire.finish import cut_off
from chatwidget.render.display.footer import footer_facts
from chatwidget.render.display.media import media_markdown, media_text
from chatwidget.render.display.notices import SILENT, notice_html
from chatwidget.render.display.parts import has_parts, part_html, parts_of
from chatwidget.render.display.side_by_side import choices_html
from chatwidget.render.display.tool_html import round_html, round_markdown, round_text
from chatwidget.render.markup.formulas import FormulaBudget
from chatwidget.render.markup.markdown import code_html
from chatwidget.render.markup.markdown_writer import inert_sentence
from chatwidget.render.markup.output_formats import OUTPUT_FORMATS
from chatwidget.tools.messages import rounds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from chatwidget.client.timing import Timing
    from chatwidget.client.wire.types import ChatCompletion, Choice
    from chatwidget.prompt.arguments import OutputFormatName

__all__ = ["Below", "FinalOutput", "answer_html", "choice_html"]

_BLANK_LINE = re.compile(r"(?<=\n)([ \t]*)\n")


class Below(Protocol):
    """A view of an answer that stands below it."""

    def html(self, completion: ChatCompletion) -> str:
        """Return it as safe HTML."""

    def text(self, completion: ChatCompletion) -> str:
        """Return it as plain text, for a terminal."""


@dataclass(frozen=True)
class FinalOutput:
    """The final output of an answer that has ended, by MIME type.

    Attributes
    ----------
    parameters, extra_body
        What was sent beside the messages.
    status
        ``complete``, ``stopped`` or ``failed``.
    remark
        What is to be said of its end, as a sentence; empty if it is complete.
    steps
        What the model called before, and what came of it.
    notes
        What else is to be said, a sentence each.
    turn_metadata
        How it was recorded and where it stands in a conversation, for the metadata.
    cost
        What it costs in dollars, if no record tells; None if it costs nothing or that is unknown.
    raw
        Whether its JSON is shown, too.
    cached
        When it was stored, if it comes from there.
    form
        How its text is shown.
    below
        What stands below it; None for nothing.
    """

    completion: ChatCompletion
    timing: Timing
    server: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    extra_body: Mapping[str, object] = field(default_factory=dict)
    status: str = "complete"
    remark: str = ""
    steps: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[str] = ()
    turn_metadata: Mapping[str, object] = field(default_factory=dict)
    cost: float | None = None
    raw: bool = False
    cached: str = ""
    form: OutputFormatName = "markdown"
    below: Below | None = None

    def bundle(self) -> dict[str, str]:
        """Return the answer by MIME type."""
        return {
            "text/html": self.html(),
            "text/markdown": self.markdown(),
            "text/plain": self.text(),
        }

    def html(self) -> str:
        """Return the answer as safe HTML; its stylesheet is the page's."""
        footer = f'<div class="chatwidget-footer">{escape(self.footer())}</div>\n'
        notices = [notice_html(each, is_failure=self._tells(each)) for each in self.remarks()]
        formulas = FormulaBudget()
        rounds = [round_html(each, formulas) for each in rounds_of(self.steps)]
        choices = self._choices_html(formulas)
        json = map(_json_html, self.raw_json())
        below = self.below.html(self.completion) if self.below else ""
        return answer_html("".join([*rounds, choices, *json, *notices, footer, below]))

    def markdown(self) -> str:
        """Return the answer as Markdown in which nothing runs."""
        rounds = list(map(round_markdown, rounds_of(self.steps)))
        texts = self._told(OUTPUT_FORMATS[self.form].markdown)
        json = [f"```json\n{text}\n```\n" for text in self.raw_json()]
        said = [*self.endings(), *self.remarks()]
        remarks = [f"*{inert_sentence(remark)}*\n" for remark in said]
        media = [media_markdown(choice.message) for choice in self.completion.choices]
        return "\n".join([*rounds, *texts, *filter(None, media), *json, *remarks])

    def text(self) -> str:
        """Return the text, which in Markdown's form is exact; of several choices, all of it."""
        rounds = map(round_text, rounds_of(self.steps))
        told = [*rounds, *self.texts(), *self.media_texts()]
        return "\n\n".join(told) or "\n".join(self.remarks())

    def media_texts(self) -> list[str]:
        """Return what the choices hold beside their text, as text."""
        return list(filter(None, (media_text(each.message) for each in self.completion.choices)))

    def raw_json(self) -> list[str]:
        """Return the answer as JSON, if that is to be shown."""
        return [clean(wire_json(self.completion))] if self.raw else []

    def footer(self) -> str:
        """Return one line: who answered, what was sent, how long it is, and how fast it came."""
        return " · ".join(footer_facts(self.metadata()["chatwidget"]))

    def below_text(self) -> str:
        """Return what stands below it, as plain text; empty for nothing."""
        return self.below.text(self.completion) if self.below else ""

    def _tells(self, remark: str) -> bool:
        """Tell whether a remark is the one on why the answer failed."""
        return self.status == "failed" and remark == self.remark

    def metadata(self) -> dict[str, Any]:
        """Return what is kept beside the output: how the answer was asked for, and how it came."""
        if "timing" in self.turn_metadata:  # it was recorded, and is told as it was
            return {"chatwidget": dict(self.turn_metadata)}
        facts = answer_metadata(
            self.completion,
            self.timing,
            server=self.server,
            parameters=self.parameters,
            status=self.status,
            cached=self.cached,
            cost=self.cost,
        )
        extra = {"extra_body": as_json(dict(self.extra_body))} if self.extra_body else {}
        return {"chatwidget": facts | extra | dict(self.turn_metadata)}

    def texts(self) -> list[str]:
        """Return the text of each choice."""
        return self._told(OUTPUT_FORMATS[self.form].plain)

    def _told(self, write: Callable[[str], str]) -> list[str]:
        """Return what a function makes of the text of each choice; of several, under headings."""
        choices = self.completion.choices
        texts = [text and write(text) for text in map(_text_of, choices)]
        if len(choices) == 1:
            return texts if texts[0] else []
        return [
            f"Choice {choice.index + 1} of {len(choices)}\n\n{text}"
            for choice, text in zip(choices, texts, strict=True)
        ]

    def endings(self) -> list[str]:
        """Return which answers are not whole, and why, as sentences."""
        reasons = [cut_off(choice.finish_reason) for choice in self.completion.choices]
        if len(reasons) > 1:
            reasons = [each and f"Choice {i}: {each}" for i, each in enumerate(reasons, 1)]
        return list(filter(None, reasons))

    def remarks(self) -> Iterator[str]:
        """Yield what is to be said of its end."""
        if self.remark:
            yield self.remark
        elif not any(has_parts(choice.message) for choice in self.completion.choices):
            yield "The answer is empty."
        else:
            yield from self._remarks_on_form()
        if self._goes_on_with_silence:
            yield SILENT
        if self.completion.ledger is not None:
            told = [cut_off(choice.finish_reason) for choice in self.completion.choices]
            yield from (note for note in self.completion.ledger.notes() if note not in told)
        yield from self.notes

    @property
    def _goes_on_with_silence(self) -> bool:
        """Whether a conversation keeps an answer that no later request can say again."""
        kept = [] if self.chosen is None else self.completion.choices[self.chosen :]
        return bool(kept) and kept[0].message.is_silent

    def _remarks_on_form(self) -> Iterator[str]:
        if self._is_told_of_format:
            return
        whole = [each for each in self.completion.choices if not cut_off(each.finish_reason)]
        contents = [choice.message.content for choice in whole]
        remarks = [OUTPUT_FORMATS[self.form].remark(content) for content in contents if content]
        yield from dict.fromkeys(filter(None, remarks))

    @property
    def _is_told_of_format(self) -> bool:
        """Whether it is said already that the answer has not the format that was asked for."""
        ledger = self.completion.ledger
        return self.status == "failed" or (
            ledger is not None and "response_format" in ledger.ignored
        )

    @property
    def chosen(self) -> int | None:
        """Which of several answers the conversation goes on with, if it is kept in one."""
        is_kept = "turn" in self.turn_metadata and self.status == "complete"
        return cast("int", self.turn_metadata.get("chosen", 0)) if is_kept else None

    def advice(self) -> str:
        """Return how to choose another of several answers, as a sentence; empty if there is one."""
        count = len(self.completion.choices)
        if count <= 1 or self.chosen is None:
            return ""
        other = (self.chosen + 1) % count + 1
        return f"Choice {self.chosen + 1} is in use; %chat pick {other} uses choice {other}."

    def _choices_html(self, formulas: FormulaBudget) -> str:
        choices = self.completion.choices
        shown = [choice_html(choice, formulas, self.form) for choice in choices]
        return choices_html(shown, turn=str(self.turn_metadata.get("turn", "")), chosen=self.chosen)


def choice_html(
    choice: Choice, formulas: FormulaBudget, form: OutputFormatName = "markdown"
) -> str:
    """Return one choice of an answer as safe HTML, and why it ended, if it was cut off."""
    shown = [part_html(kind, html) for kind, html in parts_of(choice.message, form, formulas)]
    return "".join([*shown, notice_html(cut_off(choice.finish_reason))])


def answer_html(body: str) -> str:
    """Return parts of an answer as one safe whole, in which the host typesets only formulas."""
    classes = "chatwidget-answer mathjax_ignore tex2jax_ignore"
    body = _BLANK_LINE.sub(r"\1&#10;", body)  # one would end the HTML in a Markdown file
    return f'<div class="{classes}">\n{body}</div>'


def _json_html(json: str) -> str:
    return f"<details><summary>JSON</summary>\n{code_html(json, 'json')}</details>\n"


def _text_of(choice: Choice) -> str:
    """Return what a choice says: its text, or what stands in its place."""
    message = choice.message
    if message.content or message.refusal:
        return message.content or message.refusal or ""
    functions = [call.function for call in message.tool_calls or ()]
    functions += [message.function_call] if message.function_call else []
    return "\n".join(f"{function.name}({function.arguments})" for function in functions)
