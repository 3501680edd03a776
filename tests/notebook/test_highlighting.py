"""Code has colours in the languages that people use, at a cost that is bounded and linear."""

from __future__ import annotations

import itertools

import pytest

from chatwidget.client.timing import Timing
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.render.display.final_output import FinalOutput
from chatwidget.render.markup.highlighting import LANGUAGES, highlight
from chatwidget.render.markup.rendering import render
from cpu import cpu_seconds
from safe_html import Checked

STEP = 0.5
"""What a lexer may take, in seconds, after its time is over: until it gives its next token."""

WORST = [
    ("csharp", "a\n"),
    ("csharp", "public a "),
    ("c", "\n"),
    ("cpp", "/"),
    ("java", "a b "),
    ("bash", "<<0x "),
    ("typescript", "a."),
    ("restructuredtext", "\n\n"),
    ("markdown", "\n"),
    ("terraform", "1e "),
    ("make", "${"),
    ("apacheconf", "<"),
    ("nixos", "é "),
]
PIECES = ["(", "{", "<", "<a ", "</", "<!--", "/", "//", "/*", "\\", "'", '"', '"""', "`", "#", "%"]
PIECES += [
    "${",
    "{{",
    "[[",
    "@",
    "&",
    "|",
    "*",
    "-",
    "=",
    ":",
    ",",
    ".",
    "a.",
    "0 ",
    "1e",
    " ",
    "\n",
]
PIECES += ["\n ", "a\n", "a ", "a=", "a(", "a::", "a<", "<<a\n", "if a ", "a b c(", '"\\', "\u2028"]


def allowed(code: str) -> float:
    return 0.1 + 20e-6 * len(code) + STEP


def hostile(piece: str, size: int) -> str:
    """Return a piece many times over, in lines that a person might write."""
    line = piece * (1_900 // len(piece)) + "\n"
    return (line * (size // len(line) + 1))[:size]


@pytest.mark.parametrize(
    "language",
    [
        "python",
        "Python",
        "py",
        "js",
        "c++",
        "C#",
        "sh",
        "yml",
        "html",
        "r",
        "ts",
        "rs",
        "tf",
        "tex",
    ],
)
def test_a_language_that_people_use_has_colours_by_each_of_its_names(language: str) -> None:
    code = 'if "a" { return 1 } // b\n# c\n% d\n<e f="g">h</e>\n'
    assert "<span" in highlight(code, language)
    assert Checked(highlight(code, language)).text == code


@pytest.mark.parametrize(
    "language", ["easytrieve", "autoit", "xpp", "autohotkey", "gherkin", "nemerle", "", "nonsense"]
)
def test_other_languages_have_no_colours(language: str) -> None:
    assert highlight('if "a" 1 // b & c', language) == 'if "a" 1 // b &amp; c'


@pytest.mark.parametrize(("language", "piece"), WORST)
def test_what_a_lexer_is_slow_with_costs_as_much_for_each_character(
    language: str, piece: str
) -> None:
    for size in (4_000, 32_000):
        code = hostile(piece, size)
        shown = []
        spent = cpu_seconds(lambda code=code, shown=shown: shown.append(highlight(code, language)))
        assert spent < allowed(code)
        assert Checked(shown[0]).text == code


@pytest.mark.full
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_lexer_takes_longer_than_its_time(language: str) -> None:
    highlight("x\n", language)
    pairs = itertools.combinations(PIECES[::3], 2)
    for piece in [*PIECES, *map("".join, pairs)]:
        code = hostile(piece, 4_000)
        assert cpu_seconds(lambda code=code: highlight(code, language)) < allowed(code), piece


@pytest.mark.parametrize("form", ["code", "markdown"])
@pytest.mark.parametrize("language", ["csharp", "easytrieve"])
def test_long_code_is_shown_at_a_linear_cost_in_each_form(form: str, language: str) -> None:
    code = hostile("a\n", 40_000)
    message = ChatCompletionMessage(content=f"```{language}\n{code}\n```")
    answer = FinalOutput(
        ChatCompletion(choices=[Choice(message=message)]),
        Timing(1.0),
        form=form,  # type: ignore[arg-type] - one of the names
    )
    # each of the pieces of an answer has its own time
    assert cpu_seconds(answer.html) < 11 * allowed(code[:4_000])


def test_code_is_read_in_stretches_that_end_where_it_begins_anew() -> None:
    function = 'def name(a):\n    """Say "it"."""\n    return 1\n'
    code = "\n\n".join([function] * 200)
    assert highlight(code, "python") == "\n\n".join([highlight(function, "python")] * 200)
    assert Checked(render(f"```python\n{code}```")).text.strip() == code.strip()


def test_a_word_that_nobody_wrote_takes_the_colours_of_its_stretch_alone() -> None:
    code = '{"a": 1}\n' * 600 + f'{{"b": "{"x" * 5_000}"}}\n' + '{"c": 2}\n' * 600
    html = highlight(code, "json")
    assert Checked(html).text == code
    assert html.startswith("{<span")
    assert html.endswith("</span>}\n")
    assert f'{{"b": "{"x" * 5_000}"}}' in html
