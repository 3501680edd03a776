"""Answers in what becomes of a notebook: a file, a web page, Markdown, LaTeX, a diff."""

from __future__ import annotations

import difflib
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from markdown_it import MarkdownIt
from nbclient import NotebookClient
from nbconvert import HTMLExporter, LatexExporter, MarkdownExporter
from traitlets.config import Config

from wire.replies import event_stream, stream_of
from wire.scripted_server import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning:zmq"),
]

ANSWER = r"""# Softmax

With \(T > 0\) it is, for **all** `\(j\)`, between $5 and $10:

\[
p_j = \frac{e^{x_j/T}}{\sum_k e^{x_k/T}}
\]

1. In Python:

   ```python
   import math

       # indented, after a blank line
   print("a < b")
   ```

| T | effect |
|--:|--------|
| 0 | `argmax` of $x$ |
| 2 | flat |

---
Never <script>alert(1)</script> and \input{/etc/passwd} nor `x`{=latex}.
"""
SAID = ["Softmax", "between $5 and $10", "In Python:", "flat", "effect", "<script>alert(1)"]
CODE = 'import math\n\n    # indented, after a blank line\nprint("a < b")'
JUNK = re.compile(
    r"LiveView|widget-view|model_id|chatwidget\.notebook|object at 0x|\x1b|IPython\.core|<Figure"
)


def run(server: ScriptedServer) -> Any:
    """A notebook with one question, as it is when it has run without a front end."""
    server.reply(*event_stream(stream_of(*ANSWER.splitlines(keepends=True))))
    cells = [server.setup, "%%chat -m scripted -t 0\nWhat is softmax?"]
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source, id=f"cell-{number}")
            for number, source in enumerate(cells)
        ]
    )
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    return notebook


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """The same notebook, run twice."""
    folder = str(tmp_path_factory.mktemp("kernel"))
    with pytest.MonkeyPatch.context() as environment, ScriptedServer() as server:
        for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "CHATWIDGET_DATA"):
            environment.setenv(variable, folder)
        yield [run(server), run(server)]


@pytest.fixture
def notebook(runs: list[Any]) -> Any:
    return runs[0]


class Visible(HTMLParser):
    """What a person sees of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self._hidden = 0
        self._parts: list[str] = []
        self.blocks: list[str] = []
        self._in_block = False
        self.feed(html)
        self.close()
        self.text = "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in ("style", "script")
        if tag == "pre":
            self.blocks.append("")
            self._in_block = True

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script")
        self._in_block = self._in_block and tag != "pre"

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._parts.append(data)
            if self._in_block:
                self.blocks[-1] += data


def assert_all_is_said(text: str) -> None:
    flat = " ".join(text.split())
    for each in SAID:
        assert each in flat
    assert not JUNK.search(text)


def test_a_run_without_a_front_end_leaves_one_output_and_no_widget(notebook: Any) -> None:
    assert "widgets" not in notebook.metadata
    (output,) = notebook.cells[1].outputs
    assert output.output_type == "display_data"
    assert set(output.data) == {"text/html", "text/markdown", "text/plain"}
    assert output.data["text/plain"] == ANSWER
    assert set(output.metadata) == {"chatwidget"}


def test_a_web_page_shows_the_answer(notebook: Any) -> None:
    page, _ = HTMLExporter().from_notebook_node(notebook)
    shown = Visible(page)
    assert_all_is_said(shown.text)
    assert CODE in [block.strip("\n") for block in shown.blocks]
    assert r"\(T > 0\)" in shown.text
    assert "chatwidget-footer{" not in shown.text
    assert "<script>alert" not in page


def test_a_page_that_keeps_no_style_and_no_class_still_shows_it(notebook: Any) -> None:
    """As GitHub shows a notebook."""
    html = notebook.cells[1].outputs[0].data["text/html"]
    bare = re.sub(r' (?:class|target|rel|title)="[^"]*"', "", html)
    assert_all_is_said(Visible(bare).text)
    assert CODE in [block.strip("\n") for block in Visible(bare).blocks]


def test_in_markdown_the_answer_is_whole_and_no_stylesheet_is_shown(notebook: Any) -> None:
    text, _ = MarkdownExporter().from_notebook_node(notebook)
    shown = Visible(MarkdownIt("commonmark").render(text))
    assert_all_is_said(shown.text)
    assert CODE in [block.strip("\n") for block in shown.blocks]
    assert "font-family" not in shown.text


def test_markdown_that_prefers_markdown_has_no_html(notebook: Any) -> None:
    preferred = ["text/markdown", "image/png", "text/plain"]
    config = Config({"NbConvertBase": {"display_data_priority": preferred}})
    text, _ = MarkdownExporter(config=config).from_notebook_node(notebook)
    assert_all_is_said(Visible(MarkdownIt("commonmark").enable("table").render(text)).text)
    assert not re.search(r"<(?:style|div|script)", text)
    assert "$T > 0$ it is, for **all** `\\(j\\)`, between \\$5 and \\$10" in text
    assert "\n$$p_j = \\frac" in text


def test_latex_has_the_formulas_the_code_and_the_table_and_nothing_else(
    notebook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("pandoc") is None:
        pandoc = Path(pytest.importorskip("pypandoc").get_pandoc_path())
        monkeypatch.setenv("PATH", str(pandoc.parent), prepend=":")
    text, _ = LatexExporter().from_notebook_node(notebook)
    answer = text.partition(r"What is softmax?")[2]
    assert r"\(T > 0\)" in answer
    assert r"\[" in answer
    assert r"p_j = \frac{e^{x_j/T}}{\sum_k e^{x_k/T}}" in answer
    assert r"between \$5 and \$10" in answer.replace("\n", " ")
    assert r"\ImportTok{import}" in answer
    assert r"\begin{longtable}" in answer
    assert r"\section{Softmax}" in answer
    assert "textless script" in answer
    assert r"\textbackslash input\{/etc/passwd\}" in answer.replace("\n", " ")
    assert r"\input{" not in answer
    assert not JUNK.search(answer)
    assert "chatwidget-" not in answer
    for environment in set(re.findall(r"\\begin\{(\w+)\}", answer)):
        assert answer.count(rf"\begin{{{environment}}}") == answer.count(rf"\end{{{environment}}}")


def test_a_second_run_changes_only_the_facts_of_the_run(runs: list[Any]) -> None:
    before, after = (nbformat.writes(run).splitlines() for run in runs)
    changed = [
        line[1:].strip()
        for line in difflib.unified_diff(before, after, n=0)
        if re.match(r"[-+](?![-+])", line)
    ]
    known = re.compile(
        r'"(?:first_token_s|total_s|tokens_per_s|turn|iopub\.\S+|shell\.\S+)":|'
        r'"<div class=\\"chatwidget-footer\\">|"version":'
    )
    assert [line for line in changed if not known.match(line)] == []
