"""A page may send anything; only the actions that there are do anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from chatwidget.chat.session import ChatSession
from chatwidget.panel.actions import LONGEST_TEXT, Action, Edit, SetParameter, read_action
from chatwidget.panel.tune_state import TuneForm
from notebook.pages import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS: dict[str, type[msgspec.Struct]] = {kind.__name__: kind for kind in get_args(Action)}
VALUES: dict[str, Any] = {
    "TuneForm": msgspec.to_builtins(TuneForm(prompt="Hi", repeats=3)),
    "str": "a-text",
    "int": 7,
    "bool": True,
    "list": ["a-name"],
}
GOOD = {"type": "Edit", "turn": "a-turn", "text": "Hi"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
FIELDS = sorted({name for kind in KINDS.values() for name in kind.__struct_fields__} | {"type"})
ALMOST = st.dictionaries(
    st.sampled_from(FIELDS), JSON | st.sampled_from([*KINDS, "a-turn", "temperature", "tools"])
)


def whole(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return an action as a page may say it, with all of its fields."""
    fields = {name: value_of(hint) for name, hint in hints(kind).items()}
    return {"type": kind.__name__, **fields}


def hints(kind: type[msgspec.Struct]) -> dict[str, str]:
    return {field.name: str(field.type) for field in msgspec.structs.fields(kind)}


def value_of(hint: str) -> Any:
    return next((value for name, value in VALUES.items() if f"{name}[" in hint), None) or next(
        (value for name, value in VALUES.items() if name in hint), None
    )


def texts(kind: type[msgspec.Struct]) -> Iterator[str]:
    """Yield the fields of an action that hold one text."""
    action = whole(kind)
    yield from (name for name in kind.__struct_fields__ if isinstance(action[name], str))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_action_is_read_as_it_comes_from_a_page(kind: type[msgspec.Struct]) -> None:
    said = whole(kind)
    action = read_action(json.loads(json.dumps(said)))
    assert type(action) is kind
    assert msgspec.to_builtins(action) == said


def test_an_action_is_read() -> None:
    assert read_action(GOOD) == Edit("a-turn", "Hi")
    assert read_action({"type": "SetParameter", "name": "n"}) == SetParameter("n", None)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "edit"},
        {"type": "eval"},
        {"type": "_Action"},
        {"type": ["Edit"]},
        {"type": None},
        {"turn": None},
        {"turn": {}},
        {"text": 3},
        {"text": "x" * (LONGEST_TEXT + 1)},
        {"index": 0},
        {"always": True},
        {"key": "sk-1"},
        {"base_url": "http://127.0.0.1/"},
        {"tools": []},
    ],
)
def test_anything_else_is_dropped(change: dict[str, Any]) -> None:
    assert read_action({**GOOD, **change}) is None


@pytest.mark.parametrize(
    "said",
    [
        {"type": "Choose", "turn": "a-turn", "index": 1.5},
        {"type": "Choose", "turn": "a-turn", "index": "0"},
        {"type": "Approve", "approval_id": "a", "always": "yes"},
        {"type": "SetRerun", "enabled": True, "per_minute": 0},
        {"type": "SetRerun", "enabled": True, "per_minute": 601},
        {"type": "Ask", "text": "Hi", "attachments": [1]},
        {"type": "Ask", "text": "Hi", "attachments": ["x" * 1001]},
        {"type": "Edit", "turn": "a-turn"},
    ],
)
def test_a_value_of_another_kind_is_no_action(said: dict[str, Any]) -> None:
    assert read_action(said) is None


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_no_text_of_an_action_may_be_endless(kind: type[msgspec.Struct]) -> None:
    for name in texts(kind):
        assert read_action({**whole(kind), name: "x" * (LONGEST_TEXT + 1)}) is None


def test_no_action_has_a_place_for_a_key_or_for_code() -> None:
    names = {name for kind in KINDS.values() for name in kind.__struct_fields__}
    assert not [name for name in names if "key" in name or "secret" in name or "code" in name]


@given(JSON | ALMOST)
def test_no_message_is_too_strange(content: Any) -> None:
    action = read_action(content)
    assert action is None or type(action) in KINDS.values()


@pytest.fixture
def practising(session: ChatSession) -> Page:
    return Page(session)


@pytest.mark.parametrize("name", ["tools", "functions"])
def test_a_page_cannot_say_what_a_model_may_call(name: str, practising: Page) -> None:
    tool = {"type": "function", "function": {"name": "rm", "parameters": {}}}
    practising.do("SetParameter", name=name, value=[tool])
    assert practising.session.settings.sent() == {}
    setattr(practising.session.settings, name, [tool if name == "tools" else tool["function"]])
    practising.do("SetParameter", name=name, value=None)
    assert practising.session.settings.sent() == {}


@pytest.mark.parametrize("name", ["openai_api_key", "api_key", "key", "server", "system", "_lock"])
def test_what_is_no_parameter_cannot_be_set_as_one(name: str, practising: Page) -> None:
    before = practising.session.settings.request_config()
    assert name in practising.do("SetParameter", name=name, value="sk-1")
    assert practising.session.settings.request_config() == before
    assert practising.session.client.key is None


_NEVER = {"ChooseServer", "ListModels", "Ask"}  # which would ask others


@pytest.fixture(scope="module")
def any_page() -> Iterator[Page]:
    """A panel that hears everything; what it does must not ask anybody."""
    session = ChatSession("practice")
    yield Page(session)
    assert session.client.key is None
    assert session.conversations.keys() <= {"main", *session.names}
    assert not session.controller.question


@examples(max_examples=300)
@given(content=JSON | ALMOST | st.sampled_from([*KINDS]).map(lambda it: whole(KINDS[it])))
def test_no_panel_falls_over_what_a_page_sends(content: Any, any_page: Page) -> None:
    action = read_action(content)
    if action is not None and type(action).__name__ not in _NEVER:
        any_page.model.handle(action)
        assert not any_page.broken
