"""Size limits of an answer, so that no server fills the memory of a notebook."""

from __future__ import annotations

from dataclasses import dataclass

from chatwidget.client.errors import ConfigurationError, StreamError

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest answer that is read, in bytes, after decompression.

    Attributes
    ----------
    event
        Of one event of a stream.
    body
        Of the whole answer.

    Raises
    ------
    ConfigurationError
        If one of them is not above zero.
    """

    event: int = 128 * 2**20
    body: int = 256 * 2**20

    def __post_init__(self) -> None:
        for name in ("event", "body"):
            size = getattr(self, name)
            if isinstance(size, bool) or not isinstance(size, int) or size <= 0:
                raise ConfigurationError(
                    f"The limit {name} is a number of bytes above 0; got {size!r}."
                )

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


def _too_large(what: str, name: str, limit: int) -> StreamError:
    return StreamError(
        f"{what} is larger than {limit:,} bytes.",
        hint=f"If that is right, ask with ChatClient(…, limits=Limits({name}={2 * limit})).",
    )
