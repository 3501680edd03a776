"""What is typed on the first line of a cell is what is sent."""

from __future__ import annotations

import shlex
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, strategies

from chatwidget.client.auth.servers import find_server
from chatwidget.client.errors import ChatWidgetError, ConfigurationError, ParameterError
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.magic.flag_help import usage
from chatwidget.prompt.arguments import parse_cell_line
from chatwidget.prompt.flags import flag_of
from chatwidget.prompt.words import split_words

TYPED: dict[str, tuple[str, Any]] = {
    "temperature": ("0", 0),
    "top_p": ("0.5", 0.5),
    "presence_penalty": ("-1.5", -1.5),
    "frequency_penalty": ("0", 0),
    "seed": ("-7", -7),
    "logit_bias": ("'{\"5\": -100}'", {"5": -100}),
    "max_completion_tokens": ("12", 12),
    "max_tokens": ("1", 1),
    "stop": ("'the end'", ["the end"]),
    "n": ("3", 3),
    "response_format": ('\'{"type": "json_object"}\'', {"type": "json_object"}),
    "logprobs": ("", True),
    "top_logprobs": ("0", 0),
    "modalities": ("'[\"text\"]'", ["text"]),
    "audio": ("'{}'", {}),
    "prediction": ("'{}'", {}),
    "tools": ("'[]'", []),
    "tool_choice": ("required", "required"),
    "parallel_tool_calls": ("", True),
    "functions": ("'[{}]'", [{}]),
    "function_call": ('\'{"name": "f"}\'', {"name": "f"}),
    "web_search_options": ("'{}'", {}),
    "reasoning_effort": ("low", "low"),
    "verbosity": ("high", "high"),
    "stream_options": ("'{}'", {}),
    "store": ("", True),
    "metadata": ('\'{"a": "b"}\'', {"a": "b"}),
    "moderation": ("'{}'", {}),
    "service_tier": ("flex", "flex"),
    "prompt_cache_key": ("7", "7"),
    "prompt_cache_options": ("'{}'", {}),
    "prompt_cache_retention": ("24h", "24h"),
    "safety_identifier": ("someone", "someone"),
    "user": ("1", "1"),
}


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        (r"C:\data\x.csv", r"C:\data\x.csv"),
        (r"..\new\table.csv", r"..\new\table.csv"),
        (r"\\server\share\n.csv", r"\\server\share\n.csv"),
        (r'"C:\My data\new.csv"', r"C:\My data\new.csv"),
        (r'"\\server\My share\n.csv"', r"\\server\My share\n.csv"),
        (r"'C:\My data\new.csv'", r"C:\My data\new.csv"),
        (r'"C:\My data\\"', "C:\\My data\\"),
        (r"my\ notes.txt", "my notes.txt"),
        (r"it\'s.txt", "it's.txt"),
        (r'"say \"hi\".txt"', 'say "hi".txt'),
        ("''", ""),
    ],
)
def test_a_path_is_taken_as_it_is_typed(typed: str, path: str) -> None:
    assert parse_cell_line(f"-t 0 --file {typed}").files == [path]
    assert parse_cell_line(f"--image {typed} -t 0").images == [path]


def test_a_backslash_may_end_the_line() -> None:
    assert parse_cell_line("--file C:\\folder\\").files == ["C:\\folder\\"]


@pytest.mark.parametrize("line", ["--system 'a", '--system "a', r'--file "C:\data\"', "it's"])
def test_a_quotation_that_is_not_closed_is_told(line: str) -> None:
    with pytest.raises(ConfigurationError, match="no closing quotation"):
        parse_cell_line(line)


@given(strategies.lists(strategies.text()))
def test_words_that_are_quoted_for_a_shell_come_back(words: list[str]) -> None:
    assert split_words(shlex.join(words)) == words


@pytest.mark.parametrize("text", ["\\" * 200_000, '"' * 200_001, "'\"" * 100_000, '\\"' * 100_001])
def test_splitting_a_long_line_costs_linear_time(text: str) -> None:
    with suppress(ValueError):
        split_words(text)


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_parameter_has_a_flag_and_what_is_typed_is_what_is_sent(name: str) -> None:
    typed, sent = TYPED[name]
    parsed = parse_cell_line(f"{flag_of(name)} {typed}").config.parameters
    assert parsed == {name: sent}
    assert type(parsed[name]) is type(sent)


def test_what_is_not_typed_is_not_sent() -> None:
    assert parse_cell_line("").config.parameters == {}


@pytest.mark.parametrize(("typed", "name"), [("-t 0.5", "temperature"), ("-n 2", "n")])
def test_the_usual_parameters_have_a_short_flag(typed: str, name: str) -> None:
    assert list(parse_cell_line(typed).config.parameters) == [name]


