"""The ``%chat price`` command: the prices that the user sets, and those that vendors list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.prices.listed import is_installed, listed_price
from chatwidget.client.prices.own_prices import OwnPrices
from chatwidget.client.prices.token_price import TokenPrice
from chatwidget.magic.commands.command import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatwidget.chat.session import ChatSession

__all__ = ["price"]

_EXAMPLE = "As in %chat price gpt-4o-mini 0.15 0.60, or %chat price gpt-4o-mini --forget."
_FORGET = "--forget"
_INSTALL = "Vendors' prices come with one more package: %pip install 'chatwidget[prices]'."


def price(session: ChatSession, rest: str) -> None:
    """Set a model's price on this server: ``%chat price MODEL IN OUT``; alone, list the prices.

    It is in dollars for a million tokens of the prompt and of the answer, and holds until
    ``%chat price MODEL --forget``. What an answer costs by it is in its footer.
    """
    if not rest:
        say(*_listing(session))
        return
    if session.server.transport is not None:
        raise ConfigurationError(
            f"The {session.server.name} model costs nothing.",
            hint="%chat use SERVER chooses the server whose price it is.",
        )
    model, *numbers = rest.split()
    model = session.aliases.get(model, model)
    if numbers == [_FORGET]:
        _forget(session, model)
    else:
        _set(session, model, _read(numbers))


def _set(session: ChatSession, model: str, price: TokenPrice) -> None:
    server = session.server
    _remembered(lambda: OwnPrices().put(server.base_url, model, price))
    say(f"{model} at {server.url()} costs {price}.")


def _forget(session: ChatSession, model: str) -> None:
    address, own = session.server.base_url, OwnPrices()
    if own.find(address, model) is None:
        raise ConfigurationError(f"No price of {model!r} is set for {address}.", hint=_EXAMPLE)
    _remembered(lambda: own.remove(address, model))
    say(f"The price of {model} at {address} is forgotten.")


def _remembered(change: Callable[[], object]) -> None:
    try:
        change()
    except OSError as error:
        raise ConfigurationError(
            f"The prices cannot be written: {error.strerror or error}.",
            hint="Name a folder that can be written in the variable CHATWIDGET_DATA.",
        ) from None


def _read(numbers: list[str]) -> TokenPrice:
    """Return the price that two numbers are, which may have a dollar sign.

    Raises
    ------
    ConfigurationError
        If they are none.
    """
    names = TokenPrice.__struct_fields__
    try:
        rates = [float(each.removeprefix("$")) for each in numbers]
        return msgspec.convert(dict(zip(names, rates, strict=True)), TokenPrice)
    except ValueError:  # one of msgspec's, too
        raise ConfigurationError(
            "A price is two numbers: the dollars for a million tokens of the prompt, and of the "
            "answer.",
            hint=_EXAMPLE,
        ) from None


def _listing(session: ChatSession) -> Iterator[str]:
    servers = OwnPrices().all().items()
    own = [f"{m} at {where}: {price}" for where, models in servers for m, price in models.items()]
    yield from own or ["No price is set.", _EXAMPLE]
    if session.server.transport is not None:
        return
    model = session.model or session.server.default_model or ""
    listed = listed_price(session.server.base_url, session.aliases.get(model, model))
    if listed:
        yield f"The vendor's list, as genai-prices has it, for {model}: {listed}."
    elif not is_installed():
        yield _INSTALL
