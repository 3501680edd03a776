"""The first choice: seen wherever a server says it, and the same one in chunks and completions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.events import Data
from chatwidget.client.wire.response import ResponseParser
from wire.replies import chunk, completion, done, event_stream, json_response, sse

if TYPE_CHECKING:
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer


def choice(index: int = 0, finish_reason: str | None = None, **said: Any) -> dict[str, Any]:
    """Return a chunk, or a whole answer, of one choice."""
    return {"choices": [{"index": index, "finish_reason": finish_reason, **said}]}


class Listener:
    """A sink that hears the texts of the chunks."""

    def __init__(self) -> None:
        self.text = ""

    def __call__(self, event: Any) -> None:
        if isinstance(event, Data):
            self.text += event.chunk.text


@pytest.mark.parametrize("index", [0, 1])
def test_a_sole_choice_is_seen_whatever_its_number(
    ask: Asker, server: ScriptedServer, index: int
) -> None:
    heard = Listener()
    pieces = [chunk("Hi", index), chunk(" there", index, "stop")]
    server.reply(event_stream(sse(*pieces) + done()))
    streamed = ask(stream_to=heard)
    server.reply(json_response(choice(index, "stop", message={"content": "Hi there"})))
    for answer in (streamed, ask()):
        assert (answer.text, answer.finish_reason) == ("Hi there", "stop")
        assert [each.index for each in answer.choices] == [0]
    assert heard.text == "Hi there"


@pytest.mark.parametrize("finish", ["stop", None])
def test_a_sole_choice_of_an_odd_number_is_seen_at_the_end(
    ask: Asker, server: ScriptedServer, finish: str | None
) -> None:
    server.reply(event_stream(sse(chunk("Hi", 7), chunk(" there", 7, finish)) + done()))
    answer = ask(stream_to=[].append)
    assert answer.text == "Hi there"
    assert [each.index for each in answer.choices] == [0]


def test_choices_that_nobody_asked_for_are_kept_apart(ask: Asker, server: ScriptedServer) -> None:
    heard = Listener()
    pieces = [chunk("A", 1), chunk("B", 0), chunk("a", 1, "stop"), chunk("b", 0, "stop")]
    server.reply(event_stream(sse(*pieces) + done()))
    answer = ask(stream_to=heard)
    assert [each.message.content for each in answer.choices] == ["Aa", "Bb"]
    assert heard.text == answer.text == "Aa"


def test_of_several_choices_the_first_is_that_of_index_0_at_any_moment(
    ask: Asker, server: ScriptedServer
) -> None:
    heard = Listener()
    pieces = [chunk("A", 1), chunk("B", 0), chunk("a", 1, "stop"), chunk("b", 0, "stop")]
    server.reply(event_stream(sse(*pieces) + done()))
    answer = ask(stream_to=heard, n=2)
    assert heard.text == answer.text == "Bb"
    parser, text = ResponseParser(), ""
    for piece in pieces:
        text += "".join(each.text for each in parser.feed(sse(piece)))
        assert parser.completion.text == text


SAYS: dict[str, dict[str, Any]] = {
    "delta": {"delta": {"role": "assistant", "content": "Hi"}},
    "message": {"message": {"role": "assistant", "content": "Hi"}},
    "text": {"text": "Hi"},
    "a delta that is null": {"delta": None, "message": {"content": "Hi"}},
    "parts": {"message": {"content": [{"type": "text", "text": "Hi"}]}},
}


@pytest.mark.parametrize("said", SAYS.values(), ids=SAYS)
def test_what_a_choice_says_is_seen_whatever_the_field_is_called(
    ask: Asker, server: ScriptedServer, said: dict[str, Any]
) -> None:
    heard = Listener()
    server.reply(event_stream(sse(choice(**said), choice(0, "stop", **said)) + done()))
    assert ask(stream_to=heard).text == heard.text == "HiHi"
    server.reply(json_response(completion() | choice(0, "stop", **said)))
    assert ask().text == "Hi"
