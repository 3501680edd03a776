"""What a message holds beside its text: pictures, sources and sound, in the shapes servers use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.client.wire.types import ChatCompletion, ChatCompletionMessage

__all__ = ["MEDIA", "Source", "is_picture", "media_remarks", "pictures_of", "sources_of"]

MEDIA = ("audio", "annotations", "images", "citations")
"""The fields of a message that hold them."""

_DEPTH = 4
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")
_HOLDERS = ("image_url", "url", "source", "inline_data", "inlineData", "image", "uri", "link")
_DATA = ("b64_json", "data")
_TYPES = ("media_type", "mime_type", "mimeType")
_CITED = ("url_citation", "file_citation", "web", "source", "document")
_TITLES = ("title", "filename", "name", "file_id", "id")


class Source(NamedTuple):
    """Where an answer has something from; the address is empty if there is none."""

    title: str
    url: str


def is_picture(url: str) -> bool:
    """Tell whether an address is itself a picture, of a kind that is nothing but one."""
    return _PICTURE.fullmatch(url) is not None


def pictures_of(message: ChatCompletionMessage) -> list[str]:
    """Return the pictures of a message that are there as a whole: nothing is loaded."""
    return [url for url in map(_address, _listed(message.images)) if is_picture(url)]


def sources_of(message: ChatCompletionMessage) -> list[Source]:
    """Return what a message names as its sources, each once, and its pictures from elsewhere."""
    cited = map(_source, [*_listed(message.citations), *_listed(message.annotations)])
    elsewhere = [url for url in map(_address, _listed(message.images)) if _is_web(url)]
    pictures = [Source("Picture", url) for url in elsewhere]
    # The same source is named with a title here and without one there.
    titles: dict[str, Source] = {}
    for source in [*cited, *pictures]:
        known = titles.setdefault(source.url or source.title, source)
        if known.title == known.url:
            titles[source.url or source.title] = source
    return [source for key, source in titles.items() if key]


def media_remarks(completion: ChatCompletion) -> Iterator[str]:
    """Yield what an answer holds that is not shown, a sentence each."""
    for choice in completion.choices:
        message = choice.message
        if message.audio:
            yield "The answer has sound, which is not played here: audio of the message holds it."
        urls = list(map(_address, _listed(message.images)))
        hidden = sum(not is_picture(url) and not _is_web(url) for url in urls)
        if hidden:
            yield f"Pictures that cannot be shown: {hidden}; images of the message holds them."
        unnamed = [each for each in _listed(message.annotations) if not any(_source(each))]
        if unnamed:
            yield f"Annotations that are not shown: {len(unnamed)}; the message holds them."


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _address(held: object, depth: int = _DEPTH) -> str:
    """Return the address in whatever holds a picture; one that is data holds all of it."""
    if isinstance(held, str):
        return held.strip() if held.lstrip()[:5].lower() in ("data:", "http:", "https") else ""
    if not isinstance(held, dict) or not depth:
        return ""
    if data := _text(held, _DATA):
        return f"data:{_text(held, _TYPES) or 'image/png'};base64,{data}"
    return next(filter(None, (_address(held.get(name), depth - 1) for name in _HOLDERS)), "")


def _source(cited: object) -> Source:
    """Return what an annotation or a citation names."""
    if isinstance(cited, str):
        return Source(cited, cited if _is_web(cited) else "")
    if not isinstance(cited, dict):
        return Source("", "")
    inner = next((cited[name] for name in _CITED if isinstance(cited.get(name), dict)), cited)
    url = _text(inner, ("url", "uri", "link", "source"))
    return Source(_text(inner, _TITLES) or url, url if _is_web(url) else "")


def _text(holder: dict[str, Any], names: tuple[str, ...]) -> str:
    texts = (holder.get(name) for name in names)
    return next((text for text in texts if isinstance(text, str) and text), "")


def _is_web(url: str) -> bool:
    return url.lower().startswith(("https://", "http://"))
