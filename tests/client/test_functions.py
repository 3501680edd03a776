from __future__ import annotations

import asyncio
import datetime as dt
import enum
import functools
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field
from typing_extensions import Doc, Required

from chatwidget.client.errors import ParameterError, ParsingError
from chatwidget.client.request.body import encode_body, request_body
from chatwidget.client.request.tool_schema import bind_function, function_tool, wire_tools

if TYPE_CHECKING:
    from collections.abc import Callable


def call_function(function: Callable[..., Any], arguments: str) -> Any:
    """Call a function as a model asks for it."""
    return bind_function(function, arguments)()


class Unit(enum.Enum):
    CELSIUS = "c"
    FAHRENHEIT = "f"


@dataclass
class Place:
    """Where something is."""

    city: str
    country: str | None = None


class Range(msgspec.Struct):
    first: dt.date
    days: int = 1


class Options(TypedDict, total=False):
    wind: bool


class Model(BaseModel):
    level: int = Field(ge=0)


def weather(
    place: Place,
    unit: Unit = Unit.CELSIUS,
    *,
    when: Range | None = None,
    detail: Literal["low", "high"] = "low",
    options: Options | None = None,
    stations: list[int] | None = None,
    model: Model | None = None,
) -> tuple[Any, ...]:
    """Tell the weather.

    Parameters
    ----------
    place
        Where to look.
    detail
        How much to tell.
    """
    return place, unit, when, detail, options, stations, model


def parameters(function: Any) -> dict[str, Any]:
    schema: dict[str, Any] = function_tool(function)["function"]["parameters"]
    Draft202012Validator.check_schema(schema)
    return schema


def refused(function: Any) -> str:
    with pytest.raises(ParameterError) as caught:
        function_tool(function)
    assert caught.value.parameter == "tools"
    return str(caught.value)


def not_called(function: Any, arguments: str) -> str:
    with pytest.raises(ParsingError) as caught:
        call_function(function, arguments)
    assert str(caught.value).endswith("It was not called.")
    return str(caught.value)


def test_a_function_is_described_by_its_hints_and_its_docstring() -> None:
    def add(first: int, second: float = 0.5) -> float:
        """Add two numbers.

        Args:
            first: The one.
        """
        return first + second

    assert function_tool(add) == {
        "type": "function",
        "function": {
            "name": "add",
            "description": "Add two numbers.",
            "parameters": {
                "type": "object",
                "properties": {
                    "first": {"type": "integer", "description": "The one."},
                    "second": {"type": "number", "default": 0.5},
                },
                "required": ["first"],
                "additionalProperties": False,
            },
        },
    }


def test_every_kind_of_hint_is_described() -> None:
    schema = parameters(weather)
    assert schema["required"] == ["place"]
    assert list(schema["properties"]) == [
        "place",
        "unit",
        "when",
        "detail",
        "options",
        "stations",
        "model",
    ]
    assert schema["properties"]["place"] == {
        "$ref": "#/$defs/Place",
        "description": "Where to look.",
    }
    assert schema["properties"]["detail"] == {
        "enum": ["high", "low"],
        "description": "How much to tell.",
        "default": "low",
    }
    assert set(schema["$defs"]) == {"Place", "Unit", "Range", "Options"}


def test_arguments_become_what_the_hints_say() -> None:
    text = json.dumps(
        {
            "place": {"city": "Bonn"},
            "unit": "f",
            "when": {"first": "2026-01-15"},
            "detail": "high",
            "options": {"wind": True},
            "stations": [1, 2],
            "model": {"level": 3},
        }
    )
    assert call_function(weather, text) == (
        Place("Bonn"),
        Unit.FAHRENHEIT,
        Range(dt.date(2026, 1, 15)),
        "high",
        {"wind": True},
        [1, 2],
        Model(level=3),
    )


def test_what_is_left_out_gets_the_functions_own_default() -> None:
    marker = object()

    def find(name: str, cache: Any = marker) -> Any:
        return name, cache

    assert "default" not in parameters(find)["properties"]["cache"]
    assert call_function(find, '{"name": "a"}') == ("a", marker)


def test_a_description_comes_from_the_hint_before_the_docstring() -> None:
    def find(
        by_text: Annotated[str, "from the hint"],
        by_meta: Annotated[str, msgspec.Meta(description="from the meta", max_length=3)],
        by_docstring: str,
    ) -> None:
        """Find.

        :param by_text: no
        :param by_meta: no
        :param by_docstring: from the docstring
        """

    properties = parameters(find)["properties"]
    assert properties == {
        "by_text": {"type": "string", "description": "from the hint"},
        "by_meta": {"type": "string", "description": "from the meta", "maxLength": 3},
        "by_docstring": {"type": "string", "description": "from the docstring"},
    }
    assert "length <= 3" in not_called(
        find, '{"by_text": "", "by_meta": "long", "by_docstring": ""}'
    )


