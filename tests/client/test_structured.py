from __future__ import annotations

import datetime as dt
import enum
import json
import uuid
from collections.abc import Callable  # noqa: TC003 - pydantic reads it
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, TypedDict, TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field

import chatwidget.client.request.output_type
from chatwidget.client.errors import APIError, ParameterError, ParsingError
from chatwidget.client.request.body import encode_body, request_body
from chatwidget.client.request.output_type import parsed, parser, wire_format
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    FunctionCall,
    ToolCall,
)
from chatwidget.practice.service import PracticeService


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


@dataclass
class Review:
    """What somebody thinks."""

    title: str
    stars: Annotated[int, msgspec.Meta(ge=1, le=5)]
    mood: Mood = Mood.GOOD
    tags: list[str] = field(default_factory=list)
    author: str | None = None


class Tree(msgspec.Struct):
    label: Annotated[str, msgspec.Meta(description="A word.")]
    children: list[Tree] = []


class Circle(msgspec.Struct, tag=True):
    radius: float
    unit: str = "cm"


class Square(msgspec.Struct, tag=True, rename="camel"):
    side_length: float = 1.0


class Point(NamedTuple):
    x: int
    y: str


class Everything(msgspec.Struct, forbid_unknown_fields=True):
    when: dt.datetime
    day: dt.date
    hours: list[dt.time]
    maybe: dt.datetime | None
    takes: dt.timedelta
    price: Decimal
    key: uuid.UUID
    data: bytes
    unique: set[int]
    pair: tuple[int, str]
    point: Point
    shape: Circle | Square
    shapes: list[Circle | Square | None]
    choice: Literal["a", "b"] | None
    number: int | str | None
    word: Annotated[str, msgspec.Meta(description="A word.", max_length=20)]


class Movie(TypedDict, total=False):
    name: str
    year: int


class Ingredient(BaseModel):
    name: str = Field(description="What it is.", examples=["salt"])
    grams: float = Field(0.5, gt=0)


class Recipe(BaseModel):
    """How to cook."""

    title: str
    main: Ingredient = Field(description="The main thing.")
    others: list[Ingredient] = []
    follows: Recipe | None = None
    kind: Literal["soup", "cake"] = "cake"
    rank: Literal[1, "first", None] = 1  # noqa: PYI061 - as a user may write it


T = TypeVar("T")
Label = NewType("Label", str)


class Box(msgspec.Struct, Generic[T]):
    content: T


KINDS: dict[str, Any] = {
    "dataclass": Review,
    "Struct": Tree,
    "Struct with everything": Everything,
    "TypedDict": Movie,
    "pydantic": Recipe,
    "generic": Box[int],
    "list": list[int],
    "list of pydantic": list[Ingredient],
    "pydantic or nothing": Ingredient | None,
    "tagged union": Circle | Square,
    "enum": Mood,
    "literal": Literal["yes", "no"],
    "number": float,
    "text": str,
    "annotated": Annotated[int, msgspec.Meta(ge=0)],
    "tuple": tuple[int, str],
    "named tuple": Point,
    "new type": Label,
}
KEYWORDS = {
    *("type", "title", "description", "enum", "const", "pattern", "format", "multipleOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"),
    *("$ref", "$defs", "anyOf", "items", "properties", "required", "additionalProperties"),
}


def schema(kind: Any) -> dict[str, Any]:
    wire: Any = wire_format(kind)
    found: dict[str, Any] = wire["json_schema"]["schema"]
    return found


def read(kind: Any, text: str) -> Any:
    parse = parser(kind)
    assert parse is not None
    return parse(text)


def nodes(each: Any) -> list[dict[str, Any]]:
    """Every schema inside a schema."""
    if not isinstance(each, dict):
        return []
    inner = [*each.get("properties", {}).values(), *each.get("$defs", {}).values()]
    inner += [*each.get("anyOf", ()), *([each["items"]] if "items" in each else [])]
    return [each, *(found for one in inner for found in nodes(one))]


def answer(text: str | None = None, finish_reason: str = "stop", **message: Any) -> ChatCompletion:
    told = ChatCompletionMessage(content=text, **message)
    return ChatCompletion(choices=[Choice(message=told, finish_reason=finish_reason)])


