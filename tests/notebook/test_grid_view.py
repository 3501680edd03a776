"""A grid in its kernel: what its page is sent, and what it does with what the page sends."""

from __future__ import annotations

import gc
import itertools
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.wire.types import ChatCompletionChunk, ChoiceDelta, ChunkChoice
from chatwidget.lab.grid_actions import GridActions
from chatwidget.lab.grid_of import grid as grid_of
from chatwidget.lab.grid_view import GridView
from chatwidget.tuning.outcomes import Begun, Part
from chatwidget.tuning.requests import Call
from chatwidget.tuning.store import StoredAnswer
from notebook.views import send
from tuning.studied import answered, failed, result, study

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.tuning import Study

HOSTILE = "<img src=x onerror=alert(1)>"


class Page:
    """A grid of a study in memory, and what its page hears."""

    def __init__(self, asked: Study, **options: Any) -> None:
        self.study = asked
        self.actions = GridActions(asked, options.pop("session", None), **options)
        self.view = GridView(self.actions.results.grid(), actions=self.actions)
        self.heard: list[Any] = []
        self.view.send = lambda content, *_: self.heard.append(content)  # type: ignore[method-assign] # a page

    def send(self, type: str, **content: Any) -> None:  # noqa: A002 - as it is called there
        send(self.view, {"type": type, **content})

    def last(self, type: str) -> Any:  # noqa: A002 - as it is called there
        return next(each for each in reversed(self.heard) if each["type"] == type)

    @property
    def cells(self) -> list[Any]:
        """The cells as a page sees them that comes now."""
        found: list[Any] = self.view.get_state("snapshot")["snapshot"]["cells"]
        return found


@pytest.fixture
def asked() -> Study:
    found = study(
        "Why?", vary={"temperature": [0, 1]}, repeats=2, store=False, fixed={"max_tokens": 3}
    )
    for number, texts in enumerate((["same", "same"], ["one", "two"])):
        for draw, text in enumerate(texts, 1):
            answer = StoredAnswer(result(found.requests[number], draw, text).completion)
            found.store.keep(found.requests[number].key, draw, answer).result()
    return found


@pytest.fixture
def page(asked: Study) -> Page:
    return Page(asked)


def test_a_thumb_and_a_note_are_kept_and_shown_when_the_study_is_shown_again(page: Page) -> None:
    page.send("thumb", cell=0, kind=0, thumb=True)
    page.send("note", cell=0, kind=0, note=f" {HOSTILE} ")
    shown = page.last("frame")["cells"][0]["kinds"][0]
    assert (shown["thumb"], shown["noted"]) == (True, True)
    assert "pieces" not in shown  # the page has the text
    again = Page(page.study)
    assert again.cells[0]["kinds"][0]["thumb"] is True
    again.send("open", cell=0, kind=0)
    assert again.last("opened")["note"] == HOSTILE
    assert HOSTILE not in again.last("opened")["html"]
    again.send("thumb", cell=0, kind=0, thumb=None)
    again.send("note", cell=0, kind=0, note="")
    assert "thumb" not in Page(page.study).cells[0]["kinds"][0]


def test_a_thumb_is_for_all_equal_answers(page: Page) -> None:
    page.send("thumb", cell=0, kind=0, thumb=False)  # both answers at temperature 0
    assert [each.thumb for each in page.study.results()] == [False, False, None, None]
    assert page.cells[0]["kinds"][0] | {"pieces": 0} == {"count": 2, "pieces": 0, "thumb": False}


def test_an_equal_answer_that_comes_later_is_not_judged_unseen(asked: Study) -> None:
    page = Page(asked, group=lambda _: "alike")
    page.send("thumb", cell=0, kind=0, thumb=True)
    page.actions.sample(0, page.view.hear).wait()
    assert page.cells[0]["kinds"][0]["partly"] is True
    page.send("thumb", cell=0, kind=0, thumb=True)
    assert "partly" not in page.cells[0]["kinds"][0]
    thumbs = page.study.results().means("thumb")[0]
    assert (thumbs["thumb"], thumbs["answers"]) == (1, 7)


def test_answers_that_cannot_be_judged_any_more_are_told(page: Page) -> None:
    page.study.store.prune(days=-1)
    page.send("thumb", cell=0, kind=0, thumb=True)
    assert "not in the store any more" in page.last("done")["sentence"]
    assert "thumb" not in page.cells[0]["kinds"][0]


