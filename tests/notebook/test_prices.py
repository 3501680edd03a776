"""Money where a price is known: in footers, in the panel, in %chat usage, and %chat price."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest
from genai_prices import Usage, calc_price

from chatwidget.chat.session import ChatSession
from chatwidget.chat.shell_session import current_session
from chatwidget.client.client import ChatClient
from chatwidget.client.data_folder import data_folder
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.prices.token_price import dollars_in_words
from chatwidget.magic import preloading
from chatwidget.magic.commands.dispatcher import run_command
from chatwidget.panel.turn_state import finished_turn
from chatwidget.render.display.footer import footer_facts
from wire.replies import completion, event_stream, stream_of

if TYPE_CHECKING:
    from pathlib import Path

    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 500,
    "total_tokens": 1500,
    "prompt_tokens_details": {"cached_tokens": 600},
}


@pytest.fixture
def asking(cells: Cells, server: ScriptedServer) -> Cells:
    """Cells that ask a server of one's own."""
    server.otherwise(*event_stream(stream_of("Hi", usage=USAGE)))
    cells.run(f"%chat use {server.url}\n%chat model scripted")
    return cells


def usage_of(cells: Cells) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """What %chat usage shows: its columns, and its rows by the model."""
    table = run_command("usage")
    return list(table.columns), {row[0]: row for row in table.rows}


def test_a_price_that_is_set_stands_in_the_footer_of_the_cell_and_of_the_panel(
    asking: Cells,
) -> None:
    assert "$1.00 for a million tokens of a prompt" in asking.run("%chat price scripted 1 $2")
    assert " · $0.0020 · " in asking.run("%%chat\nHi")
    (turn,) = current_session().conversation.path()
    assert "$0.0020" in finished_turn(turn).facts


def test_an_answer_that_no_conversation_keeps_has_money_in_its_footer_too(asking: Cells) -> None:
    asking.run("%chat price scripted 1 2")
    assert " · $0.0020 · " in asking.run("%%chat --no-history\nHi")


def test_an_answer_in_the_background_has_money_in_its_footer_too(asking: Cells) -> None:
    asking.run("%chat price scripted 1 2")
    asking.run("%%chat --background\nHi")
    assert " · $0.0020 · " in asking.run("%chat wait")


def test_without_a_price_no_money_is_shown(asking: Cells) -> None:
    assert "$" not in asking.run("%%chat\nHi")
    columns, rows = usage_of(asking)
    assert "Cost" not in columns
    assert "$" not in str(rows)


def test_the_practice_model_shows_no_money(cells: Cells) -> None:
    shown = cells.run("%%chat\nHi")
    assert "$" not in shown
    assert "free" not in shown.rpartition("\n")[0].rpartition("\n")[2]
    assert "Cost" not in usage_of(cells)[0]


def test_usage_adds_up_the_money_that_is_known_and_says_of_how_many_answers(
    asking: Cells,
) -> None:
    asking.run("%%chat\nBefore there is a price")
    asking.run("%chat price scripted 1 2")
    asking.run("%%chat\nA")
    asking.run("%%chat --no-history\nB")
    asking.run("%%chat --server practice\nHi")
    columns, rows = usage_of(asking)
    assert columns[-1] == "Cost"
    assert rows["scripted"][-1] == "$0.0040 (2 of 3)"
    assert rows["practice"][-1] == ""
    assert rows["all"][-1] == "$0.0040 (2 of 4)"


def test_an_answer_from_the_store_costs_nothing(asking: Cells) -> None:
    asking.run("%chat price scripted 1 2")
    assert "$0.0020" in asking.run("%%chat --cached --no-history\nHi")
    assert "$" not in asking.run("%%chat --cached --no-history\nHi")
    assert usage_of(asking)[1]["scripted"][-1] == "$0.0020"


def test_a_price_may_stand_under_an_alias(asking: Cells) -> None:
    asking.run("%chat alias it scripted\n%chat price it 1 2")
    assert "$0.0020" in asking.run("%%chat -m it\nHi")


def test_prices_are_listed_and_forgotten(asking: Cells, server: ScriptedServer) -> None:
    assert "No price is set." in asking.run("%chat price")
    asking.run("%chat price scripted 0 0.6")
    assert (
        f"scripted at {server.url}: $0 for a million tokens of a prompt, $0.60 of an answer"
        in asking.run("%chat price")
    )
    assert "is forgotten" in asking.run("%chat price scripted --forget")
    assert "No price is set." in asking.run("%chat price")
    asking.run("%chat price scripted --forget")
    assert "No price of 'scripted' is set" in str(asking.error)


@pytest.mark.parametrize(
    "line",
    ["m", "m 1", "m 1 2 3", "m one two", "m -1 2", "m nan 2", "m 1 inf", "m 1 1e300", "--forget"],
)
def test_what_is_no_price_is_told_with_an_example(asking: Cells, line: str) -> None:
    asking.run(f"%chat price {line}")
    assert isinstance(asking.error, ConfigurationError)
    assert "%chat price gpt-4o-mini 0.15 0.60" in str(asking.error)


