"""The types of the parts that a message's content may have.

Names and meanings are the vendor's: see ``ChatCompletionRequestMessageContentPart…`` in the OpenAI
API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import NotRequired

__all__ = ["AudioPart", "FilePart", "ImagePart", "RefusalPart", "TextPart"]


class TextPart(TypedDict):
    """Text."""

    type: Literal["text"]
    text: str
    prompt_cache_breakpoint: NotRequired[Mapping[str, Any]]


class ImageURL(TypedDict):
    """Where an image is: an address, or a data URL that holds it."""

    url: str
    detail: NotRequired[Literal["auto", "low", "high"]]


class ImagePart(TypedDict):
    """An image to look at."""

    type: Literal["image_url"]
    image_url: ImageURL
    prompt_cache_breakpoint: NotRequired[Mapping[str, Any]]


class InputAudio(TypedDict):
    """Sound, in base64."""

    data: str
    format: Literal["wav", "mp3"]


class AudioPart(TypedDict):
    """Sound to listen to."""

    type: Literal["input_audio"]
    input_audio: InputAudio
    prompt_cache_breakpoint: NotRequired[Mapping[str, Any]]


class FileContent(TypedDict, total=False):
    """A file, as a data URL with its name, or by the id that it got when it was uploaded."""

    filename: str
    file_data: str
    file_id: str


class FilePart(TypedDict):
    """A file to read."""

    type: Literal["file"]
    file: FileContent
    prompt_cache_breakpoint: NotRequired[Mapping[str, Any]]


class RefusalPart(TypedDict):
    """What the model said in place of an answer."""

    type: Literal["refusal"]
    refusal: str
