"""Outputs of one cell that can be written after the cell has run, one by one."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython
from IPython.display import display, update_display

from chatwidget.chat.conversation import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OutputSlots"]


class OutputSlots:
    """The outputs of the cell that runs when this is made; each is a slot with a number.

    A kernel shows what comes later in the cell that runs by then. So a slot that is added later is
    sent with the header of its own cell's request, which is how front ends find the cell.
    """

    def __init__(self) -> None:
        self._ids: list[str] = []
        publisher: Any = getattr(get_ipython(), "display_pub", None)
        self._publisher = publisher if hasattr(publisher, "pub_socket") else None
        self._header = copy.deepcopy(getattr(self._publisher, "parent_header", {}))

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Show one more output, in the cell that this was made in."""
        self._ids.append(new_id())
        if self._publisher is None or self._runs_still:
            display(dict(data), metadata=dict(metadata), raw=True, display_id=self._ids[-1])
        else:
            self._send(data, metadata)

    def write(self, slot: int, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """Write one of the outputs anew."""
        update_display(dict(data), metadata=dict(metadata), raw=True, display_id=self._ids[slot])

    @property
    def _runs_still(self) -> bool:
        now = getattr(self._publisher, "parent_header", {})
        return bool(_message_id(now)) and _message_id(now) == _message_id(self._header)

    def _send(self, data: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        publisher: Any = self._publisher
        content = {
            "data": dict(data),
            "metadata": dict(metadata),
            "transient": {"display_id": self._ids[-1]},
        }
        publisher.session.send(
            publisher.pub_socket,
            "display_data",
            content,
            parent=self._header,
            ident=publisher.topic,
        )


def _message_id(header: Any) -> str:
    inner = header.get("header", header) if isinstance(header, dict) else {}
    return str(inner.get("msg_id", ""))
