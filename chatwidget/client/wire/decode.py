"""The decoder: one event's data, or one whole body, into the typed values of the wire.

Of bent JSON it keeps what fits a typed struct, field by field.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin

import msgspec

from chatwidget.client.errors import StreamError
from chatwidget.client.wire.error_body import error_fields, is_failure
from chatwidget.client.wire.finish import ending
from chatwidget.client.wire.json_text import parse_json
from chatwidget.client.wire.mending import mended_choices
from chatwidget.client.wire.surrogates import join_surrogates, repaired
from chatwidget.client.wire.types import ChatCompletion, ChatCompletionChunk, Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.client.wire.types import Choice

__all__ = [
    "decode_chunk",
    "decode_completion",
    "decode_doubt",
    "decode_error",
    "decode_leniently",
    "decode_models",
    "replaced_characters",
]


_ALIVE = frozenset({"ping", "heartbeat", "keepalive", "keep-alive"})
_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def decode_leniently(raw: dict[str, Any], struct: type[_Struct]) -> _Struct:
    """Decode leniently: build a struct from the fields that fit; the others keep their defaults.

    Raises
    ------
    msgspec.ValidationError
        If a field that has no default is missing or does not fit.
    """
    fields = {}
    for field in _fields_of(struct):
        kept = _convert_partly(raw.get(field.encode_name), field.type)
        if kept is not None:
            fields[field.name] = kept
        elif field.required:
            raise msgspec.ValidationError(f"{struct.__name__} needs {field.encode_name}.")
    return struct(**fields)


@cache
def _fields_of(struct: type[Any]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields of a struct; msgspec reads its annotations anew each time."""
    return msgspec.structs.fields(struct)


def _convert_partly(value: object, type_: Any) -> Any:
    """Return `value` as `type_`, as much of it as possible, or None."""
    with suppress(msgspec.ValidationError, UnicodeEncodeError):
        return msgspec.convert(value, type_, strict=False)
    for option in get_args(type_) if get_origin(type_) in (Union, UnionType) else (type_,):
        if isinstance(value, dict) and _is_struct(option):
            return _struct_or_none(value, option)
        if isinstance(value, list) and _is_struct(*get_args(option)[:1]):
            items = (_struct_or_none(item, get_args(option)[0]) for item in value)
            return get_origin(option)(item for item in items if item is not None)
        if isinstance(value, (dict, list)) and option is str:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            return join_surrogates(text)
    return None


def _struct_or_none(value: object, struct: type[_Struct]) -> _Struct | None:
    try:
        return decode_leniently(value, struct) if isinstance(value, dict) else None
    except msgspec.ValidationError:
        return None


def _is_struct(type_: object = None) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


class _ModelList(msgspec.Struct):
    models: list[Model] = []


_fast_chunk = msgspec.json.Decoder(ChatCompletionChunk).decode