class Station:
    """A station.

    Parameters
    ----------
    name
        What it is called.
    """

    def __init__(self, name: str) -> None: ...

    def tell(self, city: str, day: str = "today") -> str:
        """Tell the weather.

        Args:
            city: The name of the city.
            day: The day.
        """
        return city + day

    def __call__(self, city: str) -> str:
        """Call the station.

        Args:
            city: The name of the city.
        """
        return city


class Silent(Station):
    def __init__(self, name: str, height: int = 0) -> None:
        """Build it.

        Args:
            height: Its height in metres.
        """

    def tell(self, city: str, day: str = "today") -> str:
        return city + day

    def __call__(self, city: str) -> str:
        return city


class Curt(Silent):
    def tell(self, city: str, day: str = "today", hour: int = 0) -> str:
        """Tell it by the hour.

        Args:
            day: The day of the week.
            hour: The hour.
        """
        return city + day + str(hour)


@dataclass
class Site:
    """A site.

    Attributes
    ----------
    city
        The name of the city.
    """

    city: str


@dataclass
class Peak(Site):
    """A peak.

    Attributes
    ----------
    height
        In metres.
    """

    height: float = math.inf


@pytest.mark.parametrize(
    ("function", "description", "texts"),
    [
        (
            Silent("a").tell,
            "Tell the weather.",
            {"city": "The name of the city.", "day": "The day."},
        ),
        (
            Curt("a").tell,
            "Tell it by the hour.",
            {"city": "The name of the city.", "day": "The day of the week.", "hour": "The hour."},
        ),
        (Silent("a"), "Call the station.", {"city": "The name of the city."}),
        (Silent, "Build it.", {"name": "What it is called.", "height": "Its height in metres."}),
        (Peak, "A peak.", {"city": "The name of the city.", "height": "In metres."}),
        (
            functools.partial(Curt("a").tell, day="now"),
            "Tell it by the hour.",
            {"city": "The name of the city.", "hour": "The hour."},
        ),
    ],
)
def test_docstrings_of_base_classes_count(
    function: Any, description: str, texts: dict[str, str]
) -> None:
    assert function_tool(function)["function"]["description"] == description
    described = parameters(function)["properties"]
    assert {name: each.get("description") for name, each in described.items()} == texts


def test_the_fields_of_a_class_are_told_with_those_that_it_inherits() -> None:
    def climb(peak: Peak) -> None: ...

    peak = parameters(climb)["$defs"]["Peak"]
    assert peak["description"] == "A peak."
    assert peak["properties"] == {
        "city": {"type": "string", "description": "The name of the city."},
        "height": {"type": "number", "description": "In metres."},
    }


class Noted(TypedDict, total=False):
    city: Required[Annotated[str, "the city"]]
    day: Annotated[str, "the day"]


@dataclass
class Where:
    city: Annotated[str, "the city"]
    day: Annotated[str, "the day"] | None = None


class Placed(msgspec.Struct, rename="camel"):
    city_name: Annotated[str, "the city"]


def test_a_text_beside_a_hint_is_found_wherever_the_hint_stands() -> None:
    def tell(
        *,
        place: Where,
        noted: Noted,
        placed: Placed,
        city: Annotated[str, "the city"],
        day: Annotated[str, Doc("the day")] | None = None,
        hour: Annotated[int, Field(description="the hour")] = 0,
    ) -> None: ...

    described = parameters(tell)
    classes = described["$defs"]
    told = {name: each.get("description") for name, each in described["properties"].items()}
    assert told == {
        **dict.fromkeys(("place", "noted", "placed")),
        "city": "the city",
        "day": "the day",
        "hour": "the hour",
    }
    for name in ("Where", "Noted"):
        fields = classes[name]["properties"]
        assert [fields[each]["description"] for each in ("city", "day")] == ["the city", "the day"]
    assert classes["Placed"]["properties"]["cityName"]["description"] == "the city"


class Bounds(BaseModel):
    top: float = math.inf


@dataclass
class Span:
    low: float = -math.inf
    ends: tuple[float, ...] = (0.0, math.nan)
    note: str = "all"


