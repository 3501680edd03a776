from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from chatwidget.practice.schema_sampler import proper_names
from practice.asking import ask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.practice.model import PracticeModel

    Models = Mapping[str, PracticeModel]

SCHEMAS: dict[str, dict[str, Any]] = {
    "flat": {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "pages": {"type": "integer", "minimum": 10, "maximum": 12},
            "price": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
            "good": {"type": "boolean"},
            "nothing": {"type": "null"},
            "kind": {"enum": ["novel", "poem", 3, None]},
            "always": {"const": {"a": [1, "ü"]}},
        },
        "required": ["title", "pages", "price", "good", "nothing", "kind", "always"],
        "additionalProperties": False,
    },
    "nested": {
        "type": "object",
        "properties": {
            "authors": {
                "type": "array",
                "minItems": 3,
                "items": {
                    "type": "object",
                    "properties": {"name": {"type": "string", "maxLength": 12}},
                    "required": ["name"],
                },
            }
        },
        "required": ["authors"],
    },
    "references": {
        "type": "object",
        "properties": {"tree": {"$ref": "#/$defs/node"}},
        "required": ["tree"],
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "label": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                },
                "required": ["label", "children"],
                "additionalProperties": False,
            }
        },
    },
    "linked list": {
        "type": "object",
        "properties": {
            "value": {"type": "integer"},
            "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
        },
        "required": ["value", "next"],
    },
    "alternatives": {
        "anyOf": [{"type": "string", "minLength": 200}, {"type": "array", "maxItems": 1}]
    },
    "one of": {"oneOf": [{"type": "integer", "multipleOf": 7, "minimum": 1}, {"type": "null"}]},
    "all of": {
        "allOf": [
            {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "string"}}, "required": ["b"]},
        ]
    },
    "several types": {"type": ["string", "null"]},
    "formats": {
        "type": "object",
        "properties": {
            name: {"type": "string", "format": name}
            for name in ("date", "date-time", "email", "uuid", "ipv4", "ipv6", "time", "uri")
        },
        "required": ["date", "date-time", "email", "uuid", "ipv4", "ipv6", "time", "uri"],
    },
    "unique": {
        "type": "object",
        "properties": {
            "colours": {
                "type": "array",
                "items": {"enum": ["red", "green", "blue"]},
                "minItems": 3,
                "uniqueItems": True,
            },
            "numbers": {
                "type": "array",
                "items": {"type": "integer", "minimum": 1, "maximum": 4},
                "minItems": 4,
                "uniqueItems": True,
            },
        },
        "required": ["colours", "numbers"],
    },
    "tuple": {
        "type": "array",
        "prefixItems": [{"type": "integer"}, {"type": "string"}],
        "items": False,
    },
    "map": {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    "example of a pattern": {"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["no", "YES"]},
    "negative": {"type": "integer", "maximum": -5},
    "fractions": {"type": "number", "minimum": 0.001, "maximum": 0.002},
    "empty text": {"type": "string", "maxLength": 0},
    "anything": {},
}


def form(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "form", "schema": schema}}


@pytest.mark.parametrize("temperature", [0, 1, 1.7])
@pytest.mark.parametrize("name", SCHEMAS)
def test_the_answer_validates(models: Models, name: str, temperature: float) -> None:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    for seed in range(3):
        answer = ask(
            models, response_format=form(SCHEMAS[name]), temperature=temperature, seed=seed
        )
        value = json.loads(answer["choices"][0]["message"]["content"])
        jsonschema.validate(value, SCHEMAS[name], format_checker=checker)
        assert answer["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^x+$"},
        {"$ref": "#/$defs/missing"},
        {"$ref": "#"},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"type": "object", "properties": 5},
        {"type": "array", "minItems": "many"},
        {"enum": 7},
        {"anyOf": []},
        {"type": "string", "pattern": "(", "examples": ["a"]},
    ],
    ids=str,
)
def test_a_schema_that_cannot_be_met_is_refused_before_anything_is_sent(
    models: Models, schema: dict[str, Any]
) -> None:
    answer = ask(models, status=400, response_format=form(schema), stream=True)
    assert answer["error"]["param"] == "response_format"


def test_a_huge_schema_ends_at_the_window(models: Models) -> None:
    schema = {"type": "array", "items": {"type": "integer"}, "minItems": 10**9}
    assert ask(models, response_format=form(schema))["choices"][0]["finish_reason"] == "length"


def test_json_mode_gives_an_object_with_a_sentence_of_the_handbook(models: Models) -> None:
    answer = ask(models, response_format={"type": "json_object"}, temperature=0)
    assert json.loads(answer["choices"][0]["message"]["content"]) == {
        "answer": "The temperature controls how random the choice of each token is."
    }


def test_strings_go_on_where_the_last_one_ended(models: Models) -> None:
    schema = {"type": "array", "items": {"type": "string"}, "minItems": 2}
    answer = ask(models, response_format=form(schema), temperature=0)
    first, second = json.loads(answer["choices"][0]["message"]["content"])
    assert first.startswith("The temperature controls")
    assert second.startswith("A low temperature makes")


def test_values_that_the_question_names_are_used(models: Models) -> None:
    schema = {
        "type": "object",
        "properties": {
            "mood": {"enum": ["happy", "sad", "angry"]},
            "age": {"type": "integer", "minimum": 0, "maximum": 150},
        },
        "required": ["mood", "age"],
    }
    question = "A person of 42 years writes: I am so sad today. Which mood is it?"
    answer = ask(models, question, response_format=form(schema))
    assert json.loads(answer["choices"][0]["message"]["content"]) == {"mood": "sad", "age": 42}


@pytest.mark.parametrize("temperature", [0, 1.5])
@pytest.mark.parametrize(
    ("question", "limits", "numbers"),
    [
        ("Halve the number 84.", [{}], [84]),
        ("What is 17 minus -4 and 0.5?", [{}, {}, {}], [17, -4, 0.5]),
        ("Take 2.5 or 1000 pieces", [{"type": "integer"}, {}], [1000, 2.5]),
        ("From 3 to 700 at most", [{"maximum": 1000, "exclusiveMinimum": 3}, {}], [700, 3]),
        ("Steps of 0.3, 0.7 or 0.75", [{"multipleOf": 0.25}], [0.75]),
    ],
)
def test_the_numbers_of_the_question_are_used_in_their_order_where_they_fit(
    models: Models,
    question: str,
    limits: list[dict[str, Any]],
    numbers: list[float],
    temperature: float,
) -> None:
    properties = {f"number_{i}": {"type": "number", **each} for i, each in enumerate(limits)}
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    answer = ask(models, question, response_format=form(schema), temperature=temperature)
    given = json.loads(answer["choices"][0]["message"]["content"])
    assert list(given.values()) == numbers


def test_an_answer_cut_by_the_limit_says_so(models: Models) -> None:
    answer = ask(models, response_format={"type": "json_object"}, max_tokens=3)
    assert answer["choices"][0]["finish_reason"] == "length"


def test_a_bias_towards_the_end_still_gives_valid_json(models: Models) -> None:
    answer = ask(models, response_format={"type": "json_object"}, logit_bias={"0": 100})
    assert json.loads(answer["choices"][0]["message"]["content"]) == {"answer": "…"}


def test_proper_names_are_quoted_or_capitalised() -> None:
    assert proper_names("What is the weather in New York or 'the sea'?") == ["the sea", "New York"]
    assert proper_names("It's what they don't say.") == []
