"""What an answer holds beside its text: nothing of it is lost, and what is not shown is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.request.body import wire_messages
from chatwidget.client.wire.additions import plain_message
from chatwidget.client.wire.media import Source, pictures_of, sources_of
from chatwidget.client.wire.mending import mended_choices
from chatwidget.client.wire.types import ChatCompletionMessage
from cpu import cpu_seconds
from wire.replies import chunk, completion, done, event_stream, json_response, sse

if TYPE_CHECKING:
    from chatwidget.client.wire.types import ChatCompletion
    from client.conftest import Asker
    from wire.scripted_server import ScriptedServer

PIXEL = "data:image/png;base64,iVBORw0KGgo="
URL = "https://a.example/page"
SOURCE = Source("A page", URL)


def both(
    ask: Asker, server: ScriptedServer, text: str | None = "Hi", top: Any = None, **said: Any
) -> ChatCompletion:
    """Return an answer with more in its message, which is the same streamed and at once."""
    ends = [chunk(text, delta=said), chunk(None, finish_reason="stop")]
    server.reply(event_stream(sse(*(each | (top or {}) for each in ends)) + done()))
    streamed = ask(stream_to=[].append)
    whole = completion() | (top or {})
    whole["choices"][0]["message"] = {"role": "assistant", "content": text, **said}
    server.reply(json_response(whole))
    at_once = ask()
    assert streamed.choices == at_once.choices
    told = [each.ledger.remarks for each in (streamed, at_once) if each.ledger is not None]
    assert told[0] == told[1]
    return at_once


IMAGES: dict[str, tuple[Any, list[str]]] = {
    "OpenRouter": ([{"type": "image_url", "image_url": {"url": PIXEL}}], [PIXEL]),
    "an address": ([{"type": "image_url", "image_url": PIXEL}], [PIXEL]),
    "data and a type": ([{"inline_data": {"mime_type": "image/png", "data": PIXEL[22:]}}], [PIXEL]),
    "a source": ([{"source": {"media_type": "image/png", "data": PIXEL[22:]}}], [PIXEL]),
    "b64_json": ([{"b64_json": PIXEL[22:]}], [PIXEL]),
    "a text": ([PIXEL], [PIXEL]),
    "one alone": ({"url": PIXEL}, [PIXEL]),
}


@pytest.mark.parametrize(("images", "seen"), IMAGES.values(), ids=IMAGES)
def test_pictures_are_kept(
    ask: Asker, server: ScriptedServer, images: Any, seen: list[str]
) -> None:
    message = both(ask, server, images=images).choices[0].message
    assert pictures_of(message) == seen
    assert wire_messages([message]) == [{"role": "assistant", "content": "Hi"}]


def test_pictures_among_the_parts_of_the_text_are_kept(ask: Asker, server: ScriptedServer) -> None:
    parts: Any = [
        {"type": "text", "text": "Hi"},
        {"type": "image_url", "image_url": {"url": PIXEL}},
    ]
    message = both(ask, server, parts).choices[0].message
    assert (message.content, pictures_of(message)) == ("Hi", [PIXEL])


@pytest.mark.parametrize(
    "url",
    [
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:text/html;base64,PHN2Zz4=",
        'data:image/png;base64,A" onerror="alert(1)',
        "data:image/png,A",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_mere_picture_is_named(ask: Asker, server: ScriptedServer, url: str) -> None:
    answer = both(ask, server, images=[{"image_url": {"url": url}}])
    assert pictures_of(answer.choices[0].message) == []
    assert sources_of(answer.choices[0].message) == []
    assert answer.ledger is not None
    assert "Pictures that cannot be shown: 1" in str(answer.ledger.remarks)


def test_a_picture_from_elsewhere_is_a_source(ask: Asker, server: ScriptedServer) -> None:
    message = both(ask, server, images=[{"image_url": {"url": URL}}]).choices[0].message
    assert (pictures_of(message), sources_of(message)) == ([], [Source("Picture", URL)])


CITED: dict[str, dict[str, Any]] = {
    "OpenAI": {
        "annotations": [{"type": "url_citation", "url_citation": {"title": "A page", "url": URL}}]
    },
    "flat": {"annotations": [{"type": "url_citation", "title": "A page", "url": URL}]},
    "in the message": {"citations": [{"title": "A page", "url": URL}]},
    "Perplexity": {
        "top": {"citations": [URL], "search_results": [{"title": "A page", "url": URL}]}
    },
    "twice": {"citations": [URL], "annotations": [{"title": "A page", "url": URL}]},
    "Google": {"annotations": [{"web": {"title": "A page", "uri": URL}}]},
}


@pytest.mark.parametrize("said", CITED.values(), ids=CITED)
def test_sources_are_kept(ask: Asker, server: ScriptedServer, said: dict[str, Any]) -> None:
    assert sources_of(both(ask, server, **said).choices[0].message) == [SOURCE]


def test_sources_without_an_address_have_a_name() -> None:
    cited = [{"file_citation": {"filename": "a.pdf"}}, {"url": "javascript:x", "title": "b"}]
    message = ChatCompletionMessage(annotations=cited)
    assert sources_of(message) == [Source("a.pdf", ""), Source("b", "")]


def test_sources_that_come_with_the_usage_are_kept(ask: Asker, server: ScriptedServer) -> None:
    last = chunk(choices=[], citations=[URL])
    server.reply(event_stream(sse(chunk("Hi", finish_reason="stop"), last) + done()))
    answer = ask(stream_to=[].append)
    assert sources_of(answer.choices[0].message) == [Source(URL, URL)]


def test_an_annotation_that_names_nothing_is_counted(ask: Asker, server: ScriptedServer) -> None:
    answer = both(ask, server, annotations=[{"type": "odd", "start": 1}])
    assert answer.choices[0].message.annotations == [{"type": "odd", "start": 1}]
    assert answer.ledger is not None
    assert "Annotations that are not shown: 1" in str(answer.ledger.remarks)


def test_sound_is_kept_and_named_and_its_words_are_the_text(
    ask: Asker, server: ScriptedServer
) -> None:
    pieces = [{"id": "audio_1", "data": "AA"}, {"transcript": "Hi "}, {"transcript": "there"}]
    pieces += [{"data": "BB"}, {"expires_at": 5}]
    chunks = [chunk(None, delta={"audio": piece}) for piece in pieces]
    server.reply(event_stream(sse(*chunks, chunk(None, finish_reason="stop")) + done()))
    answer = ask(stream_to=[].append)
    message = answer.choices[0].message
    spoken = {"id": "audio_1", "data": "AABB", "transcript": "Hi there", "expires_at": 5}
    assert (message.content, message.audio) == ("Hi there", spoken)
    assert answer.ledger is not None
    assert "has sound" in str(answer.ledger.remarks)
    assert plain_message(message).audio == {n: v for n, v in spoken.items() if n != "data"}
    assert wire_messages([message]) == [{"role": "assistant", "content": "Hi there"}]
    assert both(ask, server, None, audio=spoken).choices[0].message == message


def test_many_parts_and_sources_are_read_in_linear_time() -> None:
    def seconds(count: int) -> float:
        parts = [{"type": "text", "text": "a" * 100}] * count
        cited = [{"url": f"{URL}/{number}"} for number in range(count)]

        def work() -> None:
            mended_choices([{"message": {"content": parts}}], "message")
            sources_of(ChatCompletionMessage(citations=cited))

        return cpu_seconds(work)

    assert seconds(20_000) < 8 * max(seconds(5_000), 0.002)
