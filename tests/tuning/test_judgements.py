"""Thumbs and notes: kept beside the answers, never lost to another kernel, and a measure."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage, Choice
from chatwidget.tuning import store_schema
from chatwidget.tuning.store import CELL, Store, StoredAnswer
from chatwidget.tuning.store_file import DatabaseFile, DatabaseMemory
from chatwidget.tuning.store_rows import Judgement
from tuning.studied import Reader, answered, study

if TYPE_CHECKING:
    from pathlib import Path

    from chatwidget.tuning import Results

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "answers.sqlite"


@pytest.fixture
def store(path: Path) -> Store:
    return Store(DatabaseFile(path))


def keep(store: Store, key: bytes = KEY, draw: int = 1, **fields: Any) -> None:
    choice = Choice(0, ChatCompletionMessage(content="Hi"), "stop")
    is_new = fields.pop("replace", False)
    answer = StoredAnswer(ChatCompletion([choice], model="m"), **fields)
    store.keep(key, draw, answer, replace=is_new).result()


def test_what_is_said_of_an_answer_comes_back_and_can_be_taken_back(store: Store) -> None:
    keep(store)
    keep(store, draw=2)
    assert store.judge(KEY, 1, thumb=True).result() == Judgement(thumb=True)
    store.judge(KEY, 2, note="so so 😀 \ud83d\0").result()
    assert store.judgements([KEY, OTHER]) == {
        (KEY, 1): Judgement(thumb=True),
        (KEY, 2): Judgement(None, "so so 😀 \ufffd\ufffd"),
    }
    store.judge(KEY, 1, thumb=None).result()
    store.judge(KEY, 2, note="").result()
    assert store.judgements([KEY]) == {}


def test_two_kernels_on_one_store_keep_what_the_other_said(store: Store, path: Path) -> None:
    keep(store)
    other = Store(DatabaseFile(path))
    store.judge(KEY, 1, thumb=False).result()
    assert other.judge(KEY, 1, note="cut off").result() == Judgement(thumb=False, note="cut off")
    assert store.judge(KEY, 1, thumb=True).result() == Judgement(thumb=True, note="cut off")
    assert other.judgements([KEY]) == store.judgements([KEY])


def test_what_is_not_stored_cannot_be_judged(store: Store) -> None:
    keep(store)
    with pytest.raises(ConfigurationError, match="not in the store any more"):
        store.judge(KEY, 2, thumb=True).result()
    assert store.judgements([KEY]) == {}


@pytest.mark.parametrize("how", ["prune", "remove", "cells", "replace"])
def test_a_judgement_goes_with_its_answer_and_no_other_does(store: Store, how: str) -> None:
    draw = CELL if how in ("cells", "replace") else 1
    keep(store, draw=draw, stored="2020-01-01 00:00")
    keep(store, OTHER)
    for key, each in ((KEY, draw), (OTHER, 1)):
        store.judge(key, each, thumb=True, note="old").result()
    if how == "prune":
        store.prune(days=1)
    elif how == "remove":
        store.remove_study("any", [KEY])
    elif how == "cells":
        store.remove_cells()
    else:
        keep(store, draw=draw, replace=True)
    assert store.judgements([KEY, OTHER]) == {(OTHER, 1): Judgement(thumb=True, note="old")}


def test_judgements_are_exported_with_their_answers(store: Store, tmp_path: Path) -> None:
    keep(store)
    keep(store, draw=2)
    store.judge(KEY, 2, thumb=False, note="no").result()
    store.export(tmp_path / "out.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [(line["thumb"], line["note"]) for line in lines] == [(None, ""), (0, "no")]


def test_a_store_of_the_version_before_is_taken_over(path: Path) -> None:
    with closing(store_schema.connect(path)) as database:
        store_schema._begin(database)
        database.execute("PRAGMA user_version = 1")
        database.execute("INSERT INTO answers VALUES (?, 1, '{}', NULL, NULL, '')", [KEY])
    store = Store(DatabaseFile(path))
    assert store.judgements([KEY]) == {}
    store.judge(KEY, 1, thumb=True).result()
    assert store.judgements([KEY]) == {(KEY, 1): Judgement(thumb=True)}
    with closing(sqlite3.connect(path)) as database:
        found = database.execute("PRAGMA user_version").fetchone()
    assert found == (store_schema.VERSION,)


def test_a_store_in_memory_takes_judgements() -> None:
    store = Store(DatabaseMemory())
    keep(store)
    store.judge(KEY, 1, note="hm").result()
    assert store.judgements([KEY])[KEY, 1].note == "hm"


@pytest.mark.parametrize("vary", [{"temperature": [0, 1]}, {"seed": {"a": 7, "b": 7}}])
def test_the_results_of_a_study_have_what_was_said_of_them(vary: Any) -> None:
    asked = study("Why?", vary=vary, repeats=2, store=False, fixed={"max_tokens": 3})
    asked.run()
    _, second = asked.requests
    asked.store.judge(second.key, second.stored_draw(2), thumb=True, note="=1+1").result()
    results = asked.results()
    assert [each.thumb for each in results] == [None, None, None, True]
    assert [(row["thumb"], row["note"]) for row in results.to_records()][2:] == [
        (None, ""),
        (1, "=1+1"),
    ]
    assert [*results.to_pandas()["note"]] == ["", "", "", "=1+1"]
    assert ",'=1+1\r\n" in (results.to_csv() or "")


def judged(thumbs: str) -> Results:
    """Answers at three temperatures with these thumbs each; at the last one all are down."""
    given = [{"+": True, "-": False, ".": None}[each] for each in thumbs]
    whole = answered(study(repeats=len(given)), lambda *_: "Paris")
    last = whole.definition.vary["temperature"][-1].label

    def said(result: Any) -> Any:
        is_last = result.setting.values["temperature"] == last
        thumb = given[result.draw - 1]
        return msgspec.structs.replace(result, thumb=False if is_last and thumb else thumb)

    return type(whole)(whole.definition, whole.calls, [said(each) for each in whole])


def test_thumbs_are_a_measure_and_answers_without_one_do_not_count() -> None:
    first, *_ = judged("++-.").means("thumb")
    assert (first["thumb"], first["answers"]) == (pytest.approx(2 / 3), 3)
    whole, *_ = judged("++-").means("thumb")
    assert whole["low"] > first["low"]  # others may still get a thumb


def test_thumbs_are_scores() -> None:
    results = judged("+" * 20).scored("thumb")
    assert results.conclusion == "temperature 0 and 0.4 are tied; 1.2 is worse."
    assert results.attempts(1)[0]["pass@1"] == 1
    assert "run(passes='thumb')" in results.code
    assert not judged("+.").scored("thumb").is_closed
    assert judged("+-").scored("thumb").is_closed


def test_a_measure_that_there_is_not_scores_nothing() -> None:
    with pytest.raises(ConfigurationError, match="no measure thumbs") as caught:
        judged("+").scored("thumbs")
    assert "thumb" in str(caught.value.hint)
    assert judged("+").scored("characters").scores.kind == "number"


def test_thumbs_are_drawn_as_a_share() -> None:
    figure = judged("+-+").plot(y="thumb")
    (axes,) = figure.axes
    assert axes.get_ylabel() == "thumbs up"
    assert axes.get_ylim() == (-0.03, 1.03)


def test_the_static_grid_tells_thumbs_and_notes_as_text() -> None:
    whole = answered(study(repeats=2), lambda _, draw: "Paris" if draw == 1 else "Lyon")
    hostile = "<script>alert(1)</script>"
    said = [msgspec.structs.replace(each, thumb=True, note=hostile) for each in whole[:1]]
    grid = type(whole)(whole.definition, whole.calls, [*said, *whole[1:]]).grid()
    page = Reader(grid._repr_mimebundle_()["text/html"])
    assert "Paris (thumb up) (note: <script>alert(1)</script>)" in page.text
    assert "script" not in {name for name, _ in page.elements}
    assert grid.arranged(having="ALERT(1)") == [0]


def test_equal_answers_of_which_some_are_judged_say_so() -> None:
    whole = answered(study(repeats=2), lambda *_: "Paris")
    said = [msgspec.structs.replace(each, thumb=False, note="no") for each in whole[:1]]
    grid = type(whole)(whole.definition, whole.calls, [*said, *whole[1:]]).grid()
    (kind,) = grid.cells[0].kinds.values()
    assert (kind.thumb, kind.is_partly_judged, kind.note) == (False, True, "no")
