"""Framing of server-sent events; "9.2.6" is the WHATWG's chapter on interpreting a stream."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.wire.sse import ServerSentEvent, SSEDecoder

NEWLINES = {"LF": b"\n", "CR": b"\r", "CRLF": b"\r\n"}
SPECIMEN = """\
: a comment
data: {"text": "Grüß Gott 👋"}

event: error
id: 7
data: one
data:two
data:\x20

retry: 10

data: last

""".encode()
EXPECTED = [
    ServerSentEvent('{"text": "Grüß Gott 👋"}'.encode()),
    ServerSentEvent(b"one\ntwo\n", b"error"),
    ServerSentEvent(b"last"),
]


def decoded(*pieces: bytes) -> list[ServerSentEvent]:
    decoder = SSEDecoder()
    return [event for piece in pieces for event in decoder.feed(piece)] + decoder.finish()


def data(*pieces: bytes) -> list[bytes]:
    return [event.data for event in decoded(*pieces)]


def test_whatwg_example_of_a_stock_ticker() -> None:
    assert data(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [b"YHOO\n+2\n10"]


def test_whatwg_example_of_a_comment_ids_and_a_leading_space() -> None:
    decoder = SSEDecoder()
    stream = (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event"
    )
    assert [event.data for event in decoder.feed(stream)] == [b"first event", b"second event"]
    assert [event.data for event in decoder.finish()] == [b" third event"]


def test_whatwg_example_of_empty_data() -> None:
    decoder = SSEDecoder()
    assert [e.data for e in decoder.feed(b"data\n\ndata\ndata\n\ndata:")] == [b"", b"\n"]


def test_whatwg_example_of_the_space_after_the_colon_F24() -> None:
    assert data(b"data:test\n\ndata: test\n\n") == [b"test", b"test"]


@pytest.mark.parametrize("newline", NEWLINES.values(), ids=NEWLINES)
def test_every_split_point_gives_the_same_events_F19(newline: bytes) -> None:
    stream = SPECIMEN.replace(b"\n", newline)
    for cut in range(len(stream) + 1):
        assert decoded(stream[:cut], b"", stream[cut:]) == EXPECTED


@pytest.mark.parametrize("newline", NEWLINES.values(), ids=NEWLINES)
def test_single_bytes_give_the_same_events_F19(newline: bytes) -> None:
    stream = SPECIMEN.replace(b"\n", newline)
    assert decoded(*(stream[at : at + 1] for at in range(len(stream)))) == EXPECTED


def test_line_ends_may_be_mixed_F19() -> None:
    assert data(b"data: a\r\ndata: b\rdata: c\n\r\ndata: d\r\r") == [b"a\nb\nc", b"d"]


def test_an_event_is_told_as_soon_as_its_blank_line_ends_in_cr() -> None:
    decoder = SSEDecoder()
    assert [event.data for event in decoder.feed(b"data: a\r\r")] == [b"a"]
    assert decoder.feed(b"\ndata: b\r\n") == []
    assert [event.data for event in decoder.feed(b"\r")] == [b"b"]


@pytest.mark.parametrize("cut", range(4))
def test_byte_order_mark_at_the_start_is_ignored_F21(cut: int) -> None:
    stream = b"\xef\xbb\xbfdata: a\n\n"
    assert data(stream[:cut], stream[cut:]) == [b"a"]


def test_byte_order_mark_elsewhere_is_kept_F21() -> None:
    assert data(b"data: \xef\xbb\xbfa\n\n\xef\xbb\xbfdata: b\n\n") == [b"\xef\xbb\xbfa"]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\v", "\f", "\x1c"], ids=ascii)
def test_unicode_separators_in_a_text_stay_F20(separator: str) -> None:
    text = f"a{separator}b".encode()
    assert data(b"data: " + text + b"\n\n") == [text]


@pytest.mark.parametrize(
    "block",
    [
        b": comment\n\n",
        b"event: ping\n\n",
        b"id: 1\n\n",
        b"retry: 5\n\n",
        b"\n\n\n",
        b"id: 1\n: c\n\n",
    ],
)
def test_a_block_without_data_is_no_event_F22(block: bytes) -> None:
    assert data(b"data: a\n\n" + block + b"data: b\n\n") == [b"a", b"b"]


def test_the_name_of_an_event_without_data_is_forgotten() -> None:
    assert decoded(b"event: error\n\ndata: a\n\n") == [ServerSentEvent(b"a", b"")]


def test_the_name_comes_before_or_after_the_data() -> None:
    events = decoded(b"event: error\ndata: a\n\ndata: b\nevent:done\n\ndata: c\n\n")
    assert [event.name for event in events] == [b"error", b"done", b""]


@pytest.mark.parametrize(
    "junk", [b"\x00\x00", b"id: a\x00b", b"retry: soon", b"Data: no", b"nonsense", b"databus: no"]
)
def test_junk_lines_are_skipped_F24_F28(junk: bytes) -> None:
    assert data(b"data: a\n" + junk + b"\ndata: b\n\n") == [b"a\nb"]


def test_text_that_looks_like_events_stays_inside_its_event_F25() -> None:
    text = rb'{"content": "data: [DONE]\n\ndata: x\n\nevent: error"}'
    assert data(b"data: " + text + b"\n\n") == [text]


def test_an_unterminated_last_event_is_told_at_the_end_F37() -> None:
    decoder = SSEDecoder()
    assert decoder.feed(b'data: a\n\nevent: error\ndata: {"error":\ndata: 1}') == [
        ServerSentEvent(b"a")
    ]
    assert decoder.finish() == [ServerSentEvent(b'{"error":\n1}', b"error")]


@pytest.mark.parametrize("stream", [b"", b"\n", b"data: a\n\n", b": half a comm", b"event: x"])
def test_nothing_is_left_at_a_proper_end(stream: bytes) -> None:
    decoder = SSEDecoder()
    decoder.feed(stream)
    assert decoder.finish() == []


line = st.binary(max_size=12).map(lambda each: each.replace(b"\r", b"").replace(b"\n", b""))
event = st.builds(
    lambda lines, name: ServerSentEvent(b"\n".join(lines), name),
    st.lists(line, min_size=1, max_size=3),
    st.sampled_from([b"", b"error", b"message"]),
)


def written(events: list[ServerSentEvent], newline: bytes) -> bytes:
    lines: list[bytes] = []
    for each in events:
        lines += [b"event: " + each.name] * bool(each.name)
        lines += [b"data: " + part for part in each.data.split(b"\n")]
        lines += [b": keep-alive", b""]
    return b"".join(each + newline for each in lines)


@given(
    st.lists(event, max_size=5),
    st.sampled_from(list(NEWLINES.values())),
    st.lists(st.integers(0, 300), max_size=8),
)
def test_any_events_cut_anywhere_come_back_F19(
    events: list[ServerSentEvent], newline: bytes, cuts: list[int]
) -> None:
    stream = written(events, newline)
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    pieces = [stream[start:end] for start, end in itertools.pairwise(edges)]
    assert decoded(*pieces) == events


def test_many_events_in_one_piece_T13() -> None:
    assert len(data(b"data: x\n\n" * 2000)) == 2000


def test_a_line_in_single_bytes_costs_linear_time_F29() -> None:
    decoder = SSEDecoder()
    started = time.process_time()
    decoder.feed(b"data: ")
    for _ in range(400_000):
        decoder.feed(b"x")
    (told,) = decoder.feed(b"\n\n")
    # copying the line at every byte would take minutes
    assert time.process_time() - started < 3
    assert told.data == b"x" * 400_000


def test_a_large_event_of_many_lines_passes_F29() -> None:
    lines = b"data: " + b"y" * 1000 + b"\n"
    (told,) = data(*[lines] * 10_000, b"\n")
    assert len(told) == 10_000 * 1001 - 1


def test_an_event_of_64_mib_and_one_byte_passes_T14() -> None:
    data = b"x" * (64 * 2**20 + 1)
    (event,) = SSEDecoder().feed(b"data: " + data + b"\n\n")
    assert len(event.data) == len(data)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (b"data: a\n\nevent: error\n", b"data: b\n\n", [(b"a", b""), (b"b", b"error")]),
        (b"data: a\n\ndata: b\n", b"data: c\n\n", [(b"a", b""), (b"b\nc", b"")]),
        (b"data: a\n\ndata: ", b"data: b\n\n", [(b"a", b""), (b"data: b", b"")]),
        (b"data: a\r\n\r", b"data: b\n\n", [(b"a", b""), (b"b", b"")]),
    ],
)
def test_what_an_event_began_with_is_kept_when_a_simple_event_follows(
    first: bytes, second: bytes, expected: list[tuple[bytes, bytes]]
) -> None:
    decoder = SSEDecoder()
    assert [*decoder.feed(first), *decoder.feed(second)] == expected


def test_the_short_way_and_the_long_way_see_the_same_events() -> None:
    stream = b"".join(b"data: %d\n\n" % number for number in range(50))
    bytewise = SSEDecoder()
    assert SSEDecoder().feed(stream) == [
        event for byte in stream for event in bytewise.feed(bytes([byte]))
    ]