def test_a_default_that_json_does_not_have_is_not_told_and_holds() -> None:
    def look(
        *,
        top: float = math.inf,
        low: float = -math.inf,
        odd: float = math.nan,
        half: float = 0.5,
        bounds: Bounds | None = None,
        span: Span | None = None,
    ) -> tuple[float, ...]:
        return top, low, odd, half

    body = request_body("Hi", "m", {"tools": [look]}, stream=False, extra_body=None)
    described = json.loads(encode_body(body), parse_constant=pytest.fail)["tools"][0]["function"]
    found = described["parameters"]["properties"]
    assert [name for name, each in found.items() if "default" in each] == ["half"]
    assert described["parameters"]["$defs"]["Span"]["properties"]["note"]["default"] == "all"
    assert call_function(look, "{}")[:2] == (math.inf, -math.inf)


@dataclass
class Box:
    content: object
    label: object = None


def test_an_object_takes_any_json() -> None:
    def keep(
        one: object, many: list[object], named: dict[str, object], box: Box, none: object = None
    ) -> tuple[object, ...]:
        return one, many, named, box, none

    described = parameters(keep)
    assert described["properties"]["one"] == {}
    assert described["properties"]["many"] == {"type": "array", "items": {}}
    assert described["$defs"]["Box"]["properties"]["content"] == {}
    given = {"one": {"a": 1}, "many": [1, "b", None], "named": {"c": [2]}, "box": {"content": 3}}
    assert call_function(keep, json.dumps(given)) == (
        {"a": 1},
        [1, "b", None],
        {"c": [2]},
        Box(3),
        None,
    )


