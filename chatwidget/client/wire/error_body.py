"""The error that a body reports, whatever its shape. Pure.

Servers agree on no shape: the words, the code and the parameter lie under any of a dozen names,
in lists, below other objects, or in JSON that a text quotes. So the body is walked, from the
outside in, and not compared with shapes.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from chatwidget.client.wire.json_text import first_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["error_fields", "is_failure"]

_MOST_VALUES = 500
_DEEPEST = 32

# Names are compared in lower case, without what parts their words. The best words come first.
_WORDS = (
    "message",
    "msg",
    "errormessage",
    "errormsg",
    "errordescription",
    "detail",
    "description",
    "statusmsg",
    "statusmessage",
    "faultstring",
    "error",
    "title",
    "raw",
    "reason",
)
_LISTS = frozenset({"error", "errors", "detail", "details", "message"})
_CODES = frozenset({"code", "errorcode", "errcode", "statuscode"})
_TYPES = frozenset({"type", "errortype"})
_PARAMS = frozenset({"param", "parameter", "paramname", "parametername"})
_PLACES = frozenset({"loc", "field", "fieldname", "pointer", "property", "argument"})
_ECHOES = frozenset({"input", "ctx", "request", "prompt", "choices", "usage", "stack", "traceback"})
"""What may hold the words of the user, or those of nobody."""
_NOTHING = frozenset({"", "none", "null", "error", "undefined"})
_JSON = re.compile(r"[{\[]\s*[\[{\"]")


def error_fields(raw: object) -> dict[str, str] | None:
    """Find message, code, param and type in an error of whatever shape; None if it says nothing."""
    walk = _Walk()
    words = walk.said(raw, counts=isinstance(raw, str))
    held = _held(raw)
    if not words and not held:
        return None
    return {"message": words or json.dumps(held), **walk.fields}


def is_failure(raw: Mapping[str, Any]) -> bool:
    """Tell whether an object says of itself that it is an error, whatever else it holds."""
    named = "error" in (raw.get("object"), raw.get("type"))
    return bool(raw.get("error")) or ("choices" not in raw and (named or bool(raw.get("errors"))))


def _held(raw: object) -> object:
    """Return what stands where an error stands."""
    if not isinstance(raw, dict):
        return None
    return next((raw[name] for name in ("error", "errors", "detail") if raw.get(name)), None)


class _Walk:
    """One way through a body; what it meets first is the outermost.

    Attributes
    ----------
    fields
        The code, the parameter and the type, as far as they were met.
    """

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._left = _MOST_VALUES
        self._depth = 0

    def said(self, value: object, *, counts: bool) -> str:
        """Return the words in a value; the name of a text tells whether it counts as such."""
        self._left -= 1
        if self._left < 0 or self._depth > _DEEPEST:
            return ""
        self._depth += 1
        try:
            if isinstance(value, str):
                return self._unquoted(value, counts=counts)
            if isinstance(value, list):
                return _joined(self.said(each, counts=counts) for each in value)
            return self._object(value) if isinstance(value, dict) else ""
        finally:
            self._depth -= 1

    def _unquoted(self, text: str, *, counts: bool) -> str:
        """Return a text with the words of the JSON in it, if there is any, in its place."""
        text = text.strip()
        start = _JSON.search(text) if counts or text.startswith(("{", "[")) else None
        quoted = first_json(text, start.start()) if start else None
        if start and quoted and (words := self.said(quoted[0], counts=counts)):
            return text[: start.start()] + words + text[quoted[1] :]
        return text if counts and not text.startswith("<") else ""

    def _object(self, raw: Mapping[str, Any]) -> str:
        named = {re.sub("[_-]", "", name).lower(): value for name, value in raw.items()}
        place = self._note(named)
        own = (self.said(named.get(name, 0), counts=True) for name in _own_words(named, place))
        words = next(filter(None, own), "")
        within = _joined(
            self.said(_listed(name, value), counts=name in _LISTS)
            for name, value in named.items()
            if name not in _ECHOES and not (isinstance(value, str) and name in _WORDS)
        )
        return _placed(place, _together(words, within))

    def _note(self, named: Mapping[str, Any]) -> str:
        """Note code, type and parameter; return the place in the request that it is about."""
        told = {
            name: text for name in named if (text := _path(named[name])).lower() not in _NOTHING
        }
        if "name" in told and "reason" in told:  # of a field, as RFC 7807 has it
            told["field"] = told["name"]
        for field, names in (("type", _TYPES), ("param", _PARAMS | _PLACES)):
            for name in filter(names.__contains__, told):
                self.fields.setdefault(field, told[name])
        for name in filter(_CODES.__contains__, told):
            # A number is most often the status once more: a word says more.
            known = self.fields.get("code")
            if known is None or (known.isdecimal() and not told[name].isdecimal()):
                self.fields["code"] = told[name]
        if told.get("status", "").isupper():
            self.fields.setdefault("type", told["status"])
        return next((told[name] for name in told if name in _PLACES), "")


def _own_words(named: Mapping[str, Any], place: str) -> Iterable[str]:
    """Return the names of an object's texts that may be its words; a reason is one of a field."""
    texts = (name for name in _WORDS if isinstance(named.get(name), str))
    return (name for name in texts if name != "reason" or place)


def _listed(name: str, value: object) -> object:
    """Return the errors that an object lists by the name of their field as a list of objects."""
    if name not in _LISTS or not isinstance(value, dict):
        return value
    if not all(isinstance(each, list) and _are_texts(each) for each in value.values()):
        return value
    return [{"field": field, "message": each} for field, each in value.items()]


def _are_texts(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _path(value: object) -> str:
    """Return what names a field as one path below the body; the ways to write one are many."""
    keys = value if isinstance(value, list) else [value]
    path = ".".join(str(key) for key in keys if isinstance(key, str | int) and key != "body")
    return path.lstrip("#/").replace("/", ".") if path.startswith(("#", "/")) else path


def _placed(place: str, words: str) -> str:
    """Name the field that words are about, unless they do."""
    name = re.escape(place.rpartition(".")[2])
    is_named = not name or re.search(rf"(?<!\w){name}(?!\w)", words, re.IGNORECASE)
    return words if is_named or not words else f"{place}: {words}"


def _together(words: str, within: str) -> str:
    """Return the words of an object and those below it, of which one may repeat the other."""
    if not words or words in within:
        return within
    return words if within in words else f"{words.rstrip('.: ')}: {within}"


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, texts)))
