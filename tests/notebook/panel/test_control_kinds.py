"""Each kind of parameter has its input: choices, texts, formats, biases, functions, JSON."""

from __future__ import annotations

import json
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.chat.value_text import value_in_words
from chatwidget.client.auth.servers import PROFILES
from chatwidget.panel.control import ParameterControl

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession


def do(control: ParameterControl, action: str, **fields: Any) -> Any:
    """Let the page send an action, and return the input that it draws then."""
    control._handle_message(control, {"type": f"Control{action}", **fields}, [])
    return control.state["input"]


def made_here(name: str, text: str = "Add one.") -> FunctionType:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(f"def {name}(a: int) -> int:\n    {text!r}\n    return a + 1", namespace)
    function = namespace[name]
    assert isinstance(function, FunctionType)
    return function


def test_a_switch_is_on_or_off(session: ChatSession) -> None:
    control = ParameterControl(session, "logprobs")
    assert [option["label"] for option in control.state["input"]["options"]] == ["on", "off"]
    assert control.state["default"] == "off"
    do(control, "Switch", on=True)
    assert session.settings.sent() == {"logprobs": True}
    do(control, "Set", value=False)
    assert session.settings.sent() == {"logprobs": False}
    assert control.state["parameter"]["text"] == "off"


def test_a_text_has_suggestions_and_may_be_any_other(session: ChatSession) -> None:
    control = ParameterControl(session, "verbosity")
    drawn = control.state["input"]
    assert [option["value"] for option in drawn["options"]] == ["low", "medium", "high"]
    assert (drawn["free"], control.state["starts"]) == (True, False)
    assert do(control, "Set", value="high")["text"] == ""
    assert do(control, "Write", text="terse")["text"] == "terse"
    assert session.settings.sent() == {"verbosity": "terse"}


def test_a_text_that_may_be_an_object_is_read_as_one(session: ChatSession) -> None:
    control = ParameterControl(session, "tool_choice")
    wanted = {"type": "function", "function": {"name": "add"}}
    assert do(control, "Write", text=json.dumps(wanted))["text"] == json.dumps(wanted)
    assert session.settings.sent() == {"tool_choice": wanted}
    assert control.state["parameter"]["text"] == "add"


def test_a_number_that_is_switched_on_has_a_usual_value(session: ChatSession) -> None:
    for name, usual in {"max_tokens": 256, "n": 1, "seed": 0, "top_logprobs": 5}.items():
        do(ParameterControl(session, name), "Switch", on=True)
        assert session.settings.sent()[name] == usual


def test_only_a_seed_has_a_die(session: ChatSession) -> None:
    assert ParameterControl(session, "seed").state["input"]["die"]
    assert not ParameterControl(session, "n").state["input"]["die"]


def test_stop_sequences_are_texts_and_without_any_none_is_sent(session: ChatSession) -> None:
    control = ParameterControl(session, "stop")
    assert (control.state["input"]["texts"], control.state["starts"]) == ([], False)
    do(control, "Set", value=["END", "\n\n"])
    assert session.settings.sent() == {"stop": ["END", "\n\n"]}
    assert control.state["parameter"]["text"] == '"END", "\\n\\n"'
    do(control, "Set", value=list("abcde"))
    assert control.state["problem"].startswith("stop takes")
    assert session.settings.sent() == {"stop": ["END", "\n\n"]}
    do(control, "Set", value=[])
    assert session.settings.sent() == {}
    session.settings.stop = "alone"  # type: ignore[attr-defined]
    assert control.state["input"]["texts"] == ["alone"]


def test_a_format_is_text_json_or_json_of_a_schema(session: ChatSession) -> None:
    control = ParameterControl(session, "response_format")
    drawn = control.state["input"]
    assert (drawn["format"], drawn["schema"]) == (None, "")
    assert do(control, "Format", format="text")["schema"] == ""
    assert session.settings.sent() == {"response_format": {"type": "text"}}
    assert '"name": "answer"' in do(control, "Format", format="json_schema")["schema"]
    mine = {"name": "mine", "schema": {}}
    do(control, "Write", text=json.dumps(mine))
    do(control, "Format", format="json_schema")  # chosen again it stays
    assert session.settings.sent()["response_format"]["json_schema"] == mine
    assert control.state["parameter"]["text"] == "JSON schema mine"
    do(control, "Write", text="{")
    assert control.state["draft"] == "{"
    assert session.settings.sent()["response_format"]["json_schema"] == mine


def test_a_schema_without_a_name_is_given_one(session: ChatSession) -> None:
    control = ParameterControl(session, "response_format")
    do(control, "Write", text='{"type": "object"}')
    sent = session.settings.sent()["response_format"]["json_schema"]
    assert sent == {"name": "answer", "schema": {"type": "object"}}