@pytest.mark.parametrize(
    "content",
    [
        None,
        "thumb",
        {},
        {"type": "thumb"},
        {"type": "thumb", "cell": 0, "kind": 0, "thumb": 1},
        {"type": "thumb", "cell": 0, "kind": 0, "thumb": True, "more": 1},
        {"type": "thumb", "cell": 2, "kind": 0, "thumb": True},
        {"type": "thumb", "cell": -1, "kind": 0, "thumb": True},
        {"type": "thumb", "cell": 0, "kind": 9, "thumb": True},
        {"type": "thumb", "cell": 0, "kind": -1, "thumb": True},
        {"type": "note", "cell": 0, "kind": 0, "note": "x" * 10_001},
        {"type": "note", "cell": 0, "kind": 0, "note": None},
        {"type": "open", "cell": "0", "kind": 0},
        {"type": "open", "cell": 0, "kind": 10**30},
        {"type": "arrange", "sort": "best", "having": ""},
        {"type": "arrange", "sort": "same", "having": 1},
        {"type": "pin", "cell": 5},
        {"type": "use", "cell": 10**9},
        {"type": "sample", "cell": -1},
        {"type": "sample", "cell": 1.5},
        {"type": "exec", "code": "1"},
    ],
)
def test_what_no_page_of_ours_would_send_is_dropped(page: Page, content: Any) -> None:
    send(page.view, content)
    assert page.heard == []
    assert page.study.store.judgements(each.key for each in page.study.requests) == {}
    assert page.study.store.count() == 4


def test_cells_are_sorted_and_found_as_the_page_asks(asked: Study) -> None:
    page = Page(asked)
    page.send("arrange", sort="different", having="")
    assert page.last("arranged")["order"] == [1, 0]
    page.send("arrange", sort="asked", having="temperature 1")
    assert page.last("arranged")["order"] == [1]
    state = page.view.get_state("snapshot")["snapshot"]
    assert (state["sort"], state["having"], state["order"]) == ("asked", "temperature 1", [1])


def test_a_pinned_answer_marks_what_differs_and_stands_beside_the_opened_one(page: Page) -> None:
    page.send("pin", cell=0, kind=0)
    assert page.last("arranged")["pinned"] == 0
    page.send("open", cell=1, kind=0)
    assert page.last("opened")["pinned_label"] == "temperature 0"
    page.send("pin", cell=None)
    assert page.last("arranged")["pinned"] is None
    page.send("open", cell=1, kind=0)
    assert page.last("opened")["pinned"] == ""


def test_the_session_uses_a_setting_and_says_so() -> None:
    session = ChatSession("practice")
    asked = study(vary={"temperature": [0, 1]}, repeats=1, store=False)
    page = Page(asked, session=session)
    page.send("use", cell=1)
    assert session.settings.temperature == 1
    assert page.last("done")["sentence"] == "The session uses temperature=1 from now on."


def test_a_cell_is_asked_more_and_grows(page: Page) -> None:
    page.send("sample", cell=1)
    assert page.last("done")["sentence"] == "5 answers more are asked for."
    for run in page.actions._runs:
        run.wait()
    assert sum(kind["count"] for kind in page.cells[1]["kinds"]) == 7
    assert sum(kind["count"] for kind in page.cells[0]["kinds"]) == 2


@pytest.mark.parametrize("group", [lambda text: len(text) > 10**6, lambda _: 1 / 0, lambda _: []])
def test_what_comes_later_is_grouped_and_scored_as_what_was_there(
    asked: Study, group: Callable[[str], Any]
) -> None:
    page = Page(asked, group=group, passes=lambda completion: len(completion.text))
    page.actions.sample(1, page.view.hear).wait()
    (cell,) = [page.view.grid.cells[1]]
    assert [kind.count for kind in cell.kinds.values()] == [7]
    assert len(cell.scores) == 7