def decode_chunk(
    data: bytes, mend: Callable[[ChatCompletionChunk, bytes], object] | None = None
) -> ChatCompletionChunk:
    """Decode the data of one event.

    Parameters
    ----------
    data
        The data.
    mend
        Is given a chunk that did not come in good order, and its data, before it is returned.

    Raises
    ------
    StreamError
        If the event reports an error, or is not a JSON object.
    """
    try:
        chunk = _fast_chunk(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _decode_bent(data, mend)
    if chunk.error is not None:
        _raise_reported(_json_object(data))
    is_bent, has_deltas = chunk.x_groq is not None, True
    for choice in chunk.choices:
        reason = choice.finish_reason
        if choice.error is not None or (reason and ending(reason) == "error"):
            _raise_reported(_json_object(data))
        is_bent = is_bent or choice.usage is not None
        has_deltas = has_deltas and choice.delta is not None
    if is_bent or (not has_deltas and _says_elsewhere(data)):
        return _decode_bent(data, mend)
    return chunk


def _says_elsewhere(data: bytes) -> bool:
    """Tell whether a choice may say something in another field than ``delta``."""
    return b'"message"' in data or b'"text"' in data


def _decode_bent(
    data: bytes, mend: Callable[[ChatCompletionChunk, bytes], object] | None
) -> ChatCompletionChunk:
    """Decode data that is not in good order, or that may say it in another field."""
    raw = _json_object(data)
    _raise_reported(raw)
    choices = raw.get("choices")
    listed = mended_choices(choices, "delta") if isinstance(choices, list) else []
    usage = _usage_in(raw)
    chunk = decode_leniently({**raw, "choices": listed, "usage": usage}, ChatCompletionChunk)
    if mend is not None:
        mend(chunk, data)
    return chunk


def decode_error(data: bytes) -> StreamError:
    """Decode the data of an event that is named ``error``, whatever its shape."""
    return _reported(error_fields(parse_json(data)) or {"message": _excerpt(data)})


def decode_doubt(data: bytes) -> StreamError | None:
    """Decode an event without choices: return the error that it is if no answer follows it.

    None if it is what comes beside an answer, such as usage.
    """
    raw = parse_json(data)
    if not isinstance(raw, dict) or not raw or "choices" in raw or _usage_in(raw):
        return None
    if str(raw.get("type")).lower() in _ALIVE:
        return None
    said = {"message": f"what is no part of an answer: {_excerpt(data)}"}
    return _reported(error_fields(raw) or said)


def decode_completion(body: bytes) -> ChatCompletion:
    """Decode the body of an answer that was not streamed.

    Raises
    ------
    StreamError
        If the body reports an error, or is not a completion.
    """
    raw = _json_object(body)
    _raise_reported(raw)
    choices = raw.get("choices")
    if not isinstance(choices, list):
        raise _no_completion(raw, body)
    mended = {**raw, "choices": mended_choices(choices, "message"), "usage": _usage_in(raw)}
    completion = decode_leniently(mended, ChatCompletion)
    for choice in completion.choices:
        choice.message.citations = raw.get("search_results") or raw.get("citations") or None
    _tell_apart(completion.choices)
    return completion


def _usage_in(raw: dict[str, Any]) -> object:
    """Return the usage, which may stand in a choice or in what a vendor adds of its own."""
    added = [value for name, value in raw.items() if name.startswith("x_")]
    places = [raw, *_items(raw.get("choices")), *added]
    found = (place.get("usage") for place in places if isinstance(place, dict))
    return next(filter(None, found), None)


def decode_models(body: bytes) -> list[Model]:
    """Decode the body of a list of models.

    Raises
    ------
    StreamError
        If the body reports an error, or is no JSON object and no list.
    """
    raw = parse_json(body)
    if not isinstance(raw, list) or error_fields(raw):
        raw = _json_object(body)
        _raise_reported(raw)
        raw = raw.get("data") or raw.get("models")
    named = [{"id": each} if isinstance(each, str) else each for each in _items(raw)]
    return repaired(decode_leniently({"models": named}, _ModelList)).models


def _items(raw: object) -> list[Any]:
    return raw if isinstance(raw, list) else []


def _tell_apart(choices: list[Choice]) -> None:
    """Count choices by their position where the server did not count them, or has only one."""
    if len({choice.index for choice in choices}) < max(len(choices), 2):
        for position, choice in enumerate(choices):
            choice.index = position


def replaced_characters(data: bytes) -> int:
    """Return how many characters of a text could not be read, so that U+FFFD stands for them."""
    return data.decode("utf-8", "replace").count("\ufffd") - data.count("\ufffd".encode())


def _no_completion(raw: dict[str, Any], body: bytes) -> StreamError:
    fields = error_fields(raw) or {}
    return StreamError(
        f"The server's answer is no chat completion: {fields.pop('message', _excerpt(body))}",
        hint="Check the address: it usually ends in /v1.",
        **fields,
    )


def _json_object(data: bytes) -> dict[str, Any]:
    raw = parse_json(data)
    if isinstance(raw, list) and (fields := error_fields(raw)):
        raise _reported(fields)
    if not isinstance(raw, dict):
        raise StreamError(f"The server sent what is no JSON object: {_excerpt(data)}")
    return raw


def _raise_reported(raw: dict[str, Any]) -> None:
    """Raise the error that a server reports in place of an answer."""
    if is_failure(raw):
        raise _reported(error_fields(raw))
    choices = raw.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if not isinstance(choice, dict):
            continue
        reason = choice.get("finish_reason")
        if choice.get("error") or (isinstance(reason, str) and ending(reason) == "error"):
            raise _reported(error_fields({"error": choice.get("error") or "an error"}))


def _reported(fields: dict[str, str] | None) -> StreamError:
    fields = fields or {}
    return StreamError(
        f"The server reports: {fields.get('message', 'an error')}",
        code=fields.get("code"),
        param=fields.get("param"),
        type=fields.get("type"),
    )


def _excerpt(data: bytes, limit: int = 120) -> str:
    return ascii(data[:limit].decode("utf-8", "replace"))
