"""Unsupported parameters, remembered for each server and model, across sessions."""

from __future__ import annotations

import tempfile
import threading
from contextlib import suppress
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from chatwidget.client.auth.keys import redact
from chatwidget.client.data_folder import data_folder
from chatwidget.client.forks import fork_safe
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.client.wire.ledger import LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable

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
        The file that keeps them, or None to keep them in memory alone. One that cannot be read
        counts as empty; one that cannot be written is let be. It holds addresses, models,
        parameters, dates and the server's words: no keys and no prompts.
    today
        Returns the date; for tests.
    """

    def __init__(self, path: Path | None = None, today: Callable[[], date] = date.today) -> None:
        self._path = path
        self._today = today
        self._lock = fork_safe(threading.Lock())
        self._servers = _read(path)

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
            if self._path is not None:
                stored = _read(self._path)
                change(stored)
                _write(self._path, stored)


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


def _read(path: Path | None) -> _Servers:
    if path is not None:
        with suppress(OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
            return msgspec.json.decode(path.read_bytes(), type=_File).servers
    return {}


def _write(path: Path, servers: _Servers) -> None:
    """Write all or nothing, for the user's eyes alone."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(msgspec.json.format(msgspec.json.encode(_File(servers=servers))))
        try:
            Path(file.name).replace(path)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
