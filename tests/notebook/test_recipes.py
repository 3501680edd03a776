"""What the next question sends can be written down and read back."""

from __future__ import annotations

import ast
import json
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.client.servers import PROFILES, Server
from chatwidget.prompt.request_snippet import Recipe, read_recipe

SERVER = Server("a-server", "https://example.com/v1", key_variable="EXAMPLE_KEY")
PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1)
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.floats(0, 2),
        "presence_penalty": st.floats(-2, 2),
        "seed": st.integers(-(2**63), 2**63 - 1),
        "stop": st.lists(st.text(min_size=1), min_size=1, max_size=4),
        "logprobs": st.booleans(),
        "logit_bias": st.dictionaries(st.integers(0).map(str), st.integers(-100, 100)),
        "user": st.text(min_size=1),
        "response_format": st.just({"type": "json_object"}),
        "metadata": st.dictionaries(st.text(), st.text()),
    },
)
RECIPES = st.builds(
    Recipe,
    model=PRINTABLE,
    system=PRINTABLE,
    parameters=PARAMETERS,
    extra=st.dictionaries(
        st.sampled_from(["top_k", "min_p"]), st.integers() | st.text() | st.lists(st.booleans())
    ),
)


@given(RECIPES)
def test_a_magic_line_says_all_of_it(recipe: Recipe) -> None:
    line = recipe.as_magic()
    assert line.isprintable()
    assert read_recipe(line) == recipe


@given(RECIPES, st.text())
def test_a_program_says_all_of_it(recipe: Recipe, prompt: str) -> None:
    program = recipe.as_python(SERVER, prompt)
    assert read_recipe(program) == recipe
    assert repr(prompt) in program


@given(RECIPES, st.text())
def test_a_command_for_a_shell_says_all_of_it_and_names_the_key(
    recipe: Recipe, prompt: str
) -> None:
    words = shlex.split(recipe.as_curl(SERVER, prompt))
    assert words[1] == "https://example.com/v1/chat/completions"
    assert "Authorization: Bearer $EXAMPLE_KEY" in words
    body: dict[str, Any] = json.loads(words[-1])
    assert body["messages"][-1] == {"role": "user", "content": prompt}
    rest = {name: value for name, value in body.items() if name not in ("messages", "model")}
    assert rest == recipe.parameters | recipe.extra


def test_functions_and_types_are_written_by_their_names() -> None:
    def add(a: int, b: int) -> int:
        return a + b

    program = Recipe(parameters={"tools": [add], "response_format": dict}).as_python(SERVER, "Hi")
    assert "tools=[add]" in program
    assert "response_format=dict" in program
    ast.parse(program)


def test_a_server_in_this_process_has_no_address_for_a_shell() -> None:
    assert "chatwidget.practice --port" in Recipe().as_curl(PROFILES["practice"], "Hi")


def test_a_system_message_of_several_lines_is_left_out_of_the_line() -> None:
    assert Recipe(system="Be\nbrief").as_magic() == "%%chat"


def test_pasted_code_is_read_and_not_run() -> None:
    text = "client.create_chat_completion([], 'm', temperature=__import__('os').getpid())"
    with pytest.raises(ConfigurationError, match="pasted code is not run"):
        read_recipe(text)


def test_what_is_computed_beside_the_parameters_does_not_matter() -> None:
    text = "reply = create_chat_completion(messages, model='m', seed=-7, stream_to=print)"
    assert read_recipe(text) == Recipe("m", parameters={"seed": -7})


@pytest.mark.parametrize("text", ["", "hello", "f(x)", "def", "\0", "(" * 500])
def test_what_is_neither_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigurationError, match="Paste a line such as"):
        read_recipe(text)


def test_a_value_out_of_range_is_refused() -> None:
    with pytest.raises(ParameterError, match="from 0 to 2"):
        read_recipe("create_chat_completion('Hi', temperature=3)")
