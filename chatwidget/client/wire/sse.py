"""Server-sent events: bytes in, events out, no I/O.

Framing is by bytes, as the WHATWG standard says ("9.2.6 Interpreting an event stream"), so that
line separators of Unicode inside a text, and events cut anywhere, stay whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chatwidget.client.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["SSEDecoder", "ServerSentEvent"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UNUSED = frozenset({b"", b"event", b"id", b"retry"})
"""The fields of an event that make no difference here; a comment has an empty name."""
_DONE = b"[DONE]"
_MANY = 64


class ServerSentEvent(NamedTuple):
    """One event: its data lines joined by line feeds, and its name, empty if it has none."""

    data: bytes
    name: bytes = b""


class SSEDecoder:
    """Frame a byte stream into events.

    Each byte is copied a bounded number of times, and takes hardly more room than a byte, however
    the stream is cut.

    Parameters
    ----------
    limits
        How large an event may be.

    Attributes
    ----------
    skipped
        How many lines were no part of an event.
    bare
        How many events were a line of JSON without ``data:`` before it.
    parted
        How many events ended with a single line end, before the next one.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self.skipped = self.bare = self.parted = 0
        self._unfinished = 0
        self._pieces: list[bytes | bytearray] = []
        self._data: list[bytes | bytearray] = []
        self._name = self._name_of_data = b""
        self._at_start = True
        self._after_cr = False

    def feed(self, received: bytes) -> Iterable[ServerSentEvent]:
        """Take the next bytes and return the events that they complete.

        Raises
        ------
        StreamError
            If an event grows beyond the limit; it is raised after the events before that one.
        """
        is_between = not (self._unfinished or self._data or self._name)
        if is_between and (simple := _simple_events(received)):
            self._at_start = self._after_cr = False
            return simple if len(received) <= self._limits.event else self._checked(simple)
        if self._after_cr and received:
            received = received.removeprefix(b"\n")
            self._after_cr = False
        if received.find(b"\r") >= 0:
            self._after_cr = received.endswith(b"\r")
            received = received.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        complete, newline, rest = received.rpartition(b"\n")
        events = self._events(self._lines(complete, rest)) if newline else []
        if not newline:
            self._pieces.append(received)
            if len(self._pieces) > _MANY:
                _pack(self._pieces)
        size = self._unfinished + len(received)
        self._unfinished = len(rest) if events else size
        if events and self._data:
            self._unfinished += sum(map(len, self._data))
        return events if size <= self._limits.event else self._checked(events)

    def _checked(self, events: list[ServerSentEvent]) -> Iterator[ServerSentEvent]:
        """Yield events, and see whether one of them, or the one that has begun, is too large."""
        for event in events:
            self._limits.check_event(len(event.data))
            yield event
        self._limits.check_event(self._unfinished)

    def _lines(self, complete: bytes, rest: bytes) -> list[bytes]:
        """Return the lines that are complete now, and keep the rest."""
        if self._pieces:
            complete = b"".join((*self._pieces, complete))
        self._pieces = [rest] if rest else []
        return complete.split(b"\n")

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
        events: list[ServerSentEvent] = []
        data = self._data
        for line in lines:
            if line.startswith(b"data:"):
                events += self._data_line(line[6:] if line[5:6] == b" " else line[5:])
            elif not line:
                events += self._ended(self._name)
                self._name = b""
            elif line == b"data":
                data.append(b"")
            elif line.startswith(b"event:"):
                self._name = line[6:].strip(b" ")
            else:
                events += self._bare_event(line)
        if len(data) > _MANY:
            _pack(data, b"\n")
        return events

    def _ended(self, name: bytes) -> Iterator[ServerSentEvent]:
        if self._data:
            whole = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            self._data.clear()
            yield ServerSentEvent(bytes(whole), name)

    def _data_line(self, line: bytes) -> Iterator[ServerSentEvent]:
        """Add a line of data; yield the events that end here though no blank line says so."""
        if len(self._data) == 1 and _is_object(self._data[0]) and _begins_event(line):
            self.parted += 1
            yield from self._ended(self._name_of_data)
        self._data.append(line)
        self._name_of_data = self._name
        if self.parted and (line.strip() == _DONE or _is_object(line)):
            # Nor will one come after the last.
            yield from self._ended(self._name)

    def _bare_event(self, line: bytes) -> Iterator[ServerSentEvent]:
        """Yield the event that a line of JSON is by itself; any other line means nothing."""
        if _is_object(line) or line.strip() == _DONE:
            self.bare += 1
            yield ServerSentEvent(bytes(line))
        else:
            self.skipped += line.partition(b":")[0] not in _UNUSED


def _is_object(line: bytes | bytearray) -> bool:
    return line.startswith(b"{") and line.rstrip().endswith(b"}")


def _begins_event(line: bytes) -> bool:
    """Tell whether a line cannot go on with an object that the line before it may have closed."""
    return line.startswith(b"{") or line.strip() == _DONE


def _simple_events(received: bytes) -> list[ServerSentEvent]:
    """Return whole events of one data line each, which is what nearly every server sends.

    Empty if there is anything else among them, which takes the long way.
    """
    # Looking for one byte is three times as fast by find as by "in".
    is_plain = received.startswith(b"data: ") and received.endswith(b"\n\n")
    if not is_plain or received.find(b"\r") >= 0:
        return []
    ends = received.count(b"\n")
    if ends == 2:  # noqa: PLR2004 - one event ends with two
        return [_new_tuple(ServerSentEvent, (received[6:-2], b""))]
    lines = received[6:-2].split(b"\n\ndata: ")
    if ends != 2 * len(lines):
        return []
    return [_new_tuple(ServerSentEvent, (line, b"")) for line in lines]


def _pack(pieces: list[bytes | bytearray], between: bytes = b"") -> None:
    """Make one piece of many, since a short one takes far more room by itself."""
    first, *others = pieces
    whole = first if isinstance(first, bytearray) else bytearray(first)
    for piece in others:
        whole += between
        whole += piece
    pieces[:] = [whole]


_new_tuple = tuple.__new__