def test_a_model_on_this_machine_takes_no_price(cells: Cells) -> None:
    cells.run("%chat price practice 1 2")
    assert "The practice model costs nothing." in str(cells.error)


def test_a_price_that_cannot_be_written_is_told(asking: Cells, tmp_path: Path) -> None:
    (tmp_path / "chatwidget-data").write_text("in the way")
    asking.run("%chat price scripted 1 2")
    assert "cannot be written" in str(asking.error)
    assert "CHATWIDGET_DATA" in str(asking.error)


def test_the_list_of_a_vendor_is_shown_for_the_model_in_use(cells: Cells) -> None:
    cells.run("%chat use openai\n%chat model gpt-4o-mini")
    assert "as genai-prices has it, for gpt-4o-mini: $" in cells.run("%chat price")


def test_without_the_package_the_command_says_how_to_get_it(
    cells: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    cells.run("%chat use openai\n%chat model gpt-4o-mini")
    assert "%pip install 'chatwidget[prices]'" in cells.run("%chat price")


@pytest.mark.parametrize(
    ("server", "loaded"), [("openai", ["genai_prices"]), ("practice", []), ("ollama", [])]
)
def test_an_idle_kernel_loads_the_list_if_answers_are_a_vendors(
    cells: Cells, monkeypatch: pytest.MonkeyPatch, server: str, loaded: list[str]
) -> None:
    imported: list[str] = []
    cells.run(f"%chat use {server}")
    monkeypatch.setattr(preloading, "import_module", imported.append)
    preloading._load_prices("genai_prices")
    assert imported == loaded


@pytest.fixture
def vendors_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers as from a vendor's own address."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=completion(model="gpt-4o-mini", usage=USAGE))

    client = httpx.Client(transport=httpx.MockTransport(answer))
    of_vendor = partial(ChatClient, openai_api_key="sk-canary", http_client=client)
    monkeypatch.setattr("chatwidget.chat.session.ChatClient", of_vendor)


def asked_at(server: str) -> ChatSession:
    """A session that has asked one question there."""
    session = ChatSession(server)
    session.model = "gpt-4o-mini"
    assert session.ask("Hi").text == "Hi"
    return session


@pytest.mark.usefixtures("vendors_answer")
def test_a_vendors_answer_is_priced_by_the_list_with_its_cached_tokens() -> None:
    session = asked_at("openai")
    (turn,) = session.conversation.path()
    usage = Usage(input_tokens=1000, cache_read_tokens=600, output_tokens=500)
    listed = calc_price(usage, "gpt-4o-mini", provider_api_url="https://api.openai.com/v1")
    assert turn.facts["cost_usd"] == float(listed.total_price)
    assert dollars_in_words(float(listed.total_price)) in footer_facts(turn.facts)
    assert session.tally.total().priced == 1


@pytest.mark.usefixtures("vendors_answer")
@pytest.mark.parametrize("address", ["https://proxy.example/v1", "http://127.0.0.1:4000/v1"])
def test_the_same_answer_from_a_proxy_shows_no_money(address: str) -> None:
    (turn,) = asked_at(address).conversation.path()
    assert "cost_usd" not in turn.facts
    assert "$" not in str(footer_facts(turn.facts))


@pytest.mark.usefixtures("vendors_answer")
def test_without_the_package_a_vendors_answer_is_whole_and_shows_no_money(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    (turn,) = asked_at("openai").conversation.path()
    assert "cost_usd" not in turn.facts


def test_money_is_read_back_from_a_file_as_it_was(asking: Cells, tmp_path: Path) -> None:
    asking.run("%chat price scripted 1 2")
    asking.run("%%chat\nHi")
    path = tmp_path / "talk.json"
    asking.run(f"%chat export {path}")
    asking.run("%chat price scripted 10 20")
    asking.run(f"%chat import {path}")
    assert "$0.0020" in footer_facts(current_session().conversation.path()[0].facts)


@pytest.mark.parametrize("cost", ["NaN", "-1", '"<b>"', "1e300", "[]"])
def test_odd_money_in_a_file_is_left_out(asking: Cells, tmp_path: Path, cost: str) -> None:
    asking.run("%chat price scripted 1 2\n%chat new odd")
    asking.run("%%chat\nHi")
    path = tmp_path / "odd.json"
    path.unlink(missing_ok=True)
    asking.run(f"%chat export {path}")
    assert '"cost_usd": 0.002' in json.dumps(json.loads(path.read_text("utf-8")))
    path.write_text(path.read_text("utf-8").replace("0.002", cost), "utf-8")
    asking.run(f"%chat import {path}")
    if asking.error is None:
        assert "$" not in str(footer_facts(current_session().conversation.path()[-1].facts))


def test_prices_are_in_one_file_without_anything_else(asking: Cells) -> None:
    asking.run("%chat price scripted 1 2")
    held = json.loads((data_folder() / "prices.json").read_text("utf-8"))
    (models,) = held["servers"].values()
    assert models == {"scripted": {"prompt": 1.0, "completion": 2.0}}
