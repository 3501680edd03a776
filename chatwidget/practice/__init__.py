"""The embedded practice model: a small n-gram model that answers with the handbook.

It is reached as every other server is, through HTTP: `PracticeTransport` and
`AsyncPracticeTransport` answer the requests of an httpx client without a network, and
``python -m chatwidget.practice`` serves the same answers on this computer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatwidget.practice.transport import AsyncPracticeTransport, PracticeTransport

__all__ = ["AsyncPracticeTransport", "PracticeTransport"]


def __getattr__(name: str) -> Any:
    """Import the transports when they are used: httpx takes longer to load than all else here."""
    if name in __all__:
        from chatwidget.practice import transport  # noqa: PLC0415 - the point of this function

        return getattr(transport, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