def test_a_parameter_without_a_hint_takes_any_json() -> None:
    def keep(thing, other=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return thing, other

    assert parameters(keep)["properties"] == {"thing": {}, "other": {}}
    assert call_function(keep, '{"thing": {"a": [1, null]}}') == ({"a": [1, None]}, None)


def test_a_function_without_parameters_is_called_without_arguments() -> None:
    assert parameters(lambda: 7)["properties"] == {}
    for nothing in ("", " ", "{}"):
        assert call_function(lambda: 7, nothing) == 7


def test_positional_parameters_are_given_by_position() -> None:
    def power(base: int, exponent: int = 2, /) -> int:
        return int(base**exponent)

    assert call_function(power, '{"base": 3}') == 9
    assert call_function(power, '{"exponent": 3, "base": 2}') == 8


def test_free_keywords_are_not_shown() -> None:
    def find(name: str, **others: int) -> Any:
        return name, others

    assert list(parameters(find)["properties"]) == ["name"]
    assert call_function(find, '{"name": "a"}') == ("a", {})
    assert "unknown field `b`" in not_called(find, '{"name": "a", "b": 1}')


def test_free_positions_are_refused_with_a_way_out() -> None:
    text = refused(lambda *numbers: sum(numbers))
    assert "*numbers" in text
    assert "Wrap it in a function that takes a list." in text


class Clock:
    """Tells the time."""

    def __init__(self, zone: str = "UTC") -> None:
        self.zone = zone

    def at(self, hour: int) -> str:
        """Tell an hour."""
        return f"{hour} {self.zone}"

    def __call__(self, hour: int) -> str:
        return self.at(hour)

    @classmethod
    def make(cls, zone: str) -> Clock:
        return cls(zone)

    @staticmethod
    def half(hour: float) -> float:
        return hour / 2


def _decorated(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


CALLABLES: dict[str, tuple[Any, str, str, Any]] = {
    "method": (Clock("CET").at, "at", '{"hour": 1}', "1 CET"),
    "callable object": (Clock("CET"), "Clock", '{"hour": 1}', "1 CET"),
    "static method": (Clock.half, "half", '{"hour": 1}', 0.5),
    "partial": (functools.partial(Clock("CET").at, hour=2), "at", "{}", "2 CET"),
    "partial by position": (functools.partial(pow, 2), "pow", '{"exp": 3}', 8),
    "partial of a partial": (
        functools.partial(functools.partial(Clock("CET").at), hour=2),
        "at",
        "{}",
        "2 CET",
    ),
    "decorated": (_decorated(Clock("CET").at), "at", '{"hour": 1}', "1 CET"),
    "builtin": (math.sqrt, "sqrt", '{"x": 4}', 2.0),
    "class": (Place, "Place", '{"city": "Bonn"}', Place("Bonn")),
    "Struct": (
        Range,
        "Range",
        '{"first": "2026-01-15"}',
        Range(dt.date(2026, 1, 15)),
    ),
}


@pytest.mark.parametrize("case", CALLABLES.values(), ids=CALLABLES)
def test_any_callable_is_a_tool(case: tuple[Any, str, str, Any]) -> None:
    function, name, arguments, result = case
    assert function_tool(function)["function"]["name"] == name
    assert parameters(function)["type"] == "object"
    assert call_function(function, arguments) == result


def test_the_hints_of_methods_count() -> None:
    for function in (Clock("CET").at, Clock("CET"), _decorated(Clock().at)):
        assert "Expected `int`" in not_called(function, '{"hour": "1"}')
    assert function_tool(Clock("CET"))["function"]["description"] == "Tells the time."
    assert call_function(Clock.make, '{"zone": "CET"}').zone == "CET"


def test_bound_arguments_are_not_the_models_to_change() -> None:
    def read(path: str, root: str) -> str:
        return root + path

    safe = functools.partial(read, root="/home/")
    assert list(parameters(safe)["properties"]) == ["path"]
    assert call_function(safe, '{"path": "a"}') == "/home/a"
    not_called(safe, '{"path": "a", "root": "/"}')


def test_a_coroutine_function_returns_its_coroutine() -> None:
    async def wait(seconds: int) -> int:
        await asyncio.sleep(0)
        return seconds

    assert parameters(wait)["required"] == ["seconds"]
    assert asyncio.run(call_function(wait, '{"seconds": 3}')) == 3


def test_names_are_those_that_the_vendor_allows() -> None:
    def size() -> None: ...

    size.__name__ = "größe"
    assert function_tool(size)["function"]["name"] == "gr__e"
    assert function_tool(lambda: None)["function"]["name"] == "_lambda_"
    size.__name__ = "a" * 100
    assert function_tool(size)["function"]["name"] == "a" * 64


def test_a_type_that_json_cannot_describe_is_refused_by_the_name_of_its_parameter() -> None:
    def draw(size: int, canvas: Clock) -> None: ...

    text = refused(draw)
    assert "draw has a parameter, canvas, of a type that JSON cannot describe" in text


def test_a_hint_that_means_nothing_is_refused() -> None:
    def draw(canvas: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    assert "Nowhere" in refused(draw)


def test_a_function_without_a_signature_is_refused() -> None:
    assert "does not tell its parameters" in refused("text".startswith)


@pytest.mark.parametrize(
    "arguments",
    [
        '{"place": {"city": "Bo',
        '{"place": {"city": "Bonn"}',
        '{"place": {"city": 1}}',
        '{"place": {}}',
        "{}",
        "",
        "[]",
        "null",
        "nonsense",
        '{"place": {"city": "Bonn"}, "detail": "medium"}',
        '{"place": {"city": "Bonn"}, "model": {"level": -1}}',
        '{"place": {"city": "Bonn"}, "invented": 1}',
        '{"place": {"city": "Bonn"}} {}',
        '{"place": {"city": "\ud83d"}}',
    ],
)
def test_a_cut_or_wrong_call_is_never_made(arguments: str) -> None:
    called = []

    @functools.wraps(weather)
    def watched(*args: Any, **kwargs: Any) -> None:
        called.append((args, kwargs))

    assert not_called(watched, arguments).startswith("The arguments of the call to weather are")
    assert not called


@given(st.integers(0, 200))
def test_no_beginning_of_a_call_is_called(length: int) -> None:
    whole = '{"place": {"city": "Bonn", "country": "Germany"}, "unit": "f"}'
    if length < len(whole):
        not_called(weather, whole[:length])


def test_what_a_function_raises_reaches_the_caller() -> None:
    def divide(by: int) -> float:
        return 1 / by

    with pytest.raises(ZeroDivisionError):
        call_function(divide, '{"by": 0}')


def test_tools_may_mix_functions_and_dictionaries() -> None:
    by_hand = {"type": "custom", "custom": {"name": "g"}}
    body = request_body("Hi", "m", {"tools": [weather, by_hand]}, stream=False)
    assert body["tools"] == [function_tool(weather), by_hand]
    assert json.loads(encode_body(body)) == body


@pytest.mark.parametrize("tools", [None, "none", 7, []])
def test_what_is_no_list_of_tools_is_left_for_the_check(tools: Any) -> None:
    assert wire_tools(tools) == tools


def test_what_is_neither_function_nor_dictionary_is_refused_with_its_place() -> None:
    with pytest.raises(ParameterError, match=r"tools\[1\] is str"):
        wire_tools([weather, "weather"])


def test_two_functions_of_one_name_are_refused() -> None:
    with pytest.raises(ParameterError, match="two functions have the name _lambda_"):
        wire_tools([lambda: 1, lambda: 2])


def test_a_single_function_is_no_list() -> None:
    with pytest.raises(ParameterError, match="tools takes an array"):
        request_body("Hi", "m", {"tools": weather}, stream=False)
