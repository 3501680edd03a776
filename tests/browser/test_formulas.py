"""Formulas of an answer: typeset while it streams and in the end, but not all at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.test_chat import begun, chat_notebook, ended
from wire.replies import SSE_HEAD
from wire.scripted_server import close, pause

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from browser.lab import Lab, Notebook
    from wire.scripted_server import ScriptedServer

COUNT = 20
SHOWN = "From $5 to $10: \\(x_0\\) and \\(x_0\\).\n\n\\[ y_0 = x_0^2 \\]\n\n"
UNSEEN = "\n\n".join(f"Step {n}: \\(x_{{{n}}}\\) is $n_{{{n}}}$." for n in range(1, COUNT))


def formulas(notebook: Notebook) -> Locator:
    return notebook.output(1).locator(".chatwidget-math")


def expect_typeset(notebook: Notebook, count: int) -> None:
    expect(formulas(notebook)).to_have_count(count)
    expect(notebook.output(1).locator(".chatwidget-math > mjx-container")).to_have_count(count)


def test_formulas_are_typeset_and_those_that_were_shown_are_taken_over(
    lab: Lab, server: ScriptedServer
) -> None:
    go_on = threading.Event()
    server.reply(SSE_HEAD, begun(SHOWN, "More"), pause(go_on), ended(f"\n\n{UNSEEN}"), close())
    notebook = chat_notebook(lab, server, "%%chat\nHi")
    notebook.run(1)
    expect_typeset(notebook, 3)
    containers = notebook.output(1).locator(".chatwidget-math > mjx-container")
    containers.evaluate_all("all => all.forEach(each => { each.dataset.wasShown = ''; })")
    go_on.set()
    notebook.wait_finished(1)
    expect_typeset(notebook, 3 + 2 * (COUNT - 1))
    shown = "mjx-container[data-was-shown]"
    expect(notebook.output(1).locator(f".chatwidget-math > {shown}")).to_have_count(3)
    left = notebook.output(1).locator(f".chatwidget-math.mathjax_process > {shown}")
    expect(left).to_have_count(0)  # the host has nothing to do with them
    assert "From $5 to $10:" in notebook.output_text(1)
    lab.screenshot("formulas")
    notebook.save()
    reader = notebook.reopen()
    expect_typeset(reader, 3 + 2 * (COUNT - 1))
    assert "From $5 to $10:" in reader.output_text(1)


NESTED = "\\frac{1}{" * 100 + "x" + "}" * 100
STYLES = "\\displaystyle " * 500
ARROWS = "\\xrightarrow{" * 20 + "x" + "}" * 20
HOSTILE = [
    f"\\[ {NESTED} \\]",
    f"\\[ {ARROWS} \\]",
    f"\\[ {STYLES} x \\]",
    r"\( \DeclarePairedDelimiter{\sqrt}{a}{b} \definecolor{red}{named}{white} \label{mine} \)",
    "$x_1$ " * 2_500,
]
THEIRS = r"$\sqrt{x} \color{red}{y}$ and $\begin{equation} z \label{mine} \end{equation}$"


def test_hostile_formulas_neither_stop_the_page_nor_change_other_formulas(
    lab: Lab, server: ScriptedServer
) -> None:
    server.reply(SSE_HEAD, begun("\n\n".join(HOSTILE)), ended("\n\nThe end."), close())
    notebook = chat_notebook(
        lab, server, "%%chat\nHi", f"from IPython.display import *\nMarkdown({THEIRS!r})"
    )
    notebook.run(1)
    notebook.wait_finished(1)
    expect(notebook.output(1).locator("code", has_text="\\xrightarrow")).to_be_visible()
    notebook.run(2)
    notebook.wait_finished(2)
    theirs = notebook.output(2)
    expect(theirs.locator("mjx-container")).to_have_count(2)
    expect(theirs.locator("mjx-msqrt")).to_have_count(1)
    expect(theirs.locator("mjx-merror, mjx-mtext")).to_have_count(0)
    notebook.save()
    reader = notebook.reopen()
    expect(reader.output(1).get_by_text("The end.")).to_be_visible()
    expect(reader.output(2).locator("mjx-container")).to_have_count(2)


@pytest.mark.parametrize("kind", ["Label", "HTMLMath"])
def test_the_words_of_a_model_in_a_widget_are_plain_text(
    lab: Lab, server: ScriptedServer, kind: str
) -> None:
    text = r"\(\href{https://a.b}{click}\) and $x^2$ and \begin{align} y \end{align}"
    server.reply(SSE_HEAD, begun(text), ended(" The end."), close())
    ask = (
        "import chatwidget, ipywidgets\n"
        f"widget = ipywidgets.{kind}(r'$x$ of mine')\n"
        "display(widget)\n"
        "_ = chatwidget.create_chat_completion([{'role': 'user', 'content': 'Hi'}],"
        f" model='m', server={server.url!r}, stream_to=widget)"
    )
    notebook = lab.open_notebook([ask])
    notebook.run(0)
    notebook.wait_finished(0)
    expect(notebook.output(0)).to_contain_text(f"{text} The end.")
    expect(notebook.output(0).locator("mjx-container, a")).to_have_count(0)
