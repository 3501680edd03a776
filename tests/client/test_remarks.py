"""An answer that came, but oddly, says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.deadlines import Deadlines
from chatwidget.client.errors import APIConnectionError, APITimeoutError, StreamError
from wire.replies import (
    SSE_HEAD,
    chunk,
    completion,
    done,
    error,
    event_stream,
    frame,
    json_response,
    sse,
    stream_of,
)
from wire.scripted_server import close, drip, pause, reset, split, stall

if TYPE_CHECKING:
    from chatwidget.client.wire.types import ChatCompletion
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer, Step

HALF = sse(chunk("", delta={"role": "assistant"}), chunk("Half"))
REASON = sse(chunk(None, finish_reason="stop"))
END = REASON + done()
CUT = "The connection failed after the end of the answer, before [DONE]."
UNKNOWN = "The server did not say why the answer ended."


def streamed(ask: Asker, **options: Any) -> ChatCompletion:
    """Ask for a stream, and check that it finished."""
    events: list[Any] = []
    answer = ask(stream_to=events.append, **options)
    assert events[-1].completion is answer
    return answer


def remarks(answer: ChatCompletion) -> list[str]:
    """Return what an answer's ledger says of it."""
    assert answer.ledger is not None
    assert {*answer.ledger.remarks} <= {*answer.ledger.notes()}
    return [*answer.ledger.remarks]


def spoilt(text: str, *marks: bytes) -> bytes:
    """Return an event whose text has bytes for its question marks."""
    data = sse(chunk(text))
    for mark in marks:
        data = data.replace(b"?", mark, 1)
    return data


@pytest.mark.parametrize("cut", [10_000, 7], ids=["whole", "cut"])
def test_characters_that_could_not_be_read_are_counted_F27(
    ask: Asker, server: ScriptedServer, cut: int
) -> None:
    body = HALF + spoilt("Gr?n, wei?", b"\xfc", b"\xdf") + spoilt("?", b"\xf0\x9f") + END
    server.reply(event_stream(*split(body, cut)))
    answer = streamed(ask)
    assert answer.text == "HalfGr\ufffdn, wei\ufffd\ufffd"
    assert remarks(answer) == ["Characters of the answer that could not be read: 3."]


def test_characters_of_a_whole_answer_are_counted_too_F27(
    ask_own: Asker, server: ScriptedServer
) -> None:
    whole = json_response(completion("Gr?n")).replace(b"?", b"\xfc")
    server.reply(whole)
    answer = ask_own()
    assert answer.text == "Gr\ufffdn"
    assert remarks(answer) == ["Characters of the answer that could not be read: 1."]


def test_a_replacement_character_that_the_server_sent_is_its_own_F27(
    ask_own: Asker, server: ScriptedServer
) -> None:
    sent = chunk("Gr\ufffdn")
    # the index makes it take the tolerant path
    sent["choices"][0]["index"] = "0"
    server.reply(event_stream(sse(sent).replace(b"\\ufffd", b"\xef\xbf\xbd"), END))
    answer = streamed(ask_own)
    assert answer.text == "Gr\ufffdn"
    assert remarks(answer) == []


def test_half_an_answer_says_so_as_well_F27(ask_own: Asker, server: ScriptedServer) -> None:
    server.reply(event_stream(spoilt("Gr?n", b"\xfc"), sse(error("Out of memory"))))
    with pytest.raises(StreamError) as caught:
        streamed(ask_own)
    assert caught.value.completion is not None
    assert remarks(caught.value.completion) == [
        "Characters of the answer that could not be read: 1."
    ]


GARBAGE = b"\x00\xff garbage\n\x00\n" + b"Data: {}\n" + b" data: x\n"


@pytest.mark.parametrize("cut", [10_000, 3], ids=["whole", "cut"])
def test_lines_that_mean_nothing_are_counted_F28(
    ask: Asker, server: ScriptedServer, cut: int
) -> None:
    server.reply(event_stream(*split(HALF + GARBAGE + b"\n" + END, cut)))
    answer = streamed(ask)
    assert answer.text == "Half"
    assert remarks(answer) == ["Lines that the server sent and that mean nothing: 4."]


def test_what_the_standard_knows_is_no_garbage_F22_F24(
    ask_own: Asker, server: ScriptedServer
) -> None:
    known = b": ping\n\n:\n\nid: 7\nid\nretry: 5\nretry\nevent: x\nevent\n\ndata\n\ndata:\n\n"
    server.reply(event_stream(HALF, known, END))
    assert remarks(streamed(ask_own)) == []


