"""The forms of an answer: Markdown, verbatim, only its code, JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.timing import Timing
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.render.display.final_output import FinalOutput
from chatwidget.render.markup.output_formats import OUTPUT_FORMATS, CodeBlock, code_blocks
from safe_html import Checked

if TYPE_CHECKING:
    from chatwidget.prompt.arguments import OutputFormatName

EXPLAINED = """Two ways:

```python
print("a < b")
```

1. Or in the shell:

   ~~~bash
   echo 1
   ~~~

and `not this`.
"""


def shown(html: str) -> str:
    return Checked(html).text.strip()


def live(form: OutputFormatName, text: str, step: int = 3) -> str:
    """What is on the screen when the last part has arrived."""
    growing = OUTPUT_FORMATS[form].growing()
    blocks, tail = "", ""
    for start in range(0, len(text), step):
        growing.feed(text[start : start + step])
        frame = growing.frame()
        blocks, tail = blocks + "".join(frame.settled), frame.tail
    return shown(blocks + tail)


def answer(text: str, form: OutputFormatName, *more: str) -> FinalOutput:
    choices = [
        Choice(index=i, message=ChatCompletionMessage(content=each), finish_reason="stop")
        for i, each in enumerate((text, *more))
    ]
    return FinalOutput(ChatCompletion(choices=choices, model="m"), Timing(1.0), form=form)


def test_code_blocks_are_found_wherever_they_stand() -> None:
    assert code_blocks(EXPLAINED) == [
        CodeBlock('print("a < b")', "python"),
        CodeBlock("echo 1", "bash"),
    ]
    assert code_blocks("> ```\n> x\n> ```\n\n    not fenced\n") == [CodeBlock("x")]
    assert code_blocks("``` \n\n```\n") == []


def test_a_long_code_block_is_one() -> None:
    code = "\n\n".join(f"x = {number}" for number in range(3000))
    assert code_blocks(f"```python\n{code}\n```") == [CodeBlock(code, "python")]


def test_text_is_shown_as_it_is() -> None:
    text = "**a**  <b>\n\n   \\(x\\)\n```\ncode"
    finished = answer(text, "text")
    assert Checked(finished.html()).text.strip().startswith(text)
    assert 'class="chatwidget-verbatim"' in finished.html()
    assert finished.markdown() == f"````text\n{text}\n````\n"
    assert finished.text() == text
    assert live("text", text) == text


def test_code_is_shown_without_what_is_said_of_it() -> None:
    finished = answer(EXPLAINED, "code")
    assert '<span class="nb">print</span>' in finished.html()
    assert "Two ways" not in finished.html()
    assert finished.markdown() == '```python\nprint("a < b")\n```\n\n```bash\necho 1\n```\n'
    assert finished.text() == 'print("a < b")\n\necho 1'
    assert live("code", EXPLAINED) == 'print("a < b")'


def test_code_without_blocks_is_all_code() -> None:
    assert answer("x = 1\n", "code").text() == "x = 1"
    assert answer("x = 1\n", "code").markdown() == "```\nx = 1\n```\n"


@pytest.mark.parametrize("text", ['{"b":[1],"a":"é"}', 'Here:\n\n```json\n{"b":[1],"a":"é"}\n```'])
def test_json_is_shown_with_a_line_for_each_value(text: str) -> None:
    finished = answer(text, "json")
    pretty = '{\n  "b": [\n    1\n  ],\n  "a": "é"\n}'
    assert finished.text() == pretty
    assert finished.markdown() == f"```json\n{pretty}\n```\n"
    assert '<span class="nt">"b"</span>' in finished.html()
    assert list(finished.remarks()) == []


def test_what_is_no_json_is_shown_with_a_remark() -> None:
    finished = answer('{"a": 1', "json", "nor this")
    assert '{"a": 1' in finished.text()
    assert list(finished.remarks()) == ["The answer is not JSON, so it is shown as it came."]


def test_what_is_no_json_because_it_broke_off_needs_no_other_remark() -> None:
    partial = answer('{"a": 1', "json")
    stopped = FinalOutput(partial.completion, partial.timing, remark="Stopped.", form="json")
    assert list(stopped.remarks()) == ["Stopped."]


def test_json_is_highlighted_while_it_streams() -> None:
    text = '```json\n{"a": 1}\n```'
    assert live("json", text) == text


def test_each_of_several_choices_has_the_form() -> None:
    assert answer("```\na\n```", "code", "```\nb\n```").text() == (
        "Choice 1 of 2\n\na\n\nChoice 2 of 2\n\nb"
    )


@pytest.mark.parametrize("form", list(OUTPUT_FORMATS))
@given(text=st.text(st.characters()) | st.sampled_from(["[" * 100_000, "1" * 10_000]))
def test_no_text_breaks_a_form(form: OutputFormatName, text: str) -> None:
    live(form, text, step=max(1, len(text) // 4))
    finished = answer(text, form)
    Checked(finished.html())
    json.dumps(finished.bundle(), ensure_ascii=False).encode()
