"""The sampler of an instance of a JSON schema: the grammar is fixed, the words are the model's.

What the schema does not decide is taken from the question where that helps: an enum's value that
it names, its numbers in their order, and, in the arguments of a call, its quoted texts and proper
names.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from itertools import chain, count, islice, repeat
from typing import TYPE_CHECKING, Any

from chatwidget.practice.api_error import PracticeAPIError
from chatwidget.practice.schemas import FORMATS, SHALLOW, Schema, allows, kind, numbers, resolved
from chatwidget.practice.stop_sequences import WINDOW

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatwidget.practice.generator import Piece, TokenGenerator

__all__ = ["SchemaSampler", "proper_names"]

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?!\w)")
_QUOTED = re.compile(r"[\"“]([^\"”]+)[\"”]|(?<!\w)'([^']+)'(?!\w)")
_NAME = re.compile(r"(?<=[\w,;:] )[A-Z]\w*(?: [A-Z]\w*)*")
_USUAL_ITEMS = 2


def proper_names(question: str) -> list[str]:
    """Return the quoted texts of a question, then its capitalised names."""
    quoted = [first or second for first, second in _QUOTED.findall(question)]
    return [*quoted, *_NAME.findall(_QUOTED.sub(" ", question))]


class SchemaSampler:
    """Sampler of one instance of a schema.

    Parameters
    ----------
    root
        The schema, with its definitions.
    generator
        Writes the words and makes the choices.
    question
        What the user asked.
    names
        The first strings to use; when they are used up, the model writes sentences.
    """

    def __init__(
        self, root: Schema, generator: TokenGenerator, question: str, names: Sequence[str] = ()
    ) -> None:
        self._root = root
        self._generator = generator
        self._question = question.casefold()
        self._names = list(names)
        self._asked = [float(number) for number in _NUMBER.findall(question)]

    def sample(self) -> Iterator[Piece]:
        """Write the instance as JSON text."""
        yield from self._value(self._root, 0)

    def _value(self, schema: Any, depth: int, used: Sequence[Any] = ()) -> Iterator[Piece]:
        """Write a value, if possible none of those that were used already."""
        schema = resolved(schema, self._root, depth, self._generator.pick)
        options = [schema["const"]] if "const" in schema else schema.get("enum")
        if options:
            return self._literal(self._choice([o for o in options if o not in used] or options))
        wanted = kind(schema, depth, self._generator.pick)
        if wanted == "object":
            return self._object(schema, depth)
        if wanted == "array":
            return self._array(schema, depth)
        if wanted == "string":
            return self._string(schema)
        return self._literal(self._scalar(wanted, schema, used))

    def _scalar(self, wanted: str, schema: Schema, used: Sequence[Any]) -> Any:
        if wanted in ("integer", "number"):
            return self._number(schema, used, whole=wanted == "integer")
        return self._generator.pick((True, False)) if wanted == "boolean" else None

    def _literal(self, value: Any) -> Iterator[Piece]:
        return self._generator.fixed(json.dumps(value, ensure_ascii=False))

    def _choice(self, options: Sequence[Any]) -> Any:
        named = [o for o in options if isinstance(o, str) and o.casefold() in self._question]
        return self._generator.pick(named or options)

    def _number(self, schema: Schema, used: Sequence[Any], *, whole: bool) -> float:
        """Return the next number of the question that is allowed; without any, the model's."""
        for number in self._asked:
            if number not in used and allows(schema, number, whole=whole):
                self._asked.remove(number)
                return int(number) if whole else number
        allowed = numbers(schema, whole=whole)
        return self._generator.pick([each for each in allowed if each not in used] or allowed)

    def _object(self, schema: Schema, depth: int) -> Iterator[Piece]:
        yield from self._generator.fixed("{")
        for number, (name, member) in enumerate(_members(schema, depth).items()):
            comma = ", " if number else ""
            yield from self._generator.fixed(f"{comma}{json.dumps(name, ensure_ascii=False)}: ")
            yield from self._value(member, depth + 1)
        yield from self._generator.fixed("}")

    def _array(self, schema: Schema, depth: int) -> Iterator[Piece]:
        written: list[Any] = []
        yield from self._generator.fixed("[")
        for number, item in enumerate(_items(schema, depth)):
            yield from self._generator.fixed(", " if number else "")
            text = ""
            used = written if schema.get("uniqueItems") else ()
            for piece in self._value(item, depth + 1, used):
                text += piece.text
                yield piece
            written.append(json.loads(text))
        yield from self._generator.fixed("]")

    def _string(self, schema: Schema) -> Iterator[Piece]:
        given = self._given(schema)
        if given is not None:
            yield from self._literal(given)
            return
        yield from self._generator.fixed('"')
        yield from self._sentences(schema.get("minLength", 1), schema.get("maxLength", math.inf))
        yield from self._generator.fixed('"')

    def _sentences(self, least: int, most: float) -> Iterator[Piece]:
        """Write sentences until the text is long enough, and cut it where it would be too long."""
        length = 0
        for sentence in count():
            for piece in self._sentence(first=sentence == 0):
                room = len(piece.text) if math.isinf(most) else int(most) - length
                text = piece.text.replace("\n", " ")[:room]
                length += len(text)
                yield replace(piece, text=json.dumps(text, ensure_ascii=False)[1:-1])
                if length >= most:
                    return
            if length >= least:
                return

    def _sentence(self, *, first: bool) -> Iterator[Piece]:
        if not first:
            yield from self._generator.fixed(" ")
        empty = True
        for piece in self._generator.sentence():
            empty = False
            yield piece
        if empty:  # a logit bias can end every sentence before it begins
            yield from self._generator.fixed("…")

    def _given(self, schema: Schema) -> str | None:
        """Return a string that needs no model, if there is one."""
        if "pattern" in schema:
            return self._fitting(schema)
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]]
        least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
        if self._names and least <= len(self._names[0]) <= most:
            return self._names.pop(0)
        return "" if most == 0 else None

    def _fitting(self, schema: Schema) -> str:
        """Find a text of the pattern; to invent one would need a model of regular expressions."""
        examples = [*self._names, *schema.get("examples", ()), schema.get("default")]
        for text in examples:
            if isinstance(text, str) and re.search(schema["pattern"], text):
                return text
        raise PracticeAPIError(
            f"The practice model cannot invent a string of the pattern {schema['pattern']!r}. "
            "Give one in the schema, as 'examples'.",
            "response_format",
        )


def _members(schema: Schema, depth: int) -> dict[str, Any]:
    """Return the members to write, with their schemas; deep down only those that must be."""
    required = schema.get("required", ())
    others = schema.get("additionalProperties", True)
    members = {
        name: member
        for name, member in schema.get("properties", {}).items()
        if name in required or depth < SHALLOW
    }
    members |= {name: others for name in required if name not in members}
    for number in range(1, 1 + min(schema.get("minProperties", 0), WINDOW) - len(members)):
        members[f"key_{number}"] = others
    if not members and isinstance(others, dict):
        members["key"] = others
    return members


def _items(schema: Schema, depth: int) -> Iterator[Any]:
    """Return the schemas of the items to write: as many as usual, within the limits."""
    first = list(schema.get("prefixItems", ()))
    others = schema.get("items", True)
    least = max(schema.get("minItems", 0), len(first))
    usual = least if depth >= SHALLOW or others is False else max(_USUAL_ITEMS, least)
    length = min(usual, schema.get("maxItems", usual))
    return islice(chain(first, repeat(others)), length)