def test_a_bias_takes_an_id_or_the_text_of_a_token(session: ChatSession) -> None:
    control = ParameterControl(session, "logit_bias")
    do(control, "Bias", token="17", amount=-100)
    assert session.settings.sent() == {"logit_bias": {"17": -100}}
    rows = do(control, "Bias", token=" temperature", amount=50)["biases"]
    assert [(row["text"], row["amount"]) for row in rows] == [("\\x10", -100), (" temperature", 50)]
    assert control.state["problem"] == ""
    do(control, "Bias", token=rows[1]["token"], amount=40)
    assert list(session.settings.sent()["logit_bias"].values()) == [-100, 40]
    do(control, "Bias", token="17", amount=None)
    assert list(session.settings.sent()["logit_bias"].values()) == [40]
    do(control, "Bias", token=rows[1]["token"], amount=None)
    assert session.settings.sent() == {}


def test_a_text_that_is_no_token_is_refused_and_stays(session: ChatSession) -> None:
    control = ParameterControl(session, "logit_bias")
    do(control, "Bias", token="a text of many tokens", amount=1)
    assert "tokens; a bias is given to one" in control.state["problem"]
    assert control.state["draft"] == "a text of many tokens"
    do(control, "Bias", token="17", amount=101)
    assert control.state["problem"].startswith("logit_bias takes")
    assert session.settings.sent() == {}


def test_texts_need_a_tokenizer_that_is_known(session: ChatSession) -> None:
    session.server = PROFILES["ollama"]
    control = ParameterControl(session, "logit_bias")
    do(control, "Bias", token="yes", amount=1)
    assert control.state["problem"] == (
        "The tokens of ollama are not known here: give the token's id."
    )
    rows = do(control, "Bias", token="17", amount=1)["biases"]
    assert [(row["token"], row["text"]) for row in rows] == [("17", "")]


def test_tools_are_the_functions_of_the_notebook(session: ChatSession) -> None:
    add, double = made_here("add"), made_here("double", "")
    namespace = {"add": add, "again": add, "double": double, "_hidden": add, "json": json}
    control = ParameterControl(session, "tools", namespace=namespace)
    checks = control.state["input"]["checks"]
    assert [(each["name"], each["title"], each["checked"]) for each in checks] == [
        ("add", "Add one.", False),
        ("double", "It has no docstring.", False),
    ]
    do(control, "Check", name="add", checked=True)
    assert session.settings.sent() == {"tools": [add]}
    assert control.state["parameter"]["text"] == "add"
    namespace["later"] = made_here("later")
    checks = do(control, "Look")["checks"]
    assert [each["name"] for each in checks if each["checked"]] == ["add"]
    assert [each["name"] for each in checks] == ["add", "double", "later"]
    do(control, "Check", name="json", checked=True)
    assert session.settings.sent() == {"tools": [add]}
    do(control, "Check", name="add", checked=False)
    assert session.settings.sent() == {}


def test_tools_that_are_only_described_stay(session: ChatSession) -> None:
    described = {"type": "function", "function": {"name": "f", "parameters": {}}}
    control = ParameterControl(session, "tools", namespace={"add": made_here("add")})
    session.settings.tools = [described]  # type: ignore[attr-defined]
    assert control.state["input"]["others"] == ["f"]
    do(control, "Check", name="add", checked=True)
    assert session.settings.sent()["tools"][0] == described
    assert len(session.settings.sent()["tools"]) == 2


def test_where_there_are_no_functions_it_is_said_how_to_make_one(session: ChatSession) -> None:
    drawn = ParameterControl(session, "tools", namespace={}).state["input"]
    assert drawn["checks"] == []
    assert drawn["empty"] == "No functions yet: define one with a docstring in a cell, then ↻"
    assert drawn["look"]


def test_kinds_of_output_are_ticked(session: ChatSession) -> None:
    control = ParameterControl(session, "modalities")
    assert [each["name"] for each in control.state["input"]["checks"]] == ["text", "audio"]
    do(control, "Check", name="text", checked=True)
    do(control, "Check", name="audio", checked=True)
    assert session.settings.sent() == {"modalities": ["text", "audio"]}
    do(control, "Check", name="text", checked=False)
    do(control, "Check", name="audio", checked=False)
    assert session.settings.sent() == {}


def test_an_object_is_written_as_json(session: ChatSession) -> None:
    control = ParameterControl(session, "metadata")
    assert (control.state["input"]["text"], control.state["starts"]) == ("", False)
    assert do(control, "Write", text='{"a": "b"}')["text"] == '{\n  "a": "b"\n}'
    assert session.settings.sent() == {"metadata": {"a": "b"}}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (0, "0"),
        (0.1 + 0.2, "0.3"),
        (True, "on"),
        ("", '""'),
        ("low", "low"),
        ({"type": "json_object"}, "JSON"),
        ({"type": "text"}, "text"),
        ([made_here("add"), {"type": "function", "function": {"name": "f"}}], "add, f"),
        ({"a": "b"}, '{"a": "b"}'),
        ("x" * 50, f"{'x' * 39}…"),
        ([1, 2], "1, 2"),
        (int, "int"),
    ],
)
def test_a_value_is_told_in_a_few_words(value: Any, words: str) -> None:
    assert value_in_words(value) == words
