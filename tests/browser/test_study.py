"""A study in a cell: columns that stream side by side, and a table that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.views import practice_notebook, seen_in_each_theme

if TYPE_CHECKING:
    from browser.lab import Lab

COLUMNS = "%%chat -t 0,0.7,1.4 --max-tokens 40 --seed 3\nWhat does top_p do?"
TABLE = (
    "%%chat -t 0,0.7,1.4 --repeats 8 --max-tokens 15 --pass \"'likely' in text\" --out results\n"
    "What does top_p do?"
)
PACE = 0.02


def test_several_values_stream_side_by_side_and_stay(lab: Lab) -> None:
    notebook = practice_notebook(lab, COLUMNS, "'the last cell'", pace=PACE)
    output = notebook.output(1)
    expect(output.locator(".chatwidget-live")).to_be_visible()
    expect(output.locator(".chatwidget-column")).to_have_count(3)
    expect(output.locator(".chatwidget-live")).to_have_count(0)
    names = [f"temperature={value}" for value in ("0", "0.7", "1.4")]
    expect(output.locator(".chatwidget-choice")).to_have_text(names)
    boxes = [column.bounding_box() for column in output.locator(".chatwidget-column").all()]
    assert len({box["y"] for box in boxes if box}) == 1, "they stand beside each other"
    lab.screenshot("study-columns")
    notebook.save()
    lab.load()
    notebook = lab.open_file(notebook.path)
    expect(notebook.output(1).locator(".chatwidget-choice")).to_have_text(names)


def test_repeats_are_counted_while_they_run_and_leave_a_table(lab: Lab) -> None:
    notebook = practice_notebook(lab, TABLE, "results", "'the last cell'", pace=PACE)
    expect(notebook.output(1).locator("progress")).to_be_visible()
    expect(notebook.output(1).locator("table").first).to_be_visible()
    expect(notebook.output(2).locator("table tbody tr")).to_have_count(3)
    expect(notebook.output(1)).to_contain_text("95 % confidence")
    notebook.output(1).locator("summary").click()
    expect(notebook.output(1).locator(".chatwidget-sample").first).to_be_visible()
    seen_in_each_theme(lab, ".jp-RenderedHTML", "study-table")
    lab.resize(620, 900)
    lab.screenshot("study-table-narrow")


GRAPH = (
    "from chatwidget.tuning import Study\n"
    "vary = {'temperature': [1.0, 1.4]}\n"
    "study = Study('What does top_p do?', vary=vary, repeats=4, fixed={'max_tokens': 25},\n"
    "              server='practice', store=False)\n"
    "study.run().text_graph()"
)


def test_a_box_of_a_text_graph_filters_the_answers_also_after_reopening(lab: Lab) -> None:
    notebook = practice_notebook(lab, GRAPH)
    answers = notebook.output(1).locator("li")
    expect(answers.first).to_be_visible()
    every = answers.locator("visible=true").count()
    seen_in_each_theme(lab, ".chatwidget-text-graph", "text-graph")
    notebook.save()
    lab.load()
    notebook = lab.open_file(notebook.path)
    output = notebook.output(1)
    last = output.locator(".g-node").last
    last.click()
    expect(last.locator("input")).to_be_checked()
    through = output.locator("li").locator("visible=true")
    expect(through.first).to_be_visible()
    assert through.count() < every
    output.locator(".g-all").click()
    expect(through).to_have_count(every)
    lab.resize(620, 900)
    lab.screenshot("text-graph-narrow")
