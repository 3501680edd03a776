"""The user's own prices, by server and model, remembered across sessions."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from chatwidget.client.data_folder import data_folder
from chatwidget.client.json_store import JsonStore
from chatwidget.client.prices.token_price import TokenPrice

__all__ = ["OwnPrices"]

_Servers = dict[str, dict[str, TokenPrice]]


class _File(msgspec.Struct):
    version: Literal[1] = 1
    servers: _Servers = {}


class OwnPrices:
    """The prices that the user has set; the file is read anew each time, others may write it."""

    def __init__(self) -> None:
        self._store = JsonStore(data_folder() / "prices.json", _parse)

    def all(self) -> _Servers:
        """Return all of them, by the base address of the server and by the model."""
        return self._store.read().servers

    def find(self, base_url: str, *models: str) -> TokenPrice | None:
        """Return the price of the first of some names of a model that has one."""
        known = self.all().get(base_url, {})
        return next((known[model] for model in models if model in known), None)

    def put(self, base_url: str, model: str, price: TokenPrice) -> None:
        """Remember the price of a model.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        new = {model: price}
        self._store.change(lambda file: file.servers.setdefault(base_url, {}).update(new))

    def remove(self, base_url: str, model: str) -> None:
        """Forget the price of a model, if it has one.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        self._store.change(lambda file: file.servers.get(base_url, {}).pop(model, None))


def _parse(stored: Any) -> tuple[_File, bool]:
    try:
        return msgspec.convert(stored, _File), True
    except msgspec.ValidationError:
        return _File(), False
