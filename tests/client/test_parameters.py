from __future__ import annotations

import ast
import inspect
import math
import numbers
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ParameterError
from chatwidget.client.request.parameters import PARAMETERS, RequestParameters, validate_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

SAMPLES: dict[str, Any] = {
    "number": 0.5,
    "integer": 1,
    "boolean": True,
    "string": "text",
    "array": ["text"],
    "object": {"50256": 5},
}
RANGED = {
    name: each
    for name, each in PARAMETERS.items()
    if {"number", "integer"} & set(each.kinds) and each.minimum is not None
}


class Whole(numbers.Integral):
    """An integer of another library, as numpy's: it is none of Python's own."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __int__(self) -> int:
        return self.value

    def __eq__(self, other: object) -> bool:
        return self.value == other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Whole({self.value})"


def _delegated(name: str) -> Any:
    return lambda self, *others: getattr(self.value, name)(*others)


for _name in Whole.__abstractmethods__:
    setattr(Whole, _name, _delegated(_name))
Whole.__abstractmethods__ = frozenset()


def refused(name: str, value: object) -> ParameterError:
    with pytest.raises(ParameterError) as caught:
        validate_parameters({name: value})
    return caught.value


def sample(name: str) -> Any:
    return SAMPLES[PARAMETERS[name].kinds[0]]


def test_the_table_and_the_types_name_the_same_parameters() -> None:
    assert list(RequestParameters.__annotations__) == list(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_types_say_what_the_table_says(name: str) -> None:
    hint = ast.parse(RequestParameters.__annotations__[name].__forward_arg__, mode="eval").body
    words = {
        "number": "float",
        "integer": "int",
        "boolean": "bool",
        "string": "str",
        "array": "Sequence",
        "object": "Mapping",
    }
    described = ["type", "UnionType"] if name == "response_format" else []  # they become objects
    assert _alternatives(hint) == [words[k] for k in PARAMETERS[name].kinds] + described + ["None"]


def _alternatives(hint: ast.expr) -> list[str]:
    """The types of a union, without what stands in brackets."""
    if isinstance(hint, ast.BinOp):
        return _alternatives(hint.left) + _alternatives(hint.right)
    return [ast.unparse(hint.value if isinstance(hint, ast.Subscript) else hint)]


SEED = [
    "temperature",
    "top_p",
    "n",
    "stop",
    "max_tokens",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "user",
    "seed",
    "response_format",
    "tools",
    "tool_choice",
    "functions",
    "function_call",
    "max_completion_tokens",
    "logprobs",
    "top_logprobs",
    "parallel_tool_calls",
    "reasoning_effort",
    "verbosity",
    "stream_options",
    "store",
    "metadata",
    "service_tier",
    "modalities",
    "audio",
    "prediction",
    "web_search_options",
    "prompt_cache_key",
    "safety_identifier",
]


@pytest.mark.parametrize("name", SEED)
def test_every_parameter_that_was_asked_for_is_there(name: str) -> None:
    assert name in PARAMETERS


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_parameter_explains_itself(name: str) -> None:
    parameter = PARAMETERS[name]
    assert parameter.name == name
    assert parameter.help.endswith(".")
    assert parameter.kinds
    assert parameter.default is None or validate_parameters({name: parameter.default})


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_value_of_the_right_kind_is_accepted(name: str) -> None:
    for kind in PARAMETERS[name].kinds:
        assert validate_parameters({name: SAMPLES[kind]}) == {name: SAMPLES[kind]}


@pytest.mark.parametrize(
    "choice", [(n, c) for n in PARAMETERS for c in PARAMETERS[n].choices], ids=str
)
def test_every_known_choice_is_accepted(choice: tuple[str, str]) -> None:
    assert validate_parameters(dict([choice])) == dict([choice])


def test_a_choice_that_is_not_known_is_the_servers_to_refuse() -> None:
    assert validate_parameters({"reasoning_effort": "extreme"}) == {"reasoning_effort": "extreme"}


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize(
    "wrong", [b"bytes", {1, 2}, object(), 1j, ...], ids=lambda v: type(v).__name__
)
def test_what_json_does_not_know_is_refused(name: str, wrong: object) -> None:
    error = refused(name, wrong)
    assert error.parameter == name
    assert str(error).startswith(f"{name} takes a")


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_value_of_a_wrong_kind_is_refused_with_name_kinds_and_value(name: str) -> None:
    kinds = set(PARAMETERS[name].kinds)
    if "number" in kinds:
        kinds.add("integer")
    for kind, value in SAMPLES.items():
        if kind in kinds:
            continue
        text = str(refused(name, value))
        assert text.startswith(f"{name} takes {PARAMETERS[name].describe()}; got ")
        assert repr(value) in text


@pytest.mark.parametrize("name", RANGED)
def test_the_ends_of_a_range_are_inside(name: str) -> None:
    for end in (RANGED[name].minimum, RANGED[name].maximum):
        if end is not None:
            assert validate_parameters({name: end}) == {name: end}


@pytest.mark.parametrize("name", RANGED)
def test_beyond_a_range_is_refused_with_name_range_and_value(name: str) -> None:
    minimum, maximum = RANGED[name].minimum, RANGED[name].maximum
    step = 1 if "integer" in RANGED[name].kinds else 0.001
    for value in [minimum - step] + ([] if maximum is None else [maximum + step]):
        text = str(refused(name, value))
        assert name in text
        assert f"{minimum:g}" in text
        assert maximum is None or f"{maximum:g}" in text
        assert repr(value) in text


def test_the_sentence_of_a_refusal() -> None:
    error = refused("temperature", 3)
    assert str(error) == "temperature takes a number from 0 to 2; got 3. Nothing was sent."
    assert isinstance(error, ValueError)
    assert str(refused("max_tokens", 0)).startswith("max_tokens takes an integer of at least 1;")
    assert str(refused("stop", [])).startswith("stop takes a string or an array of length from 1")


@pytest.mark.parametrize("name", [n for n, p in PARAMETERS.items() if "number" in p.kinds])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, Decimal("NaN")], ids=repr)
def test_numbers_that_are_not_finite_are_refused_F6(name: str, value: float) -> None:
    assert repr(value) in str(refused(name, value))


@pytest.mark.parametrize("name", [n for n, p in PARAMETERS.items() if "integer" in p.kinds])
def test_fractions_are_no_integers(name: str) -> None:
    refused(name, 1.5)
    refused(name, 1.0)


@pytest.mark.parametrize("name", RANGED)
def test_true_is_no_number(name: str) -> None:
    refused(name, True)  # noqa: FBT003 - the value under test


@pytest.mark.parametrize("value", [Fraction(1, 2), Decimal("0.5"), 0.5], ids=repr)
def test_numbers_of_other_libraries_become_floats(value: Any) -> None:
    (plain,) = validate_parameters({"temperature": value}).values()
    assert (plain, type(plain)) == (0.5, float)


@pytest.mark.parametrize("name", ["temperature", "n", "seed"])
def test_integers_of_other_libraries_become_pythons(name: str) -> None:
    (plain,) = validate_parameters({name: Whole(1)}).values()
    assert plain == 1
    assert type(plain) in (int, float)
    assert "Whole(-9)" in str(refused("n", Whole(-9)))


def test_integers_stay_integers_for_a_number() -> None:
    assert type(validate_parameters({"temperature": 1})["temperature"]) is int


def test_a_number_too_large_for_a_float_is_only_too_large() -> None:
    assert validate_parameters({"max_tokens": 10**400}) == {"max_tokens": 10**400}
    refused("seed", 10**400)
    refused("temperature", 10**400)


def test_any_mapping_is_an_object_and_any_tuple_an_array() -> None:
    bias: Mapping[str, int] = MappingProxyType({"50256": -100})
    plain = validate_parameters({"logit_bias": bias, "stop": ("a", "b")})
    assert plain == {"logit_bias": {"50256": -100}, "stop": ["a", "b"]}
    assert type(plain["logit_bias"]) is dict


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 0),
        ("temperature", 0.0),
        ("top_p", 0),
        ("seed", 0),
        ("top_logprobs", 0),
        ("presence_penalty", -0.0),
        ("logprobs", False),
        ("store", False),
        ("parallel_tool_calls", False),
        ("user", ""),
        ("stop", ""),
        ("tools", []),
        ("metadata", {}),
    ],
)
def test_zero_false_and_empty_are_values(name: str, value: object) -> None:
    assert validate_parameters({name: value}) == {name: value}


def test_none_is_left_out() -> None:
    assert validate_parameters(dict.fromkeys(PARAMETERS)) == {}
    assert validate_parameters({"temperature": None, "n": 2}) == {"n": 2}


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("temprature", "temperature"),
        ("max_token", "max_tokens"),
        ("top-p", "top_p"),
        ("frequency_penality", "frequency_penalty"),
    ],
)
@pytest.mark.parametrize("value", [1, None])
def test_an_unknown_name_suggests_the_nearest(name: str, near: str, value: object) -> None:
    error = refused(name, value)
    assert error.parameter == name
    assert str(error) == f"There is no request parameter {name!r}. Did you mean {near}?"


def test_an_unknown_name_like_no_other_points_to_extra_body() -> None:
    assert "extra_body sends any other field." in str(refused("zzz", 1))


def test_a_long_value_is_cut_in_the_message() -> None:
    assert len(str(refused("temperature", "x" * 10_000))) < 200


@pytest.mark.parametrize("name", [n for n, p in PARAMETERS.items() if p.replaced_by])
def test_a_deprecated_parameter_works_and_names_its_replacement(name: str) -> None:
    assert any(word in PARAMETERS for word in (PARAMETERS[name].replaced_by or "").split())
    assert validate_parameters({name: sample(name)}) == {name: sample(name)}


def test_the_deprecated_ones_are_these() -> None:
    assert [name for name, each in PARAMETERS.items() if each.replaced_by] == [
        "max_tokens",
        "functions",
        "function_call",
        "prompt_cache_retention",
        "user",
    ]


def test_the_flags_of_the_magic_are_unlike() -> None:
    flags = [each.flag for each in PARAMETERS.values() if each.flag]
    assert len(set(flags)) == len(flags)


@pytest.mark.parametrize(
    "options", [{"temperature": 3}, {"n": 0}, {"temprature": 1}, {"tools": "none"}], ids=str
)
def test_nothing_is_sent_with_a_wrong_parameter(
    client: ChatClient, options: dict[str, Any]
) -> None:
    with pytest.raises(ParameterError):
        client.create_chat_completion("Hello", "m", **options)
    assert client._http is None


def test_the_table_is_documented_in_the_signature() -> None:
    signature = inspect.signature(ChatClient.create_chat_completion)
    assert [name for name in signature.parameters if name in PARAMETERS] == list(PARAMETERS)