def test_more_is_not_asked_where_the_store_does_not_work(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise ConfigurationError("The stored answers cannot be used: disk I/O error.")

    monkeypatch.setattr(page.study.store, "draws", fail)
    page.send("sample", cell=0)
    assert "disk I/O error" in page.last("done")["sentence"]


def test_a_grid_without_actions_takes_none() -> None:
    view = GridView(answered(study(repeats=1), lambda *_: "Paris").grid())
    heard: list[Any] = []
    view.send = lambda content, *_: heard.append(content)  # type: ignore[method-assign] # a page
    for name in ("use", "sample"):
        send(view, {"type": name, "cell": 0})
    send(view, {"type": "thumb", "cell": 0, "kind": 0, "thumb": True})
    assert heard == []
    assert view.get_state("snapshot")["snapshot"]["head"]["acts"] is False


def test_a_grid_that_is_closed_is_freed_and_stops_what_it_asked(page: Page) -> None:
    page.send("sample", cell=0)
    (run,) = page.actions._runs
    page.view.close()
    assert run.done()
    view, actions = weakref.ref(page.view), weakref.ref(page.actions)
    del page.view, page.actions, run
    gc.collect()
    assert (view(), actions()) == (None, None)


def chunk(text: str) -> ChatCompletionChunk:
    return ChatCompletionChunk(choices=[ChunkChoice(index=0, delta=ChoiceDelta(content=text))])


def test_a_study_that_ends_when_its_grid_is_closed_tells_nobody(asked: Study) -> None:
    stopped: list[bool] = []
    grid = asked.with_repeats(3).results().grid()
    view = GridView(grid, on_stop=lambda: stopped.append(True))
    heard: list[Any] = []
    view.close()
    view.send = lambda content, *_: heard.append(content)  # type: ignore[method-assign] # a page
    call = Call(asked.requests[0], 3)
    for event in (Begun(call), Part(call, chunk("Hi")), result(call.request, 3, "Hi")):
        view.hear(event)
    view.hear(failed(call.request, 4, "slow"))
    view.finish(grid)
    assert heard == []
    assert not view.running


def test_a_page_that_comes_while_an_answer_is_written_sees_it_once(asked: Study) -> None:
    page = Page(asked)
    call = Call(asked.requests[0], 3)
    tail = ""
    for number, text in enumerate(["He", "llo", " you", "!" * 300]):
        page.view._feed.hear(Part(call, chunk(text)))
        state = page.view.get_state("snapshot")["snapshot"]
        (_, _, seen) = state["tails"][0] if state["tails"] else (0, True, "")
        page.view._draw()
        ((_, is_new, added),) = page.last("frame")["tails"]
        assert is_new == (number == 0)
        tail = (tail + text)[-280:]
        assert ((("" if is_new else seen) + added)[-280:]) == tail


def test_a_kind_that_somebody_looks_at_keeps_its_place_when_the_study_ends() -> None:
    asked = study(repeats=2, store=False)
    first = asked.requests[0]
    view = GridView(answered(asked, lambda *_: None).grid(), on_stop=lambda: None)
    for draw, text in ((2, "late"), (1, "early")):
        view.hear(result(first, draw, text))
    view.finish(answered(asked, lambda _, draw: "early" if draw == 1 else "late").grid())
    assert [kind.text for kind in view.grid.cells[0].kinds.values()] == ["late", "early"]


def test_the_output_of_a_grid_is_static_and_has_a_place_for_the_live_one(asked: Study) -> None:
    output = grid_of(asked, session=ChatSession("practice"))
    shown = output._repr_mimebundle_()
    assert f'class="{output.view.place}"' in shown["text/html"]
    assert "chatwidget-grid-static" in shown["text/html"]
    assert "temperature 1" in shown["text/plain"]


def test_whoever_comes_late_to_a_cell_that_runs_is_told_all_of_it_now_and_then(
    asked: Study,
) -> None:
    page = Page(asked)
    told: list[Any] = []
    page.view._send = lambda content, **_: told.append(content)  # type: ignore[method-assign] # a page
    call = Call(asked.requests[0], 3)
    for _ in range(40):
        page.view.hear(Part(call, chunk("word ")))
        page.view._draw()
    numbers = [each["state"]["snapshot"]["number"] for each in told]
    assert numbers[0] == 1
    assert len(numbers) <= 7
    assert all(after <= 2 * before + 1 for before, after in itertools.pairwise(numbers))
    last = told[-1]["state"]["snapshot"]
    assert [*map(list, last["tails"])] == [[0, True, "word " * last["number"]]]