def failure(completion: ChatCompletion, kind: Any = Review) -> ParsingError:
    with pytest.raises(ParsingError) as caught:
        parsed(completion, parser(kind))
    assert caught.value.completion is completion
    assert isinstance(caught.value, APIError)
    assert caught.value.__cause__ is caught.value.__context__ is None
    return caught.value


# What is sent.


def test_a_type_becomes_a_strict_schema() -> None:
    assert wire_format(Review) == {
        "type": "json_schema",
        "json_schema": {
            "name": "Review",
            "strict": True,
            "schema": {
                "title": "Review",
                "description": "What somebody thinks.",
                "type": "object",
                "properties": {
                    "title": {"type": "string"},
                    "stars": {"type": "integer", "minimum": 1, "maximum": 5},
                    "mood": {
                        "anyOf": [
                            {
                                "anyOf": [{"$ref": "#/$defs/Mood"}],
                                "description": '(default: "good")',
                            },
                            {"type": "null"},
                        ]
                    },
                    "tags": {
                        "anyOf": [
                            {"type": "array", "items": {"type": "string"}},
                            {"type": "null"},
                        ]
                    },
                    "author": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                },
                "required": ["title", "stars", "mood", "tags", "author"],
                "additionalProperties": False,
                "$defs": {"Mood": {"title": "Mood", "enum": ["bad", "good"], "type": "string"}},
            },
        },
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_schema_keeps_to_the_vendors_subset(kind: Any) -> None:
    whole = schema(kind)
    Draft202012Validator.check_schema(whole)
    assert whole["type"] == "object"
    for node in nodes(whole):
        assert set(node) <= KEYWORDS
        assert "type" in node or "anyOf" in node or set(node) == {"$ref"}
        if "$ref" in node:
            assert node["$ref"].removeprefix("#/$defs/") in whole["$defs"]
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
        if node.get("type") == "array":
            assert node["items"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_names_are_those_that_the_vendor_allows(kind: Any) -> None:
    wire: Any = wire_format(kind)
    name = wire["json_schema"]["name"]
    assert name.isascii()
    assert name.replace("_", "").replace("-", "").isalnum()
    assert len(name) <= 64


def test_only_what_is_used_is_defined() -> None:
    assert "$defs" not in schema(Movie)
    assert list(schema(Tree)["$defs"]) == ["Tree"]
    assert list(schema(Recipe)["$defs"]) == ["Ingredient", "Recipe"]


def test_what_the_subset_lacks_is_said_in_words() -> None:
    word = schema(Everything)["properties"]["word"]
    assert word == {"type": "string", "description": "A word. (maxLength: 20)"}
    name = schema(Ingredient)["properties"]["name"]
    assert name["description"] == 'What it is. (examples: ["salt"])'
    pair = schema(tuple[int, str])["properties"]["value"]
    assert pair["description"] == '(prefixItems: [{"type": "integer"}, {"type": "string"}])'
    assert schema(Everything)["properties"]["data"]["description"] == '(contentEncoding: "base64")'


def test_an_enumeration_tells_the_types_of_its_values() -> None:
    properties = schema(Recipe)["properties"]
    assert properties["kind"]["anyOf"][0]["type"] == "string"
    assert properties["rank"]["type"] == ["integer", "string", "null"]


def test_dates_say_their_format() -> None:
    properties = schema(Everything)["properties"]
    assert properties["when"]["format"] == "date-time"
    assert properties["day"]["format"] == "date"
    assert properties["hours"]["items"]["format"] == "time"
    assert properties["maybe"]["anyOf"][0]["format"] == "date-time"


def test_beside_a_reference_nothing_stands() -> None:
    assert schema(Recipe)["properties"]["main"] == {
        "description": "The main thing.",
        "anyOf": [{"$ref": "#/$defs/Ingredient"}],
    }


def test_what_is_no_object_stands_in_one() -> None:
    assert schema(list[int])["properties"] == {
        "value": {"type": "array", "items": {"type": "integer"}}
    }


LOOSE: dict[str, tuple[Any, str]] = {
    "dict": (dict[str, int], "allows any keys"),
    "list of anything": (list, "allows any value"),
    "field": (Box[dict[str, int]], ".content allows any keys"),
    "nested field": (list[Box[Any]], ".content allows any value"),
}


@pytest.mark.parametrize("case", LOOSE.values(), ids=LOOSE)
def test_what_cannot_be_strict_is_refused_with_its_place(case: tuple[Any, str]) -> None:
    kind, reason = case
    with pytest.raises(ParameterError) as caught:
        wire_format(kind)
    assert reason in str(caught.value)
    assert caught.value.parameter == "response_format"


class Opaque:
    pass


class Uncallable(BaseModel):
    call: Callable[[], int]


@pytest.mark.parametrize(
    "kind", [Opaque, list[Opaque], Circle | Ingredient, object, Uncallable], ids=str
)
def test_what_cannot_be_described_is_refused_with_what_can(kind: Any) -> None:
    for use in (wire_format, parser):
        with pytest.raises(ParameterError, match="Give a msgspec Struct, a dataclass") as caught:
            use(kind)
        assert caught.value.parameter == "response_format"
        assert "\n" not in str(caught.value)
        assert "http" not in str(caught.value)


def test_two_types_of_one_name_are_refused_or_kept_apart() -> None:
    first = msgspec.defstruct("Inner", [("a", int)])
    second = msgspec.defstruct("Inner", [("b", str)])
    for one, two in ((first, second), (Recipe, _same_name())):
        with pytest.raises(ParameterError, match="two different types have the name"):
            wire_format(msgspec.defstruct("Pair", [("one", one), ("two", two)]))


def _same_name() -> type:
    class Ingredient(BaseModel):
        part: Review

    class Outer(BaseModel):
        inner: Ingredient

    return Outer


@pytest.mark.parametrize(
    "given", [None, {"type": "json_object"}, {"type": "json_schema", "json_schema": {}}, "json", 7]
)
def test_what_is_no_type_goes_as_it_is(given: Any) -> None:
    assert wire_format(given) is given
    assert parser(given) is None


def test_an_instance_is_no_type() -> None:
    with pytest.raises(ParameterError, match="response_format takes an object; got Review"):
        request_body("Hi", "m", {"response_format": Review("a", 1)}, stream=False)


def test_the_body_carries_the_schema() -> None:
    body = request_body("Hi", "m", {"response_format": Recipe, "n": None}, stream=False)
    assert json.loads(encode_body(body))["response_format"] == wire_format(Recipe)


def test_pydantic_is_not_imported() -> None:
    assert "pydantic" not in vars(chatwidget.client.request.output_type)


# What is read.

texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.builds(Ingredient, name=texts, grams=st.floats(0.001, 1e9))
trees = st.recursive(
    st.builds(Tree, texts, st.just([])),
    lambda inner: st.builds(Tree, texts, st.lists(inner, max_size=3)),
    max_leaves=8,
)
shapes = st.one_of(
    st.builds(Circle, st.floats(allow_nan=False, allow_infinity=False), texts),
    st.builds(Square, st.floats(allow_nan=False, allow_infinity=False)),
)
INSTANCES: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "dataclass": (
        Review,
        st.builds(
            Review,
            texts,
            st.integers(1, 5),
            st.sampled_from(Mood),
            st.lists(texts),
            st.none() | texts,
        ),
    ),
    "Struct": (Tree, trees),
    "union": (Circle | Square, shapes),
    "list": (list[Circle | Square], st.lists(shapes)),
    "TypedDict": (
        Movie,
        st.fixed_dictionaries({}, optional={"name": texts, "year": st.integers(0, 3000)}),
    ),
    "pydantic": (
        Recipe,
        st.builds(
            Recipe,
            title=texts,
            main=names,
            others=st.lists(names, max_size=3),
            follows=st.none(),
            kind=st.sampled_from(["soup", "cake"]),
            rank=st.sampled_from([1, "first", None]),
        ),
    ),
    "date": (dt.datetime, st.datetimes(timezones=st.just(dt.timezone.utc))),
    "tuple": (tuple[int, str], st.tuples(st.integers(-(2**53), 2**53), texts)),
    "nothing or text": (str | None, st.none() | texts),
}


def _written(value: Any, kind: Any, *, leave_out: bool) -> str:
    """The JSON that a model would write, with null for what it may leave out."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    plain = json.loads(msgspec.json.encode(plain))
    if schema(kind).get("title") == "Answer":
        plain = {"value": plain}
    elif leave_out:
        plain = {name: plain.get(name) for name in schema(kind)["properties"]}
    return json.dumps(plain)


@pytest.mark.parametrize("case", INSTANCES.values(), ids=INSTANCES)
@settings(deadline=None)
@given(data=st.data())
def test_every_instance_comes_back_from_its_json(
    case: tuple[Any, st.SearchStrategy[Any]], data: st.DataObject
) -> None:
    kind, strategy = case
    value = data.draw(strategy)
    text = _written(value, kind, leave_out=True)
    assert read(kind, text) == value
    assert parsed(answer(text), parser(kind)).parsed == value


@given(value=INSTANCES["dataclass"][1])
def test_the_json_of_an_instance_fits_the_schema(value: Review) -> None:
    validator = Draft202012Validator(schema(Review))
    validator.validate(json.loads(_written(value, Review, leave_out=True)))


def test_null_stands_for_the_default_where_null_is_no_value() -> None:
    text = '{"title": "a", "stars": 1, "mood": null, "tags": null, "author": null}'
    assert read(Review, text) == Review("a", 1)
    assert read(Movie, '{"name": null, "year": 1999}') == {"year": 1999}
    assert read(Tree, '{"label": "a", "children": null}') == Tree("a")
    nested = '{"label": "a", "children": [{"label": "b", "children": null}]}'
    assert read(Tree, nested) == Tree("a", [Tree("b")])
    main = '{"name": "salt", "grams": null}'
    told = f'{{"title": "a", "main": {main}, "others": [{main}], "follows": null, "kind": null}}'
    salt = Ingredient(name="salt", grams=0.5)
    assert read(Recipe, told) == Recipe(title="a", main=salt, others=[salt])


def test_null_stands_for_the_default_in_the_right_member_of_a_union() -> None:
    assert read(Circle | Square, '{"value": {"type": "Square", "sideLength": null}}') == Square()
    circles = '{"value": [{"type": "Circle", "radius": 2, "unit": null}, null]}'
    assert read(list[Circle | Square | None], circles) == [Circle(2.0), None]


def test_null_for_what_is_required_is_wrong() -> None:
    with pytest.raises(ParsingError, match=r"Expected `int`, got `null` - at `\$.stars`"):
        read(Review, '{"title": "a", "stars": null}')


def test_everything_is_read() -> None:
    told: dict[str, Any] = {
        "when": "2026-01-15T09:30:00Z",
        "day": "2026-01-15",
        "hours": ["09:30:00"],
        "maybe": None,
        "takes": "PT15M",
        "price": "0.10",
        "key": "3f2b8c1e-5d4a-4b6f-9a7c-1e2d3c4b5a69",
        "data": "AAE=",
        "unique": [1, 1],
        "pair": [1, "a"],
        "point": [2, "b"],
        "shape": {"type": "Square", "sideLength": None},
        "shapes": [{"type": "Circle", "radius": 1, "unit": None}],
        "choice": None,
        "number": "seven",
        "word": "a",
    }
    found = read(Everything, json.dumps(told))
    assert found.when == dt.datetime(2026, 1, 15, 9, 30, tzinfo=dt.timezone.utc)
    assert (found.price, found.data, found.unique) == (Decimal("0.10"), b"\x00\x01", {1})
    assert (found.pair, found.point) == ((1, "a"), Point(2, "b"))
    assert (found.shape, found.shapes) == (Square(), [Circle(1.0)])


def test_only_the_first_choice_is_read() -> None:
    completion = answer('{"value": 1}')
    completion.choices.append(Choice(1, ChatCompletionMessage(content="nonsense"), "stop"))
    assert parsed(completion, parser(int)).parsed == 1


def test_the_completion_stays_what_it_was() -> None:
    completion = answer('{"value": 1}')
    found = parsed(completion, parser(int))
    assert (found.parsed, found.text, found.choices) == (1, completion.text, completion.choices)
    assert completion.parsed is None


def test_without_a_type_nothing_is_read() -> None:
    completion = answer("Hello")
    assert parsed(completion, parser({"type": "json_object"})) is completion


def test_a_call_of_a_tool_is_no_answer_yet() -> None:
    calls = answer(finish_reason="tool_calls", tool_calls=[ToolCall("c", "function")])
    assert parsed(calls, parser(Review)) is calls
    old = answer(finish_reason="function_call", function_call=FunctionCall("f", "{}"))
    assert parsed(old, parser(Review)) is old


# What goes wrong.


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"title": "a"', "Input data was truncated"),
        ("Here you are!", "JSON is malformed"),
        ('{"title": "a", "stars": 9}', "<= 5"),
        ('{"title": 7, "stars": 1}', "Expected `str`, got `int` - at `$.title`"),
        ('{"stars": 1}', "missing required field `title`"),
        ('{"title": "a", "stars": 1, "mood": "mixed"}', "Invalid enum value"),
        ("[]", "Expected `object`"),
        ("\ud83d", "The answer is no Review"),
    ],
)
def test_a_wrong_answer_is_an_error_with_the_text_kept(text: str, reason: str) -> None:
    error = failure(answer(text))
    assert str(error).startswith("The answer is no Review: ")
    assert reason in str(error)
    assert error.completion is not None
    assert error.completion.text == text


def test_the_report_of_pydantic_becomes_one_line() -> None:
    error = failure(answer('{"name": "salt", "grams": -1}'), Ingredient)
    assert error.message == (
        "The answer is no Ingredient: Input should be greater than 0 - at `$.grams`."
    )


def test_an_answer_that_was_cut_says_so() -> None:
    error = failure(answer('{"title": "a', "length"))
    assert "cut at its greatest length" in str(error)
    assert "max_completion_tokens" in error.hint


def test_an_answer_that_was_filtered_says_so() -> None:
    assert "content filter" in str(failure(answer('{"title": "a', "content_filter")))


def test_a_whole_answer_is_read_whatever_the_server_says_of_its_end() -> None:
    assert parsed(answer('{"value": 1}', "length"), parser(int)).parsed == 1


def test_a_refusal_says_what_the_model_said() -> None:
    error = failure(answer(refusal="I cannot help with that." + "!" * 1000))
    assert str(error).startswith("The model refused: I cannot help with that.")
    assert len(str(error)) < 300


@pytest.mark.parametrize("nothing", [answer(), answer(""), ChatCompletion(choices=[])], ids=repr)
def test_no_text_says_so(nothing: ChatCompletion) -> None:
    assert "has no text" in str(failure(nothing))


@pytest.mark.parametrize("raised", [ValueError("odd"), KeyError("odd"), ZeroDivisionError("odd")])
def test_what_a_type_raises_by_itself_is_reported(raised: Exception) -> None:
    @dataclass
    class Fussy:
        a: int

        def __post_init__(self) -> None:
            raise raised

    assert "odd" in str(failure(answer('{"a": 1}'), Fussy))


# With the practice model, which writes an instance of whatever schema it gets.


@cache
def service() -> PracticeService:
    return PracticeService()


# What the strict subset leaves to the description, the practice model does not read.
WRITABLE = {
    n: k for n, k in KINDS.items() if n not in {"Struct with everything", "tuple", "named tuple"}
}


@pytest.mark.parametrize("kind", WRITABLE.values(), ids=WRITABLE)
def test_the_practice_model_writes_an_instance_of_the_type(kind: Any) -> None:
    options = {"response_format": kind, "seed": 7, "max_tokens": 2000}
    body = request_body("Tell me about sampling.", "practice", options, stream=False)
    reply = service().reply("POST", "/v1/chat/completions", "", encode_body(body))
    said = msgspec.json.decode(b"".join(reply.parts))
    assert reply.status == 200, said
    text = said["choices"][0]["message"]["content"]
    Draft202012Validator(schema(kind)).validate(json.loads(text))
    found = parsed(answer(text), parser(kind)).parsed
    assert msgspec.convert(found, kind, dec_hook=lambda _, value: value) == found
