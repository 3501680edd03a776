"""The store: nothing is lost, and nothing is served in place of something else."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    ChoiceLogprobs,
    CompletionUsage,
    TokenLogprob,
    TopLogprob,
)
from chatwidget.tuning import store_schema, store_writer
from chatwidget.tuning.shelf import stored_studies
from chatwidget.tuning.store import CELL, Store, StoredAnswer, StoredFailure, store_at
from forked import can_fork, in_children

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "answers.sqlite"


@pytest.fixture
def store(path: Path) -> Store:
    return store_at(path)


def answer(text: str = "Hi", **fields: Any) -> StoredAnswer:
    choice = Choice(0, ChatCompletionMessage(content=text), "stop", fields.pop("logprobs", None))
    usage = CompletionUsage(3, 1, 4)
    completion = ChatCompletion([choice], model="m-1", system_fingerprint="f", usage=usage)
    return StoredAnswer(completion, **fields)


def keep(store: Store, key: bytes = KEY, draw: int = 1, text: str = "Hi", **options: Any) -> Any:
    return store.keep(key, draw, answer(text), **options).result()


def sql(path: Path, *statements: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as database, database:
        return [database.execute(each).fetchall() for each in statements]


def test_an_answer_comes_back_as_it_was(store: Store) -> None:
    kept = answer("Hi 😀 ñ", seconds=1.5, first_token=0.25, stored="2026-01-31 23:59")
    store.keep(KEY, 1, kept).result()
    assert store.find(KEY, 1) == kept
    assert [*store.answers([KEY])] == [(KEY, 1, kept)]


def test_a_draw_is_never_served_in_place_of_another(store: Store) -> None:
    keep(store, draw=1, text="one")
    keep(store, draw=2, text="two")
    assert [found.completion.text for _, _, found in store.answers([KEY])] == ["one", "two"]
    assert store.find(KEY, 3) is None
    assert store.find(KEY, CELL) is None
    assert store.find(OTHER, 1) is None
    assert store.draws([KEY, OTHER]) == {KEY: {1, 2}}


def test_what_was_shown_once_stays_and_a_cell_may_replace_its_own(store: Store) -> None:
    assert keep(store, text="first").completion.text == "first"
    assert keep(store, text="second").completion.text == "first"
    assert store.find(KEY, 1).completion.text == "first"
    assert keep(store, text="third", replace=True).completion.text == "third"
    assert store.find(KEY, 1).completion.text == "third"


def test_an_answer_is_on_the_disk_when_its_future_is_done(store: Store, path: Path) -> None:
    done = store.keep(KEY, 1, answer())
    seen: list[Any] = []
    done.add_done_callback(lambda _: seen.append(sql(path, "SELECT count(*) FROM answers")))
    done.result()
    assert sql(path, "SELECT count(*) FROM answers") == [[(1,)]]
    assert seen in ([], [[[(1,)]]])


def test_writes_that_come_together_are_committed_together(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store)
    begun: list[int] = []
    monkeypatch.setattr(store_writer, "_GATHERING", 60)
    monkeypatch.setattr(store_writer, "_GROUP", 5)
    real = store_writer.transaction
    monkeypatch.setattr(store_writer, "transaction", lambda db: (begun.append(1), real(db))[1])
    for future in [store.keep(OTHER, draw, answer()) for draw in range(10)]:
        future.result()
    assert len(begun) <= 3  # the thread may have begun before the first of them


def test_a_write_that_fails_takes_no_other_with_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_writer, "_GATHERING", 60)
    monkeypatch.setattr(store_writer, "_GROUP", 3)
    failing = store._writer.put(lambda database: database.execute("SELECT nothing"))
    good = [store.keep(KEY, draw, answer()) for draw in (1, 2)]
    assert [future.result().completion.text for future in good] == ["Hi", "Hi"]
    assert isinstance(failing.exception(), ConfigurationError)
    assert store.count() == 2


def test_who_waits_no_longer_takes_nothing_back(store: Store) -> None:
    future = store.keep(KEY, 1, answer())
    assert not future.cancel()
    assert future.result() == store.find(KEY, 1)


def test_failures_stand_apart_until_the_call_is_answered(store: Store) -> None:
    store.keep_failure(KEY, 1, StoredFailure("APITimeoutError", "Too slow.")).result()
    store.keep_failure(KEY, 1, StoredFailure("RateLimitError", "Too many.", 429)).result()
    assert store.draws([KEY]) == {}
    assert [*store.answers([KEY])] == []
    ((_, _, failure),) = store.failures([KEY])
    assert (failure.kind, failure.status) == ("RateLimitError", 429)
    keep(store)
    assert [*store.failures([KEY])] == []


def logprobs(count: int) -> ChoiceLogprobs:
    likely = tuple(TopLogprob(f" token{n}", -n / 7) for n in range(20))
    return ChoiceLogprobs([TokenLogprob(" token0", -0.1, None, likely) for _ in range(count)])


def test_log_probabilities_lie_compressed_in_a_table_of_their_own(store: Store, path: Path) -> None:
    kept = answer(logprobs=logprobs(300))
    store.keep(KEY, 1, kept).result()
    store.keep(KEY, 2, kept, keep_logprobs=False).result()
    assert store.find(KEY, 1) == kept
    assert store.find(KEY, 2) == answer(stored=kept.stored)
    ((row,),) = sql(path, "SELECT length(data) FROM logprobs")
    assert row[0] < len(json.dumps([[[f" token{n}", -n / 7] for n in range(20)]] * 300)) / 5
    assert b"token1" not in sql(path, "SELECT completion FROM answers WHERE draw = 1")[0][0][0]
    assert kept.completion.choices[0].logprobs is not None


def test_the_file_is_for_its_owner_alone(store: Store, path: Path) -> None:
    keep(store)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_looking_makes_no_file(store: Store, path: Path) -> None:
    assert store.find(KEY, 1) is None
    assert store.draws([KEY]) == {}
    assert (store.count(), store.size, store.studies()) == (0, 0, {})
    store.prune(days=1)
    store.remove_cells()
    assert not path.exists()


def test_the_journal_is_rolled_back_and_every_commit_reaches_the_disk(path: Path) -> None:
    path.parent.mkdir()
    with closing(store_schema.connect(path)) as database:
        asked = ("journal_mode", "synchronous", "busy_timeout")
        found = [database.execute(f"PRAGMA {each}").fetchone()[0] for each in asked]
    assert found == ["truncate", 2, 30_000]


def test_the_first_form_of_the_file_becomes_this_one(path: Path, store: Store) -> None:
    path.parent.mkdir()
    completion = '{"choices": [{"message": {"content": "Old"}}]}'
    sql(
        path,
        "CREATE TABLE answers (request TEXT PRIMARY KEY, completion BLOB, stored TEXT)",
        f"INSERT INTO answers VALUES ('{KEY.hex()}', '{completion}', '2026-01-01 00:00')",
    )
    found = store.find(KEY, CELL)
    assert found is not None
    assert (found.completion.text, found.stored) == ("Old", "2026-01-01 00:00")
    assert sql(path, "PRAGMA user_version") == [[(store_schema.VERSION,)]]


def test_of_many_that_find_an_old_file_at_once_one_changes_it(path: Path) -> None:
    path.parent.mkdir()
    sql(
        path,
        "CREATE TABLE answers (request TEXT PRIMARY KEY, completion BLOB, stored TEXT)",
        *(f"INSERT INTO answers VALUES ('{n:064x}', '{{}}', '')" for n in range(50)),
    )
    start = threading.Barrier(8)

    def upgrade(_: int) -> int:
        start.wait()
        with closing(store_schema.connect(path)) as database:
            return store_schema.upgrade(database)

    with ThreadPoolExecutor(8) as pool:
        assert {*pool.map(upgrade, range(8))} == {store_schema.VERSION}
    assert sql(path, "SELECT count(*), sum(draw) FROM answers") == [[(50, 0)]]


def test_a_newer_file_is_read_and_not_written(store: Store, path: Path) -> None:
    keep(store)
    sql(path, f"PRAGMA user_version = {store_schema.VERSION + 1}", "ALTER TABLE answers ADD new")
    before = path.read_bytes()
    assert store.find(KEY, 1).completion.text == "Hi"
    for write in (lambda: keep(store, draw=2), lambda: store.prune(days=0)):
        with pytest.raises(
            ConfigurationError, match="newer version of chatwidget: they can be read"
        ):
            write()
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["no database " * 400, ""])
def test_a_damaged_file_is_told_and_can_be_removed(store: Store, path: Path, damage: str) -> None:
    path.parent.mkdir()
    path.write_text(damage)
    if damage:
        with pytest.raises(ConfigurationError, match="cannot be used: file is not a database"):
            keep(store)
    store.remove_cells()
    assert not path.exists()
    keep(store)


def test_a_damaged_row_is_told(store: Store, path: Path) -> None:
    keep(store)
    sql(path, "UPDATE answers SET completion = 'no JSON'")
    for read in (lambda: store.find(KEY, 1), lambda: [*store.answers([KEY])]):
        with pytest.raises(ConfigurationError, match="cannot be used"):
            read()
    store.keep(OTHER, 1, answer(logprobs=logprobs(2))).result()
    sql(path, "UPDATE logprobs SET data = x'00ff'")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        store.find(OTHER, 1)


def test_a_file_that_another_process_holds_is_waited_for(store: Store, path: Path) -> None:
    keep(store)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        future = store.keep(KEY, 2, answer())
        assert not future.done()
        other.execute("COMMIT")
    assert future.result()


def test_a_file_that_stays_locked_is_told(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store)
    monkeypatch.setattr(store_schema, "PATIENCE", 0.01)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConfigurationError, match="database is locked"):
            keep(store, draw=2)
        other.execute("ROLLBACK")
    keep(store, draw=2)


def test_a_whole_transaction_is_tried_again_when_another_stood_in_its_way(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(store)
    monkeypatch.setattr(store_schema, "PATIENCE", 0.01)
    tries: list[int] = []
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")

        def transaction(database: sqlite3.Connection) -> Any:
            tries.append(1)
            if len(tries) == 3:
                other.execute("ROLLBACK")
            return store_schema.transaction(database)

        monkeypatch.setattr(store_writer, "transaction", transaction)
        keep(store, draw=2)
    assert len(tries) == 3
    assert store.draws([KEY]) == {KEY: {1, 2}}


def test_removing_what_cells_kept_leaves_what_studies_paid_for(store: Store, path: Path) -> None:
    keep(store, draw=CELL)
    keep(store, draw=1)
    store.remove_cells()
    assert store.draws([KEY]) == {KEY: {1}}
    store.remove_study("any", [KEY])
    assert store.count() == 0
    store.remove_cells()
    assert not path.exists()


def test_a_study_is_removed_with_its_answers_alone(store: Store) -> None:
    store.keep_study("one", b"{}").result()
    store.keep_study("two", b"{}").result()
    keep(store, draw=CELL)
    keep(store, draw=1)
    store.keep_failure(KEY, 2, StoredFailure("StreamError", "Cut.")).result()
    keep(store, key=OTHER)
    store.remove_study("one", [KEY])
    assert [*store.studies()] == ["two"]
    assert store.draws([KEY, OTHER]) == {KEY: {CELL}, OTHER: {1}}
    assert [*store.failures([KEY])] == []


def test_the_study_that_ran_last_is_named_first(store: Store) -> None:
    for name in ("one", "two", "one"):
        store.keep_study(name, name.encode()).result()
    assert [*store.studies()] == ["one", "two"]
    assert store.studies()["two"][0] == b"two"


def test_pruning_removes_what_is_old_and_gives_back_the_space(store: Store) -> None:
    for draw in range(200):
        old = answer("x" * 1000, stored="2020-01-01 00:00", logprobs=logprobs(1))
        store.keep(KEY, draw, old)
    keep(store, key=OTHER)
    before = store.size
    assert store.prune(days=1) == 200
    assert store.count() == 1
    assert store.size < before / 3
    assert store.prune(days=1) == 0


def test_answers_are_exported_as_json_lines_for_the_owner_alone(
    store: Store, tmp_path: Path
) -> None:
    keep(store)
    store.keep(OTHER, 2, answer("Ho", seconds=1.5)).result()
    assert store.export(tmp_path / "out.jsonl") == 2
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [(line["request"], line["draw"]) for line in lines] == [(KEY.hex(), 1), (OTHER.hex(), 2)]
    assert lines[1]["completion"]["choices"][0]["message"]["content"] == "Ho"
    assert lines[1]["seconds"] == 1.5


def test_a_store_that_is_switched_off_keeps_its_answers_in_memory(path: Path) -> None:
    store = store_at(place=False)
    keep(store)
    assert store.find(KEY, 1).completion.text == "Hi"
    assert store.count() == 1
    assert store.size > 0
    assert not Path(os.environ["CHATWIDGET_DATA"]).exists()
    assert store_at(place=False).count() == 0


def test_by_default_it_is_in_the_users_folder_and_there_is_one_of_a_file() -> None:
    keep(store_at())
    assert Path(os.environ["CHATWIDGET_DATA"], "answers.sqlite").exists()
    assert store_at() is store_at(None)


def test_threads_share_a_store(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        [*pool.map(lambda draw: keep(store, draw=draw), range(1, 41))]
    assert store.draws([KEY]) == {KEY: {*range(1, 41)}}


@can_fork
def test_a_forked_child_writes_as_well(store: Store) -> None:
    keep(store)
    in_children(lambda: keep(store, draw=2).completion.text)
    keep(store, draw=3)
    assert store.draws([KEY]) == {KEY: {1, 2, 3}}


def test_a_folder_that_is_none_is_told(path: Path, store: Store) -> None:
    path.parent.write_text("no folder")
    for use in (lambda: store.find(KEY, 1), lambda: keep(store)):
        with pytest.raises(ConfigurationError, match="cannot be used"):
            use()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE answers SET completion = 5",
        "UPDATE answers SET completion = 'null'",
        f'UPDATE answers SET completion = \'{{"choices": [], "a": {"[" * 9_999}\'',
        "UPDATE answers SET seconds = 'fast'",
        "UPDATE answers SET stored = x'00'",
        "UPDATE logprobs SET data = 'text'",
        "UPDATE logprobs SET data = 5",
        "PRAGMA user_version = 0",
        "DROP TABLE answers",
    ],
)
def test_what_somebody_else_wrote_into_the_file_is_told(
    store: Store, path: Path, damage: str
) -> None:
    choice = Choice(0, ChatCompletionMessage(content="Hi"), "stop", logprobs(3))
    store.keep(KEY, 1, StoredAnswer(ChatCompletion([choice], model="m"))).result()
    sql(path, damage)
    with pytest.raises(ConfigurationError, match="The stored answers cannot be used"):
        list(store.answers([KEY]))


def test_log_probabilities_that_fill_the_memory_are_not_read(store: Store, path: Path) -> None:
    keep(store)
    packer = zlib.compressobj()
    row = b"".join(packer.compress(b" " * 2**24) for _ in range(17)) + packer.flush()
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO logprobs VALUES (?, 1, ?)", (KEY, row))
        database.commit()
    with pytest.raises(ConfigurationError, match="too long"):
        store.find(KEY, 1)


def test_a_study_that_is_none_is_told(store: Store, path: Path) -> None:
    for definition in (b"{}", 5, "text", b"[" * 100_000):
        store.keep_study("s", definition).result()  # type: ignore[arg-type] # somebody else did
        with pytest.raises(ConfigurationError, match="This is no study"):
            stored_studies(path)
