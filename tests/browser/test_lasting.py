"""What an answer leaves in a notebook: its forms, and new cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from wire.replies import SSE_HEAD, stream_of
from wire.scripted_server import close

if TYPE_CHECKING:
    from browser.lab import Lab, Notebook
    from wire.scripted_server import ScriptedServer

CODE = 'for word in ("a", "b"):\n\n    print(word)'
EXPLAINED = f"So:\n\n```python\n{CODE}\n```\n\nThat *prints* them."


def opened(lab: Lab, server: ScriptedServer, *cells: str) -> Notebook:
    notebook = lab.open_notebook([server.setup, *cells])
    notebook.run(0)
    notebook.wait_finished(0)
    return notebook


def sources(notebook: Notebook) -> list[str]:
    notebook.save()
    return ["".join(cell["source"]) for cell in notebook.read_file()["cells"]]


def answer(server: ScriptedServer, text: str) -> None:
    pieces = [text[start : start + 7] for start in range(0, len(text), 7)]
    server.reply(SSE_HEAD, stream_of(*pieces), close())


def test_the_code_of_an_answer_is_one_new_cell_below_which_has_not_run(
    lab: Lab, server: ScriptedServer
) -> None:
    answer(server, EXPLAINED)
    notebook = opened(lab, server, "%%chat --to-cell\nHow?", "'the last cell'")
    notebook.run(1)
    notebook.wait_finished(1)
    notebook.wait_text(1, "That prints them.")
    expect(notebook.cell(2).locator(".cm-content")).to_contain_text("print(word)")
    assert sources(notebook)[1:] == ["%%chat --to-cell\nHow?", CODE, "'the last cell'"]
    assert notebook.prompt(2).inner_text() == "[ ]:"
    assert notebook.output_text(2) == ""


def test_fix_puts_the_corrected_cell_below(lab: Lab, server: ScriptedServer) -> None:
    answer(server, EXPLAINED)
    notebook = opened(lab, server, "for word in letters: print(word)", "%chat fix")
    notebook.run(1)
    notebook.wait_finished(1)
    notebook.wait_text(1, "NameError")
    notebook.run(2)
    notebook.wait_finished(2)
    expect(notebook.cell(3).locator(".cm-content")).to_contain_text("print(word)")
    assert sources(notebook)[2:] == ["%chat fix", CODE]
    asked = server.requests[0].json["messages"][-1]["content"]
    assert "```python\nfor word in letters: print(word)\n```" in asked
    assert "NameError: name 'letters' is not defined" in asked
    assert "In[2]" in asked


@pytest.mark.parametrize(
    ("form", "text", "shown"),
    [
        ("text", "**as it is**\n\n   <b> and $x$", "**as it is**\n\n   <b> and $x$"),
        ("code", EXPLAINED, CODE),
        ("json", '{"a": [1, "x"]}', '{\n  "a": [\n    1,\n    "x"\n  ]\n}'),
    ],
    ids=["text", "code", "json"],
)
def test_an_answer_in_another_form_lasts(
    lab: Lab, server: ScriptedServer, form: str, text: str, shown: str
) -> None:
    answer(server, text)
    notebook = opened(lab, server, f"%%chat --format {form}\nGo")
    notebook.run(1)
    notebook.wait_finished(1)
    content = notebook.output(1).locator(".chatwidget-content")
    expect(content).to_have_count(1)
    expect(notebook.output(1).locator(".chatwidget-footer")).to_be_visible()
    assert content.inner_text().strip() == shown
    lab.screenshot(f"format-{form}")
    notebook.save()
    reader = notebook.reopen()
    content = reader.output(1).locator(".chatwidget-content")
    expect(content).to_have_count(1)
    assert content.inner_text().strip() == shown
    assert lab.console_errors == []
