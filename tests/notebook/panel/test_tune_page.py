"""The Tune tab: a study over one parameter of the session."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from notebook.pages import Page, until
from wire.replies import SSE_HEAD, chunk, sse, stream_of
from wire.scripted_server import close, pause

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.chat.session import ChatSession
    from wire.scripted_server import ScriptedServer

FORM = {"prompt": "What is temperature?", "count": 3, "repeats": 5, "low": 0.0, "high": 1.5}


@pytest.fixture
def tuned(session: ChatSession) -> Page:
    page = Page(session)
    session.settings.update({"max_tokens": 12})
    page.do("ShowTune", shown=True)
    return page


@pytest.fixture
def never() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def plan(page: Page, **fields: Any) -> dict[str, Any]:
    page.do("PlanTune", form={**FORM, **fields})
    state: dict[str, Any] = page.state["tune"]
    return state


def run(page: Page, **fields: Any) -> dict[str, Any]:
    plan(page, **fields)
    page.do("RunTune")
    until(lambda: page.state["tune"]["status"] == "ended" and page.state["tune"]["conclusion"])
    state: dict[str, Any] = page.state["tune"]
    return state


def test_a_plan_says_what_would_be_asked_and_sends_nothing(tuned: Page) -> None:
    planned = plan(tuned)
    assert planned["brief"].startswith("Asks 15 of 15 calls of practice")
    assert "can tell apart" in planned["plan"]
    assert planned["status"] == "idle"
    assert planned["line"].splitlines() == [
        "%%chat --vary temperature=0,0.75,1.5 --repeats 5 --pass 'len(text.split())'",
        "What is temperature?",
    ]
    assert not tuned.session.conversation.turns


def test_a_study_has_a_point_with_an_interval_at_each_value(tuned: Page) -> None:
    shown = run(tuned)
    assert [point["place"] for point in shown["points"]] == [0, 0.75, 1.5]
    assert all(point["low"] <= point["number"] <= point["high"] for point in shown["points"])
    coldest = shown["points"][0]
    assert (coldest["answers"], [kind["count"] for kind in coldest["kinds"]]) == (5, [5])
    assert "Study(" in shown["code"]
    (spent,) = tuned.session.tally.by_model().values()
    assert spent.questions == 15
    again = plan(tuned)
    assert again["brief"].startswith("Asks 0 of 15 calls")


def test_what_answers_are_to_contain_is_a_rate(tuned: Page) -> None:
    shown = run(tuned, measure="contains", wanted="TEMPERATURE")
    assert shown["is_rate"]
    assert shown["points"][0]["number"] == 1
    assert shown["points"][0]["said"].startswith("100 %")
    other = run(tuned, measure="contains", wanted="it's “none of that”")
    assert [point["number"] for point in other["points"]] == [0, 0, 0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"prompt": "  "}, "no question"),
        ({"measure": "contains", "wanted": " "}, "what an answer is to contain"),
        ({"name": "stop"}, "no range"),
        ({"name": "nothing"}, "no range"),
    ],
)
def test_what_cannot_be_asked_says_why(tuned: Page, fields: dict[str, Any], said: str) -> None:
    state = plan(tuned, **fields)
    tuned.do("RunTune")
    assert said in state["problem"] + tuned.state["notice"]["sentence"]
    assert tuned.state["tune"]["status"] == "idle"


def test_a_study_that_is_stopped_keeps_what_was_answered(
    page: Page, server: ScriptedServer, never: threading.Event
) -> None:
    server.reply(SSE_HEAD, stream_of("Hello"), close())
    server.reply(SSE_HEAD, sse(chunk("Hel")), pause(never))
    page.do("ShowTune", shown=True)
    plan(page, count=1, repeats=2)
    page.do("RunTune")
    until(lambda: page.state["tune"]["done"] == 1)
    page.do("StopTune")
    until(lambda: page.state["tune"]["status"] == "ended" and page.state["tune"]["points"])
    assert page.state["tune"]["points"][0]["answers"] == 1


def test_a_panel_that_is_closed_asks_no_more(
    page: Page, server: ScriptedServer, never: threading.Event
) -> None:
    server.reply(SSE_HEAD, sse(chunk("Hel")), pause(never))
    page.do("ShowTune", shown=True)
    plan(page, count=1, repeats=1)
    page.do("RunTune")
    server.wait_for_requests(1)
    page.model.close()
    assert server.connections[0].wait_closed(5)


def test_a_server_that_refuses_is_told(page: Page, server: ScriptedServer) -> None:
    server.reply(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    page.do("ShowTune", shown=True)
    plan(page, count=1, repeats=1)
    page.do("RunTune")
    until(lambda: page.state["tune"]["problem"])
    assert page.state["tune"]["status"] == "ended"


def test_while_nobody_looks_nothing_is_planned(tuned: Page) -> None:
    tuned.do("ShowTune", shown=False)
    assert tuned.state["tune"] is None


@pytest.mark.parametrize("measure", [{}, {"measure": "contains", "wanted": "temperature"}])
def test_the_true_curve_of_the_practice_model_is_told_on_request(
    tuned: Page, measure: dict[str, str]
) -> None:
    tuned.session.settings.update({"max_tokens": 4})
    shown = run(tuned, high=0.4, count=2, repeats=1, **measure)
    assert (shown["truth"], shown["truth_status"]) == ([], "offered")
    tuned.do("TellTruth")
    until(lambda: tuned.state["tune"]["truth_status"] == "told")
    truth = tuned.state["tune"]["truth"]
    assert [each["place"] for each in truth] == [0, 0.2, 0.4]
    assert truth[0]["number"] == shown["points"][0]["number"]
    assert truth[0]["found"] == "exact"
    again = run(tuned, high=0.2, count=2, repeats=1, **measure)
    assert (again["truth"], again["truth_status"]) == ([], "offered")


def test_why_there_is_no_truth_is_said(tuned: Page) -> None:
    tuned.session.settings.update({"max_tokens": 2, "top_p": 0.5})
    run(tuned, count=2, repeats=1)
    tuned.do("TellTruth")
    until(lambda: "top_p = 1" in tuned.state["tune"]["problem"])
    assert tuned.state["tune"]["truth_status"] == "unknown"


def test_of_a_parameter_that_is_not_computed_no_truth_is_offered(tuned: Page) -> None:
    shown = run(tuned, name="top_p", low=0.1, high=1, count=2, repeats=1)
    assert shown["truth_status"] == "unknown"
    tuned.do("TellTruth")
    assert tuned.state["tune"]["truth"] == []


def adopt(page: Page, text: str) -> str:
    """Paste a text into the Request tab, and return what is said of it."""
    page.do("ShowRequest", shown=True)
    page.do("AdoptRequest", text=text)
    request = page.state["request"]
    return str(request["problem"] or request["adopted"])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"measure": "contains", "wanted": "it's “random”"},
        {"measure": "own", "wanted": "len(text) < 80"},
        {"measure": "own", "wanted": "is_valid"},
        {"name": "top_logprobs", "low": 1, "high": 9, "count": 5},
        {"name": "presence_penalty", "low": -0.7, "high": 0.6, "count": 4, "repeats": 1},
        {"prompt": "Two\n\nparagraphs with 'quotes'"},
    ],
    ids=str,
)
def test_the_request_tab_reads_the_cell_of_a_study_back(tuned: Page, fields: Any) -> None:
    planned = plan(tuned, **fields)
    assert planned["line"]
    plan(tuned, prompt="Another", count=2)
    assert adopt(tuned, planned["line"]).startswith("The Tune tab has this study.")
    read = tuned.state["tune"]["form"]
    assert read == planned["form"]
    assert tuned.state["tune"]["line"] == planned["line"]


@pytest.mark.parametrize(
    "fields",
    [{}, {"measure": "contains", "wanted": "temperature"}, {"measure": "own", "wanted": "1 + 1"}],
    ids=str,
)
def test_the_request_tab_reads_the_python_of_a_study_back(tuned: Page, fields: Any) -> None:
    tuned.session.system = "Be brief."
    ran = run(tuned, repeats=1, **fields)
    tuned.session.system = ""
    tuned.session.settings.update({"max_tokens": 3})
    plan(tuned, prompt="Another", name="top_p", low=0.5, high=1, count=2)
    assert "The Tune tab has this study" in adopt(tuned, ran["code"])
    assert tuned.state["tune"]["form"] == ran["form"]
    assert tuned.session.system == "Be brief."
    assert tuned.session.settings.get("max_tokens") == 12


def test_a_study_that_was_written_by_hand_is_read(tuned: Page) -> None:
    said = adopt(
        tuned,
        "```python\nfrom chatwidget.tuning import Study\n"
        "study = Study('Name a city.', vary={'temperature': '0:1:0.25'}, repeats=7,\n"
        "    fixed={'top_p': 0.9, 'seed': 3}, server='practice')\n"
        "study.run(passes=lambda completion: 'Paris' in completion.text)\n```",
    )
    assert "top_p, seed" in said
    form = tuned.state["tune"]["form"]
    assert (form["prompt"], form["low"], form["high"], form["count"]) == ("Name a city.", 0, 1, 5)
    assert (form["repeats"], form["measure"]) == (7, "own")
    assert form["wanted"] == "'Paris' in completion.text"
    tuned.do("Undo")
    assert tuned.state["tune"]["form"]["prompt"] == ""
    assert tuned.session.settings.get("top_p") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("%%chat -t 0,0.1,1 --repeats 2\nHi", "not evenly spread"),
        ("%%chat -t 0,1 --top-p 0.5,1\nHi", "varies 2 names"),
        ("%%chat --repeats 4\nHi", "varies 0 names"),
        ("%%chat --vary system=a,b\nHi", "no range"),
        ("%%chat --vary temperature=[0,null]\nHi", "no range"),
        ("Study('Hi', vary={'temperature': values})", "computed"),
        ("Study('Hi', vary={'temperature': [0, 1]}, fixed={'top_p': best()})", "computed"),
        ("%%chat --vary temprature=0,1\nHi", "temperature"),
    ],
)
def test_a_study_that_the_form_cannot_hold_is_refused_and_changes_nothing(
    tuned: Page, text: str, why: str
) -> None:
    before = plan(tuned)["form"]
    sent = tuned.session.settings.sent()
    assert why in adopt(tuned, text)
    assert tuned.state["tune"]["form"] == before
    assert tuned.session.settings.sent() == sent


def test_a_request_that_is_no_study_leaves_the_form_alone(tuned: Page) -> None:
    before = plan(tuned)["form"]
    assert "temperature" in adopt(tuned, "%%chat -t 0.25")
    assert tuned.state["tune"]["form"] == before
    assert tuned.session.settings.get("temperature") == 0.25


@pytest.mark.parametrize("wanted", ["len(text) > 1", "is_long", "threshold < len(text)"])
def test_a_measure_of_ones_own_is_an_expression_or_a_function(
    tuned: Page, shell: InteractiveShell, wanted: str
) -> None:
    shell.user_ns["is_long"] = lambda completion: len(completion.text) > 1
    shell.user_ns["threshold"] = 1
    shown = run(tuned, measure="own", wanted=wanted, count=2, repeats=2)
    assert shown["is_rate"]
    assert [point["number"] for point in shown["points"]] == [1, 1]
    assert shown["label"] == wanted


def test_a_measure_that_gives_numbers_is_no_rate(tuned: Page) -> None:
    shown = run(tuned, measure="own", wanted="len(text)", count=2, repeats=2)
    assert not shown["is_rate"]
    assert shown["points"][0]["number"] > 1


@pytest.mark.parametrize(
    ("wanted", "why"),
    [("", "Nothing says the measure"), ("len(", "neither"), ("is_lnog", "is_long")],
)
def test_a_measure_that_is_none_is_refused_before_anything_is_sent(
    tuned: Page, shell: InteractiveShell, wanted: str, why: str
) -> None:
    shell.user_ns["is_long"] = len
    plan(tuned, measure="own", wanted=wanted)
    tuned.do("RunTune")
    assert why in tuned.state["notice"]["sentence"]
    assert tuned.state["tune"]["status"] == "idle"


def test_a_measure_has_a_name_too(tuned: Page) -> None:
    shown = run(tuned, measure="own", wanted="characters", count=2, repeats=1)
    assert shown["points"][0]["number"] == len(shown["points"][0]["kinds"][0]["text"])