def test_a_negative_number_is_a_value_and_not_a_flag() -> None:
    assert parse_cell_line("--presence-penalty -2").config.parameters == {"presence_penalty": -2}


def test_a_switch_can_be_turned_off() -> None:
    assert parse_cell_line("--no-logprobs").config.parameters == {"logprobs": False}


def test_several_stop_sequences_are_given_by_several_flags() -> None:
    assert parse_cell_line("--stop a --stop 'b c'").config.parameters == {"stop": ["a", "b c"]}


def test_the_magics_own_flags() -> None:
    arguments = parse_cell_line("-m gpt --system 'Be brief' --out reply --stream-to queue")
    assert (arguments.config.model, arguments.config.system) == ("gpt", "Be brief")
    assert (arguments.out, arguments.stream_to) == ("reply", "queue")


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("-o reply", "out", "reply"),
        ("--stream-to queue", "stream_to", "queue"),
        ("-c ideas", "conversation", "ideas"),
        ("--no-history", "history", False),
        ("--fork", "fork", True),
        ("-i a.png --image fig", "images", ["a.png", "fig"]),
        ("--file 'a b.txt'", "files", ["a b.txt"]),
        ("--tool f g --tool h", "tool", ["f", "g", "h"]),
        ("--schema City", "schema", "City"),
        ("-f code", "format", "code"),
        ("--to-cell", "to_cell", True),
        ("--background", "background", True),
        ("--dry-run", "dry_run", True),
        ("--raw", "raw", True),
        ("--cached", "cached", True),
        ("--no-vars", "fill", False),
        ("--help", "help", True),
    ],
)
def test_each_own_flag_is_read(line: str, name: str, value: object) -> None:
    assert getattr(parse_cell_line(line), name) == value
    assert getattr(parse_cell_line(""), name) != value


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("gpt", "model", "gpt"),
        ("-m gpt", "model", "gpt"),
        ("--server ollama", "server", find_server("ollama")),
        ("--base-url http://127.0.0.1:1/v1", "server", find_server("http://127.0.0.1:1/v1")),
        ("-s 'Be brief'", "system", "Be brief"),
    ],
)
def test_each_flag_of_the_request_is_read(line: str, name: str, value: object) -> None:
    assert getattr(parse_cell_line(line).config, name) == value
    assert getattr(parse_cell_line("").config, name) != value


@pytest.mark.parametrize(
    ("line", "extra"),
    [
        ("--set top_k=40", {"top_k": 40}),
        ("--set a=0 --set b=false", {"a": 0, "b": False}),
        ("""--set 'c={"d": [1]}'""", {"c": {"d": [1]}}),
        ("--set grammar=root", {"grammar": "root"}),
    ],
)
def test_any_other_field_can_be_set(line: str, extra: dict[str, Any]) -> None:
    assert parse_cell_line(line).config.extra_body == extra


def test_setting_a_field_that_is_a_parameter_checks_it() -> None:
    assert parse_cell_line("--set temperature=0").config.parameters == {"temperature": 0}
    with pytest.raises(ParameterError, match="from 0 to 2"):
        parse_cell_line("--set temperature=3")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-t 3", "temperature takes a number from 0 to 2; got 3."),
        ("-t hot", "temperature takes a number from 0 to 2; got 'hot'."),
        ("--n 1.5", "n takes an integer from 1 to 128; got 1.5."),
        ("--logit-bias 5", "logit_bias takes an object"),
        ("--stop a --stop b --stop c --stop d --stop e", "of length from 1 to 4"),
    ],
)
def test_a_bad_value_is_refused_with_the_name_the_range_and_the_value(line: str, said: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        parse_cell_line(line)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "--temprature 1",
            "There is no request parameter 'temprature'. Did you mean --temperature?",
        ),
        ("--conversaton a", "There is no flag --conversaton. Did you mean --conversation?"),
        ("--tempo 1", "There is no flag --tempo. %%chat --help lists the flags."),
        ("--quux", "%%chat --help lists the flags."),
        ("-t", "expected one argument"),
        ("what is this", "takes flags only; 'what' is none. Write the question on the lines"),
        ("--system 'a", "Quote a value with spaces"),
        ("--out 1a", "'1a' is no name of a variable"),
        ("--set top_k", "'top_k' is no NAME=VALUE. As in top_k=40."),
        ("-f pdf", "invalid choice: 'pdf'"),
        ("-m gpt gpt", "takes flags only; 'gpt' is none"),
    ],
)
def test_a_bad_line_is_refused_with_what_to_do_next(line: str, said: str) -> None:
    with pytest.raises(ChatWidgetError) as refusal:
        parse_cell_line(line)
    assert said in str(refusal.value)


def test_the_help_explains_every_flag() -> None:
    text = usage()
    for parameter in PARAMETERS.values():
        assert flag_of(parameter.name) in text
        assert parameter.help.split(maxsplit=1)[0] in text
