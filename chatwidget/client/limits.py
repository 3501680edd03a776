"""Limits of a client: how large an answer may grow, and how many connections there may be."""

from __future__ import annotations

from dataclasses import dataclass

from chatwidget.client.errors import ConfigurationError, StreamError

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How large an answer may be, in bytes after decompression, and how many come at once.

    Attributes
    ----------
    event
        The bytes of one event of a stream.
    body
        The bytes of the whole answer, so that no server fills the memory of a notebook.
    connections
        How many connections a client opens at most; None is as many as it is asked for. A request
        beyond them waits for one, as long as the clock of the whole answer runs.

    Raises
    ------
    ConfigurationError
        If one of them is not above zero.
    """

    event: int = 128 * 2**20
    body: int = 256 * 2**20
    connections: int | None = None

    def __post_init__(self) -> None:
        _check("event", self.event, "a number of bytes")
        _check("body", self.body, "a number of bytes")
        if self.connections is not None:
            _check("connections", self.connections, "a whole number")

    def check_event(self, size: int) -> None:
        """Refuse an event that grows too large.

        Raises
        ------
        StreamError
            If it does.
        """
        if size > self.event:
            raise _too_large("One event of the answer", "event", self.event)

    def check_body(self, size: int) -> None:
        """Refuse an answer that grows too large.

        Raises
        ------
        StreamError
            If it does.
        """
        if size > self.body:
            raise _too_large("The answer", "body", self.body)


def _check(name: str, given: object, kind: str) -> None:
    if isinstance(given, bool) or not isinstance(given, int) or given <= 0:
        raise ConfigurationError(f"The limit {name} is {kind} above 0; got {given!r}.")


def _too_large(what: str, name: str, limit: int) -> StreamError:
    return StreamError(
        f"{what} is larger than {limit:,} bytes.",
        hint=f"If that is right, ask with ChatClient(…, limits=Limits({name}={2 * limit})).",
    )
