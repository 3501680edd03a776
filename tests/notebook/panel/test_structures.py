"""Formats, biases and tools: the controls that hold more than one value."""

from __future__ import annotations

import json
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any

from chatwidget.client.parameters import PARAMETERS
from chatwidget.client.servers import PROFILES
from chatwidget.panel.structures import BiasControl, FormatControl, ToolsControl
from chatwidget.panel.token_ids import token_id

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession


def test_a_format_is_text_json_or_json_of_a_schema() -> None:
    control = FormatControl(PARAMETERS["response_format"])
    kind, schema = control.children
    assert schema.layout.display == "none"
    kind.value = "text"
    assert control.choice == {"type": "text"}
    kind.value = "json_schema"
    assert control.choice["json_schema"]["name"] == "answer"
    assert schema.layout.display is None
    schema.value = json.dumps({"name": "mine", "schema": {}})
    assert control.choice == {"type": "json_schema", "json_schema": {"name": "mine", "schema": {}}}
    schema.value = "{"
    assert control.problem.startswith("The schema is no JSON")
    assert control.choice["json_schema"]["name"] == "mine"


def test_a_format_that_is_a_type_is_left_as_it_is() -> None:
    control = FormatControl(PARAMETERS["response_format"])
    control.choice = dict
    assert control.choice is dict


def bias_of(session: ChatSession) -> BiasControl:
    return BiasControl(PARAMETERS["logit_bias"], partial(token_id, session))


def test_a_bias_takes_an_id_or_the_text_of_a_token(session: ChatSession) -> None:
    control = bias_of(session)
    rows, field, amount, add = control.children
    field.value, amount.value = "17", -100
    add.click()
    assert control.choice == {"17": -100}
    field.value, amount.value = " temperature", 50
    add.click()
    assert control.problem == ""
    assert len(control.choice) == 2
    assert field.value == ""
    assert rows.children[0].children[0].value == "17: -100"
    rows.children[0].children[1].click()
    assert list(control.choice.values()) == [50]


def test_a_text_that_is_no_token_is_refused_and_stays(session: ChatSession) -> None:
    control = bias_of(session)
    _, field, _, add = control.children
    field.value = "a text of many tokens"
    add.click()
    assert "tokens; a bias is given to one" in control.problem
    assert field.value == "a text of many tokens"
    assert control.choice == {}


def test_texts_need_a_tokenizer_that_is_known(session: ChatSession) -> None:
    session.server = PROFILES["ollama"]
    control = bias_of(session)
    _, field, _, add = control.children
    field.value = "yes"
    add.click()
    assert control.problem == "The tokens of ollama are not known here: give the token's id."


def made_here(name: str) -> FunctionType:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(f"def {name}(a: int) -> int:\n    'Add one.'\n    return a + 1", namespace)
    function = namespace[name]
    assert isinstance(function, FunctionType)
    return function


def test_tools_are_the_functions_of_the_notebook() -> None:
    add, double = made_here("add"), made_here("double")
    namespace = {"add": add, "double": double, "_hidden": add, "json": json, "dumps": json.dumps}
    control = ToolsControl(PARAMETERS["tools"], namespace)
    choices, look = control.children
    assert choices.options == ("add", "double")
    choices.value = ["add"]
    assert control.choice == [add]
    namespace["later"] = made_here("later")
    look.click()
    assert choices.options == ("add", "double", "later")
    assert choices.value == ("add",)


def test_tools_that_are_only_described_stay() -> None:
    described = {"type": "function", "function": {"name": "f", "parameters": {}}}
    control = ToolsControl(PARAMETERS["tools"], {"add": made_here("add")})
    control.choice = [described]
    control.children[0].value = ["add"]
    assert control.choice[0] == described
    assert len(control.choice) == 2
