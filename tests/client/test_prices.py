"""What an answer costs: by the user's price, else by the vendor's list, and never by a guess."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data import providers
from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot
from genai_prices.types import ClauseEquals, ModelInfo, ModelPrice, Provider, Tier, TieredPrices
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.auth.servers import PROFILES, Server
from chatwidget.client.data_folder import data_folder
from chatwidget.client.prices.cost import cost_of, needs_listed_prices, rates_of
from chatwidget.client.prices.listed import listed_price
from chatwidget.client.prices.own_prices import OwnPrices
from chatwidget.client.prices.token_price import TokenPrice, dollars_in_words
from chatwidget.client.wire.types import CompletionUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OPENAI = PROFILES["openai"]
USAGE = CompletionUsage(1000, 500, 1500)
DETAILED = CompletionUsage(
    1000, 500, 1500, {"cached_tokens": 600, "audio_tokens": 0}, {"reasoning_tokens": 400}
)


@pytest.fixture
def vendor() -> Iterator[Callable[..., Server]]:
    """A vendor whose prices a test writes, as in ``vendor(input_mtok="1")``."""
    openai = next(each for each in providers if each.id == "openai")

    def write(*, counts: bool = True, **prices: str | TieredPrices) -> Server:
        rates = {k: Decimal(v) if isinstance(v, str) else v for k, v in prices.items()}
        model = ModelInfo(id="m", match=ClauseEquals(equals="m"), prices=ModelPrice(**rates))
        it = Provider("vendor", "Vendor", r"https://api\.vendor\.example", models=[model])
        it.extractors = openai.extractors if counts else None
        set_custom_snapshot(DataSnapshot(providers=[it, openai], from_auto_update=False))
        return Server("vendor", "https://api.vendor.example/v1")

    yield write
    set_custom_snapshot(None)


def test_a_vendors_answer_costs_what_the_list_says() -> None:
    listed = calc_price(
        Usage(input_tokens=1000, output_tokens=500),
        "gpt-4o-mini",
        provider_api_url=OPENAI.base_url,
    )
    assert cost_of(OPENAI, "gpt-4o-mini", USAGE) == float(listed.total_price) > 0


@pytest.mark.parametrize(
    ("address", "model"),
    [
        ("https://api.openai.com/v1", "gpt-4o-mini"),
        ("https://api.deepseek.com/v1", "deepseek-chat"),
        ("https://openrouter.ai/api/v1", "openai/gpt-4o-mini"),
    ],
)
def test_cached_tokens_have_their_own_price(address: str, model: str) -> None:
    listed = calc_price(
        Usage(input_tokens=1000, cache_read_tokens=600, output_tokens=500),
        model,
        provider_api_url=address,
    )
    cost = cost_of(Server("it", address), model, DETAILED)
    assert cost == float(listed.total_price)
    assert cost is not None
    assert cost < (cost_of(Server("it", address), model, USAGE) or 0)


def test_reasoning_is_part_of_what_was_written_unless_the_vendor_counts_it_apart() -> None:
    thought = CompletionUsage(1000, 500, 1500, None, {"reasoning_tokens": 400})
    assert cost_of(OPENAI, "gpt-5", thought) == cost_of(OPENAI, "gpt-5", USAGE)


@pytest.mark.parametrize("counts", [True, False])
def test_a_price_of_its_own_for_reasoning_is_taken(
    vendor: Callable[..., Server], *, counts: bool
) -> None:
    pytest.importorskip("genai_prices.units", reason="early versions know no such price")
    server = vendor(input_mtok="1", output_mtok="2", output_reasoning_mtok="10", counts=counts)
    cost = cost_of(server, "m", DETAILED)
    assert cost == pytest.approx((1000 * 1 + 100 * 2 + 400 * 10) / 1e6)


@pytest.mark.parametrize(
    "address",
    [
        "https://llm.proxy.example/v1",
        "https://api.openai.com.proxy.example/v1",
        "https://proxy.example/api.openai.com/v1",
        "https://proxy.example/eu.googleapis.com/v1",
        "https://proxy.example/it.openai.azure.com/v1",
        "https://api.moonshot.proxy.example/v1",
        "http://127.0.0.1:4000/v1",
        "http://litellm:4000/v1",
    ],
)
@pytest.mark.parametrize("model", ["gpt-4o-mini", "gemini-2.5-flash", "kimi-k2"])
def test_a_proxy_at_another_address_has_no_listed_price(address: str, model: str) -> None:
    assert cost_of(Server("proxy", address), model, USAGE) is None
    assert listed_price(address, model) == ""


@pytest.mark.parametrize(
    ("address", "model"),
    [
        ("https://API.OpenAI.com/v1", "gpt-4o-mini"),
        ("https://api.openai.com:443/v1", "gpt-4o-mini"),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-flash"),
        ("https://it.openai.azure.com/openai/v1", "o3-mini"),
    ],
)
def test_a_vendor_is_known_by_its_host(address: str, model: str) -> None:
    assert cost_of(Server("it", address), model, USAGE)
    assert "MTok" in listed_price(address, model)


def test_an_unknown_model_has_no_price() -> None:
    assert cost_of(OPENAI, "nobody-knows-it", USAGE) is None
    assert cost_of(OPENAI, "", USAGE) is None


@pytest.mark.parametrize("name", ["practice", "local"])
def test_a_model_on_this_machine_costs_nothing_even_under_a_vendors_name(name: str) -> None:
    server = PROFILES[name]
    OwnPrices().put(server.base_url, "gpt-4o-mini", TokenPrice(1, 1))
    assert cost_of(server, "gpt-4o-mini", USAGE) is None


@pytest.mark.parametrize(
    "usage",
    [
        None,
        CompletionUsage(),
        CompletionUsage(10, 5, 15, {"cached_tokens": 11}),
        CompletionUsage(-10, 5, -5),
        CompletionUsage(10**400, 5, 5),
    ],
)
def test_a_usage_that_cannot_be_has_no_listed_price(usage: CompletionUsage | None) -> None:
    assert cost_of(OPENAI, "gpt-4o-mini", usage) is None


@pytest.mark.parametrize("usage", [None, CompletionUsage(), CompletionUsage(10**400, 5, 5)])
def test_a_usage_that_cannot_be_has_no_price_of_the_users(usage: CompletionUsage | None) -> None:
    OwnPrices().put(OPENAI.base_url, "m", TokenPrice(1, 1))
    assert cost_of(OPENAI, "m", usage) is None


def test_what_has_no_price_for_a_part_has_none(vendor: Callable[..., Server]) -> None:
    server = vendor(input_mtok="1")
    assert cost_of(server, "m", USAGE) is None
    assert cost_of(server, "m", CompletionUsage(1000, 0, 1000)) == 0.001


def test_a_listed_price_of_zero_is_not_shown(vendor: Callable[..., Server]) -> None:
    assert cost_of(vendor(input_mtok="0", output_mtok="0"), "m", USAGE) is None
    assert cost_of(vendor(), "m", USAGE) is None


def test_a_sum_of_requests_has_no_price_beyond_a_threshold(vendor: Callable[..., Server]) -> None:
    tiers = TieredPrices(base=Decimal(1), tiers=[Tier(start=2000, price=Decimal(2))])
    server = vendor(input_mtok=tiers, output_mtok="1")
    many = CompletionUsage(3000, 500, 3500)
    assert cost_of(server, "m", USAGE, is_sum=True) == 0.0015
    assert cost_of(server, "m", many, is_sum=True) is None
    assert cost_of(server, "m", many)


def test_a_sum_of_requests_has_no_price_where_each_has_a_fee(
    vendor: Callable[..., Server],
) -> None:
    server = vendor(input_mtok="1", output_mtok="1", requests_kcount="5")
    assert cost_of(server, "m", USAGE) == pytest.approx(0.0065)
    assert cost_of(server, "m", USAGE, is_sum=True) is None


def test_a_tier_of_service_has_its_own_price_or_none() -> None:
    usual = cost_of(OPENAI, "gpt-4o-mini", USAGE)
    for tier in ("default", "auto"):
        assert cost_of(OPENAI, "gpt-4o-mini", USAGE, sent={"service_tier": tier}) == usual
    assert cost_of(OPENAI, "gpt-4o-mini", USAGE, sent={"service_tier": "unheard-of"}) is None
    flex = cost_of(OPENAI, "gpt-5", USAGE, sent={"service_tier": "flex"})
    assert flex is None or flex < (cost_of(OPENAI, "gpt-5", USAGE) or 0)


def test_the_users_price_comes_before_the_list_and_is_that_of_one_server() -> None:
    OwnPrices().put(OPENAI.base_url, "gpt-4o-mini", TokenPrice(2, 4))
    assert cost_of(OPENAI, "gpt-4o-mini", USAGE) == 0.004
    assert cost_of(Server("it", "https://other.example/v1"), "gpt-4o-mini", USAGE) is None


@pytest.mark.parametrize("name", ["as-asked", "as-answered-2025"])
def test_the_users_price_may_stand_under_the_name_that_was_asked_or_that_answered(
    name: str,
) -> None:
    server = Server("proxy", "http://127.0.0.1:4000/v1")
    OwnPrices().put(server.base_url, name, TokenPrice(1, 2))
    assert cost_of(server, "as-answered-2025", USAGE, asked_model="as-asked") == 0.002


def test_rates_are_the_users_or_the_lists_and_none_is_guessed(
    vendor: Callable[..., Server],
) -> None:
    tiers = TieredPrices(base=Decimal(1), tiers=[Tier(start=2000, price=Decimal(2))])
    server = vendor(input_mtok=tiers, output_mtok="3")
    assert rates_of(server, "m") == TokenPrice(1, 3)
    assert rates_of(server, "other") is None
    assert rates_of(vendor(input_mtok="1"), "m") is None
    assert rates_of(Server("proxy", "https://proxy.example/v1"), "m") is None
    assert rates_of(PROFILES["practice"], "practice") == TokenPrice(0, 0)
    OwnPrices().put(server.base_url, "m", TokenPrice(5, 6))
    assert rates_of(server, "m") == TokenPrice(5, 6)


def test_thoughts_that_only_the_total_counts_are_paid_as_written() -> None:
    apart = CompletionUsage(100, 50, 550, None, {"reasoning_tokens": 400})
    assert TokenPrice(0, 1).cost(apart) == 450 / 1e6


def test_the_users_prices_outlast_the_process_and_can_be_forgotten() -> None:
    OwnPrices().put("https://a.example/v1", "m", TokenPrice(1, 2))
    assert OwnPrices().find("https://a.example/v1", "m") == TokenPrice(1, 2)
    OwnPrices().remove("https://a.example/v1", "m")
    OwnPrices().remove("https://a.example/v1", "m")
    assert OwnPrices().find("https://a.example/v1", "m") is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"servers": {"s": {"m": {"prompt": -1, "completion": 1}}}}']
)
def test_a_file_that_holds_no_prices_is_none_and_is_kept_when_one_is_set(text: str) -> None:
    shutil.rmtree(data_folder(), ignore_errors=True)
    data_folder().mkdir()
    path = data_folder() / "prices.json"
    path.write_text(text)
    assert OwnPrices().all() == {}
    OwnPrices().put("s", "m", TokenPrice(1, 2))
    assert json.loads(path.read_text())["servers"]["s"]["m"]["prompt"] == 1
    assert [each.read_text() for each in data_folder().glob("*.unreadable.json")] == [text]


@given(st.floats(min_value=1e-9, max_value=1e6))
def test_an_amount_is_told_in_digits_that_say_something(amount: float) -> None:
    told = dollars_in_words(amount)
    assert "e" not in told.removeprefix("under")
    if told.startswith("$"):
        assert float(told[1:].replace(",", "")) == pytest.approx(amount, rel=0.05, abs=0.005)
        assert float(told[1:].replace(",", "")) > 0


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (0.0000001, "under $0.000001"),
        (0.0000045, "$0.0000045"),
        (0.000412, "$0.00041"),
        (0.00999999, "$0.0100"),
        (0.25, "$0.25"),
        (1.005, "$1.00"),
        (1234.5, "$1,234.50"),
    ],
)
def test_an_amount_is_told_as(amount: float, told: str) -> None:
    assert dollars_in_words(amount) == told


def test_without_the_package_only_the_users_prices_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    assert cost_of(OPENAI, "gpt-4o-mini", USAGE) is None
    assert listed_price(OPENAI.base_url, "gpt-4o-mini") == ""
    assert not needs_listed_prices(OPENAI)
    OwnPrices().put(OPENAI.base_url, "gpt-4o-mini", TokenPrice(2, 4))
    assert cost_of(OPENAI, "gpt-4o-mini", USAGE) == 0.004


ALONE = """
import socket, sys

def connect(*_):
    sys.exit("something is fetched")

socket.socket.connect = socket.socket.connect_ex = socket.create_connection = connect
socket.getaddrinfo = connect

from chatwidget.client.auth.servers import PROFILES, Server
from chatwidget.client.prices.cost import cost_of
from chatwidget.client.wire.types import CompletionUsage

usage = CompletionUsage(1000, 500, 1500)
for server in (PROFILES["practice"], PROFILES["local"], PROFILES["ollama"]):
    assert cost_of(server, "gpt-4o-mini", usage) is None
assert "genai_prices" not in sys.modules
assert cost_of(PROFILES["openai"], "gpt-4o-mini", usage)
assert "genai_prices" in sys.modules
"""


def test_prices_are_loaded_for_a_vendor_alone_and_nothing_is_fetched() -> None:
    subprocess.run([sys.executable, "-c", ALONE], check=True)
