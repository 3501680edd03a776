"""Server-sent events: bytes in, events out, no I/O.

Framing is by bytes, as the WHATWG standard says ("9.2.6 Interpreting an event stream"), so that
line separators of Unicode inside a text, and events cut anywhere, stay whole.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["SSEDecoder", "ServerSentEvent"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class ServerSentEvent(NamedTuple):
    """One event: its data lines joined by line feeds, and its name, empty if it has none."""

    data: bytes
    name: bytes = b""


class SSEDecoder:
    """Frame a byte stream into events.

    Each byte is copied a bounded number of times, however the stream is cut.
    """

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._data: list[bytes] = []
        self._name = b""
        self._at_start = True
        self._after_cr = False

    def feed(self, received: bytes) -> list[ServerSentEvent]:
        """Take the next bytes and return the events that they complete."""
        if self._after_cr and received:
            received = received.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in received:
            self._after_cr = received.endswith(b"\r")
            received = received.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        complete, newline, rest = received.rpartition(b"\n")
        if not newline:
            self._pieces.append(received)
            return []
        lines = b"".join((*self._pieces, complete))
        self._pieces = [rest]
        return self._events(lines.split(b"\n"))

    def finish(self) -> list[ServerSentEvent]:
        """Return the last event, if the stream ended without closing it by a blank line.

        The standard drops such an event; servers that fail in mid-stream send their error so.
        """
        rest = b"".join(self._pieces)
        self._pieces = []
        return self._events([rest, b""])

    def _events(self, lines: list[bytes]) -> list[ServerSentEvent]:
        if self._at_start:
            lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
            self._at_start = False
        events = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif not line:
                if self._data:
                    events.append(self._dispatch())
                self._name = b""
            elif line == b"data":
                self._data.append(b"")
            elif line.startswith(b"event:"):
                self._name = line[6:].strip(b" ")
        return events

    def _dispatch(self) -> ServerSentEvent:
        event = ServerSentEvent(b"\n".join(self._data), self._name)
        self._data.clear()
        return event
