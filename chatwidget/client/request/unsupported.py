"""Unsupported parameters, remembered for each server and model, across sessions."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from chatwidget.client.auth.keys import redact
from chatwidget.client.data_folder import data_folder
from chatwidget.client.forks import fork_safe
from chatwidget.client.json_store import JsonStore
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.wire.ledger import LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

__all__ = ["Refusals", "UnsupportedParameters", "shared_unsupported_parameters"]

_REMEMBERED = timedelta(days=30)
_LONGEST_REASON = 200
_EVERY_MODEL = "*"


class _Rejection(msgspec.Struct, frozen=True):
    reason: str
    day: date


_Servers: TypeAlias = dict[str, dict[str, dict[str, _Rejection]]]
"""What is unsupported, by the server's base address, the model, and the parameter."""


class _File(msgspec.Struct):
    version: Literal[1] = 1
    servers: _Servers = {}


class UnsupportedParameters:
    """Memory of the parameters that servers do not support; threads may share it.

    Servers change, so that what was learned is forgotten after 30 days. Which of its two names the
    limit of tokens has is a habit of a server: a model of which it is not known is taken to be like
    the last one of its server.

    Parameters
    ----------
    path
        The file that keeps them, or None to keep them in memory alone. What cannot be read of it
        is not there, and a copy is kept; one that cannot be written is let be. It holds addresses,
        models, parameters, dates and the server's words: no keys and no prompts.
    today
        Returns the date; for tests.
    """

    def __init__(self, path: Path | None = None, today: Callable[[], date] = date.today) -> None:
        self._store = JsonStore(path, _parse) if path is not None else None
        self._today = today
        # Threads that ask the same server; whoever learns writes the file under it, which others
        # wait for.
        self._lock = fork_safe(threading.Lock())
        self._servers = self._store.read().servers if self._store is not None else {}

    def known(self, server: str, model: str) -> dict[str, str]:
        """Return the unsupported parameters of a model, each with the server's words."""
        with self._lock:
            models = self._servers.get(server)
            if not models:
                return {}
            own, others = (self._fresh(models.get(name, {})) for name in (model, _EVERY_MODEL))
        return own if own.keys() & LIMITS.keys() else others | own

    def learn(self, server: str, model: str, parameter: str, reason: str) -> None:
        """Remember that a server does not support a parameter.

        Raises
        ------
        ValueError
            If it is no parameter that could be left out.
        """
        if parameter not in PARAMETERS:
            raise ValueError(f"{parameter} is no parameter that could be left out.")
        rejection = _Rejection(redact(reason)[:_LONGEST_REASON], self._today())

        def change(servers: _Servers) -> None:
            models = servers.setdefault(server, {})
            models.setdefault(model, {})[parameter] = rejection
            if parameter in LIMITS:
                models[_EVERY_MODEL] = {parameter: rejection}

        self._change(change)

    def forget(self, server: str | None = None, model: str | None = None) -> None:
        """Forget what is known of a model of a server; None stands for all of them."""

        def change(servers: _Servers) -> None:
            for address in [server] if server is not None else list(servers):
                models = servers.get(address, {})
                for name in [model, _EVERY_MODEL] if model is not None else list(models):
                    models.pop(name, None)
                if not models:
                    servers.pop(address, None)

        self._change(change)

    def _fresh(self, rejections: dict[str, _Rejection]) -> dict[str, str]:
        oldest = self._today() - _REMEMBERED
        return {name: each.reason for name, each in rejections.items() if each.day > oldest}

    def _change(self, change: Callable[[_Servers], None]) -> None:
        """Change what is in memory and what is in the file, where others may have written."""
        with self._lock:
            change(self._servers)
            if self._store is not None:
                with suppress(OSError):
                    self._store.change(lambda file: change(file.servers))


Refusals = UnsupportedParameters
"""The name by which it was known first."""


def shared_unsupported_parameters() -> UnsupportedParameters:
    """Return the memory of unsupported parameters that all clients of this user share.

    Their file lies in the user's data directory, or in the one that ``CHATWIDGET_DATA`` names.
    """
    return _kept_in(data_folder())


@cache
def _kept_in(folder: Path) -> UnsupportedParameters:
    return UnsupportedParameters(folder / "refusals.json")


def _parse(stored: Any) -> tuple[_File, bool]:
    """Return what can be read of a file, rejection by rejection, and whether that is all of it."""
    file = _File()
    if not isinstance(stored, dict) or stored.get("version") != file.version:
        return file, False
    for server, model, parameter, found in _leaves(stored.get("servers")):
        with suppress(msgspec.ValidationError):
            rejection = msgspec.convert(found, _Rejection)
            file.servers.setdefault(server, {}).setdefault(model, {})[parameter] = rejection
    return file, msgspec.to_builtins(file) == stored


def _leaves(servers: object) -> Iterator[tuple[str, str, str, object]]:
    for server, models in _items(servers):
        for model, parameters in _items(models):
            for parameter, found in _items(parameters):
                yield server, model, parameter, found


def _items(found: object) -> Iterable[tuple[str, object]]:
    return found.items() if isinstance(found, dict) else ()
