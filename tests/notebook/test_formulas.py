"""A typesetter gets only formulas that draw, at a bounded cost; other formulas are code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.chat.conversation import Turn
from chatwidget.client.timing import Timing
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionChunk,
    ChatCompletionMessage,
    Choice,
    ChoiceDelta,
    ChunkChoice,
)
from chatwidget.panel.static_copy import turn_html
from chatwidget.panel.turn_state import finished_turn
from chatwidget.render.display.final_output import FinalOutput
from chatwidget.render.display.parts import GrowingAnswer
from chatwidget.render.display.transcript import TurnView
from chatwidget.render.markup.formulas import FormulaBudget
from chatwidget.render.markup.markdown_writer import inert_markdown
from chatwidget.render.markup.rendering import IncrementalRenderer, join, render
from cpu import cpu_seconds
from safe_html import Checked

if TYPE_CHECKING:
    from collections.abc import Callable

FORMULA = "mathjax_process"
MOST = 700
"""Small formulas that are typeset in half a second."""
DEEP = r"\frac{1}{" * 100 + "x" + "}" * 100


def nested(opening: str, count: int, closing: str = "}") -> str:
    return opening * count + "x" + closing * count


@pytest.mark.parametrize(
    "tex",
    [
        r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}",
        r"\delta \left( \frac{a}{b} \right)",
        r"\text{if } x \leq 0, \quad \text{50\% of } y",
        "\\begin{aligned}\na &= b \\\\\n  &= c \\tag{1}\n\\end{aligned}",
        r"\begin{pmatrix} 1 & 0 \\[1ex] 0 & 1 \end{pmatrix} \xrightarrow{R_2 - \frac12 R_1} I",
        r"f(x) = \begin{cases} \displaystyle\int_0^x t\,dt & x > 0 \\ 0 & \text{else} \end{cases}",
        r"\hat{\mathbf{x}} \in \mathbb{R}^n,\ \operatorname*{arg\,max}_\theta \mathcal{L}(\theta)",
        r"\left\{ x \;\middle|\; \lVert x \rVert_2 \le 1 \right\}",
        r"\ce{2H2 + O2 -> 2H2O}",
        r"\nabla \times \vec{E} = -\frac{\partial \vec{B}}{\partial t} % Faraday",
        r"\underbrace{a + \overbrace{b + c}^{2}}_{3} \boxed{\color{red}{x}} \cancel{y}",
        nested(r"\cfrac{1}{1 + ", 10),
        r"\bra{\psi} \hat{H} \ket{\psi}",
        " + ".join(f"x_{{{n}}}^2" for n in range(100)),
    ],
)
def test_what_people_write_is_typeset(tex: str) -> None:
    assert FORMULA in render(f"\\[\n{tex}\n\\]")


@pytest.mark.parametrize(
    "tex",
    [
        # macros, colours and labels hold for the other formulas of a page, too
        r"\DeclarePairedDelimiter\abs{a}{b}",
        r"\definecolor{red}{rgb}{1,1,1}",
        r"\label{eq:1}",
        r"\Newextarrow{\x}{1,1}{0x21}",
        r"\newtagform{x}{a}{b}",
        r"\mathtoolsset{showonlyrefs}",
        r"\setOptions{tags=all}",
        r"\xdef\x{y}",
        r"\eqref{x}",
        # what nobody has heard of yet
        r"\fancynewcommand{x}",
        r"\text{\fancynewcommand{x}}",
        "x % \\fancynewcommand",
        r"\begin{fancynewenvironment} x \end{fancynewenvironment}",
        r"\begin{tikzpicture} x \end{tikzpicture}",
        r"\begin x",
        # what stands elsewhere than where it is written
        r"\bbox[#fff]{x}",
        r"\smash{\rlap{\lower70px{x}}}",
        r"\raise 9em {x}",
        r"\rule{99em}{99em}",
        r"^^5cinput{x}",
    ],
)
def test_commands_that_are_not_known_to_draw_are_shown_as_code(tex: str) -> None:
    for text in (f"\\({tex}\\)", f"\\[\n{tex}\n\\]", f"- a\n\n  \\[\n  {tex}\n  \\]"):
        html = render(text)
        assert FORMULA not in html
        assert "".join(tex.split()) in "".join(Checked(html).text.split())
        assert "<code>" in html


@pytest.mark.parametrize(
    "tex",
    [
        DEEP,
        nested(r"\xrightarrow{", 20),
        nested(r"\xleftarrow[{", 8, "}]{}"),
        nested(r"\left(", 100, r"\right)"),
        nested(r"\begin{matrix}", 100, r"\end{matrix}"),
        nested(r"\text{a $", 50, "$}"),
        nested("x^{", 100),
        nested("{", 100),
        nested(r"{ \text{\right\right} {", 50, "}}"),  # in text these close nothing
        nested("{ %}\n", 50),
        nested(r"{ \} ", 50),
        nested(r"\underbracket{", 10),
        r"\displaystyle " * 400,
        r"\large\small" * 200,
        "x+" * 2_000,
        r"\begin{array}{c}" + r"&\\" * 5_000 + r"\end{array}",
    ],
)
def test_a_formula_that_costs_too_much_is_shown_as_code(tex: str) -> None:
    for text in (f"\\({tex}\\)", f"\\[\n{tex}\n\\]"):
        assert FORMULA not in render(text)
        assert "$" not in inert_markdown(text).replace("$}", "").replace("a $", "")


@given(
    st.lists(
        st.sampled_from(
            ["{", "}", "\\left(", "\\right)", "\\text{", "%", "\n", "\\}", "\\\\", "$", "x", "^{"]
        ),
        max_size=120,
    ).map("".join)
)
def test_no_order_of_braces_hides_how_deep_a_formula_is(tex: str) -> None:
    if FormulaBudget().admits(tex):
        for read in (tex, re.sub(r"(?<!\\)((?:\\\\)*)%.*", r"\1", tex)):
            depth = deepest = 0
            for brace in re.findall(r"(?<!\\)(?:\\\\)*([{}])", read):
                depth += 1 if brace == "{" else -1
                deepest = max(deepest, depth)
            assert deepest <= 16


MANY = "$x_1$ " * 2_500 + "\n\nEnd."
BIG = f"\\({'x+' * 600}\\)\n\n" * 20


@pytest.mark.parametrize("text", [MANY, "- $x$\n" * 2_500, "| $x$ |\n|-|\n" + "| $x$ |\n" * 2_500])
def test_of_many_formulas_the_rest_is_code(text: str) -> None:
    html = render(text)
    assert 100 < html.count(FORMULA) < MOST
    assert html.count(FORMULA) + html.count("<code>") >= 2_500
    assert html.index("<code>") > html.rindex(FORMULA)
    assert 100 < inert_markdown(text).replace("`$", "").count("$x") < MOST


def test_of_long_formulas_only_a_few_are_typeset() -> None:
    assert render(BIG).count(FORMULA) == 4


def test_an_answer_that_grows_has_as_many_formulas_as_one_that_is_whole() -> None:
    renderer = IncrementalRenderer()
    blocks = []
    for start in range(0, len(MANY), 600):
        renderer.feed(MANY[start : start + 600])
        frame = renderer.frame()
        blocks += frame.settled
        assert FORMULA not in frame.tail  # it would be typeset each time that it grows
    assert join([*blocks, *renderer.finish().settled]) == render(MANY)


def test_a_command_that_is_half_there_does_not_change_how_a_formula_looks() -> None:
    whole = r"\[ \alpha \begin{aligned} x \end{aligned} \operatorname{y}"
    for end in range(3, len(whole) + 1):
        renderer = IncrementalRenderer()
        renderer.feed(whole[:end])
        tail = renderer.frame().tail
        assert "chatwidget-math" in tail or not whole[2:end].strip()


MESSAGE = ChatCompletionMessage(content=MANY, reasoning=MANY, refusal=MANY)
CHOICES = [Choice(index=index, message=MESSAGE) for index in range(3)]
CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
STEPS = [
    {"role": "assistant", "content": MANY, "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "1", "content": "1"},
] * 3
TURN = Turn(prompt="?", answers=[MESSAGE] * 3, steps=STEPS)


def live() -> str:
    """Return what a view of an answer has shown in the end."""
    answer = GrowingAnswer(choices=3)
    delta = ChoiceDelta(content=MANY, reasoning=MANY, refusal=MANY)
    for _ in range(2):
        answer.feed(ChatCompletionChunk([ChunkChoice(index, delta) for index in range(3)]))
        answer.begin_round()
    return "".join("".join([*frame.settled, frame.tail]) for _, frame in answer.frames())


SHOWN: dict[str, Callable[[], str]] = {
    "a cell": lambda: FinalOutput(ChatCompletion(choices=CHOICES), Timing(1.0), steps=STEPS).html(),
    "the live view": live,
    "the panel": lambda: "".join(
        "".join([*part.settled, part.add]) for part in finished_turn(TURN).parts
    ),
    "the copy of a panel": lambda: turn_html(TURN),
    "a turn": lambda: TurnView(TURN)._repr_html_(),
}


@pytest.mark.parametrize("place", SHOWN)
def test_the_parts_of_an_answer_share_what_formulas_may_cost(place: str) -> None:
    assert 100 < SHOWN[place]().count(FORMULA) < 2 * MOST


def test_reading_a_formula_costs_linear_time() -> None:
    for piece in ("{", "\\", "%", " ", "\\begin{", "x", "% a\n", "\\a"):
        assert cpu_seconds(lambda piece=piece: FormulaBudget().admits(piece * 500_000)) < 1