# The end


def test_an_end_without_a_reason_is_told_F36_H5(ask: Asker, server: ScriptedServer) -> None:
    server.reply(event_stream(HALF, sse(chunk("B", index=1, finish_reason="stop")), done()))
    answer = streamed(ask)
    assert answer.text == "Half"
    assert [choice.finish_reason for choice in answer.choices] == [None, "stop"]
    assert remarks(answer) == [UNKNOWN]


def test_a_whole_answer_without_a_reason_is_told_F36_H5(
    ask_own: Asker, server: ScriptedServer
) -> None:
    without: Any = None
    server.reply(json_response(completion("Hi", finish_reason=without)))
    answer = ask_own()
    assert answer.text == "Hi"
    assert remarks(answer) == [UNKNOWN]


def test_an_answer_as_it_should_be_has_no_remarks_F36(
    ask_own: Asker, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.reply(event_stream(stream_of("Grün")))
        assert remarks(streamed(ask_own)) == []
    # [DONE] is what many servers leave out
    server.reply(SSE_HEAD, HALF, REASON, close())
    assert remarks(streamed(ask_own)) == []


LATE_FAILURES: dict[str, Step] = {
    "cut": [frame(b": ")[:4], close()],
    "reset": [pause(0.05), reset()],
    "silence": stall(),
    "heartbeats": drip(frame(b": ping\n\n") * 1000, every=0.01, size=len(frame(b": ping\n\n"))),
}


@pytest.mark.parametrize("failure", LATE_FAILURES.values(), ids=LATE_FAILURES)
def test_a_connection_that_fails_after_the_answer_costs_nothing_of_it_F34_F36(
    ask: Asker, server: ScriptedServer, failure: Step
) -> None:
    server.reply(*event_stream(HALF, REASON)[:-1], failure)
    answer = streamed(ask, timeout=Deadlines(idle=0.2))
    assert (answer.text, answer.finish_reason) == ("Half", "stop")
    assert remarks(answer) == [CUT]
    assert answer.ledger is not None
    assert answer.ledger.ignored.keys() == {"usage"}
    connection = server.connections[0]
    assert connection.wait_closed(1.0) or connection.closed_by == "server"


def test_the_count_of_tokens_that_came_before_is_kept_F34_F36(
    ask_own: Asker, server: ScriptedServer
) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    body = HALF + REASON + sse(chunk(choices=[], usage=usage))
    server.reply(*event_stream(body)[:-1], b"5\r\nda", close())
    answer = streamed(ask_own)
    assert answer.usage is not None
    assert answer.usage.total_tokens == 3
    assert answer.ledger is not None
    assert answer.ledger.ignored == {}
    assert remarks(answer) == [CUT]


def test_an_answer_cut_within_the_word_that_ends_it_is_complete_F36(
    ask_own: Asker, server: ScriptedServer
) -> None:
    for size in range(1, len(done())):
        server.reply(SSE_HEAD, HALF, REASON, done()[:size], close())
        assert streamed(ask_own).text == "Half"


def test_a_cut_before_every_choice_has_come_is_an_error_F34_F46(
    ask: Asker, server: ScriptedServer
) -> None:
    server.reply(*event_stream(HALF, REASON)[:-1], frame(b": ")[:4], close())
    with pytest.raises(APIConnectionError) as caught:
        streamed(ask, n=2)
    assert caught.value.completion is not None
    assert caught.value.completion.text == "Half"
    assert remarks(caught.value.completion) == []


def test_a_cut_while_one_choice_goes_on_is_an_error_F34_F46(
    ask_own: Asker, server: ScriptedServer
) -> None:
    going_on = sse(chunk("B", index=1))
    server.reply(*event_stream(HALF, going_on, REASON)[:-1], stall())
    with pytest.raises(APITimeoutError):
        streamed(ask_own, n=2, timeout=Deadlines(idle=0.1))


def test_an_error_that_the_server_reports_after_the_end_is_an_error_F42(
    ask_own: Asker, server: ScriptedServer
) -> None:
    server.reply(event_stream(HALF, REASON, sse(error("No."))))
    with pytest.raises(StreamError, match=r"No\."):
        streamed(ask_own)
