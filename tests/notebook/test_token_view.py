"""--tokens: how probable each token of an answer was, below the answer."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import chatwidget
from chatwidget.client import logprobs_probe
from chatwidget.client.auth.servers import PROFILES
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.logprobs_probe import learn_logprobs_meaning, logprobs_wanted
from chatwidget.client.wire.types import (
    ChatCompletion,
    ChatCompletionMessage,
    Choice,
    ChoiceLogprobs,
    TokenLogprob,
    TopLogprob,
)
from chatwidget.lab.token_scale import SCALE
from chatwidget.lab.token_view import AnswerTokens, TokensBelow
from tuning.studied import Reader

if TYPE_CHECKING:
    from notebook.conftest import Cells

HOSTILE = '"><img src=x onerror=alert(1)></span><script>alert(2)</script>'
OURS = {"b", "br", "details", "div", "span", "summary", "table", "td", "th", "tr"}
ATTRIBUTES = {"class", "dir", "style", "title"}
BIDI = "\u202e\x1b[31m"


@pytest.fixture(autouse=True)
def _nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logprobs_probe, "_found", {})
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")


def told(*tokens: tuple[str, float], index: int = 0) -> Choice:
    """A choice of tokens with their probabilities, each with two alternatives."""
    top = (TopLogprob(HOSTILE, math.log(0.5)), TopLogprob(BIDI, math.log(0.1)))
    listed = [TokenLogprob(text, math.log(share), top_logprobs=top) for text, share in tokens]
    text = "".join(text for text, _ in tokens)
    message = ChatCompletionMessage(content=text)
    return Choice(index, message, "stop", ChoiceLogprobs(content=listed))


def html_of(*tokens: tuple[str, float]) -> str:
    """The view of these tokens."""
    return AnswerTokens(ChatCompletion([told(*tokens)]))._repr_mimebundle_()["text/html"]


def test_model_text_is_text_wherever_it_stands() -> None:
    bundle = AnswerTokens(ChatCompletion([told((HOSTILE, 0.3), (BIDI, 0.3))]))._repr_mimebundle_()
    elements = Reader(bundle["text/html"]).elements
    assert {name for name, _ in elements} <= OURS
    assert {each for _, attributes in elements for each in attributes} <= ATTRIBUTES
    for shown in bundle.values():
        assert "\u202e" not in shown
        assert "\x1b" not in shown


def test_the_less_probable_the_stronger_the_shade() -> None:
    shown = html_of((" sure", 0.99), (" so", 0.3), (" odd", 0.001))
    shades = [shown.index(f"background:{SCALE.shade(share)}") for share in (0.3, 0.001)]
    assert shades == sorted(shades)
    assert SCALE.shade(0.99) == ""
    opacities = [float(shade.rpartition(",")[2][:-1]) for shade in SCALE.shades[1:]]
    assert opacities == sorted(opacities)


def test_without_styles_the_least_certain_are_left_as_text() -> None:
    shown = html_of((" sure", 0.99), (" odd", 0.001))
    rows = shown[shown.index("<table>") :]
    assert "<b>·odd</b>" in rows
    assert "0.001" in rows


def test_a_line_that_ends_is_seen_and_ends() -> None:
    assert "one↵<br>" in html_of(("one\n", 0.99), ("two", 0.99))


def test_an_answer_without_log_probabilities_says_so() -> None:
    shown = AnswerTokens(ChatCompletion([Choice()]))._repr_mimebundle_()
    assert "without log probabilities" in shown["text/html"]
    assert "without log probabilities" in shown["text/plain"]


def test_of_several_answers_each_has_its_tokens() -> None:
    completion = ChatCompletion([told(("one", 0.2)), told(("two", 0.2), index=1)])
    shown = TokensBelow(PROFILES["practice"], "practice").html(completion)
    assert shown.index("Choice 1") < shown.index("one") < shown.index("Choice 2")


def test_a_long_answer_is_cut_and_says_so() -> None:
    shown = html_of(*[(" a", 0.2)] * 4_010)
    assert "and 10 more tokens" in shown


def test_the_flag_asks_for_log_probabilities_and_shows_them(cells: Cells) -> None:
    cells.run("%%chat --server practice --tokens --max-tokens 12 -o answer\nWhat is temperature?")
    assert cells.error is None
    answer = cells.shell.user_ns["answer"]
    assert len(answer.choices[0].logprobs.content[0].top_logprobs) == 20
    assert "confidence by sentence" in cells.stdout
    assert "was not tried" in cells.stdout  # it is printed before that is found out
    cells.run("%%chat --server practice --tokens --max-tokens 12\nWhat is temperature?")
    assert "are raw" in cells.stdout


def test_what_the_cell_says_of_log_probabilities_holds(cells: Cells) -> None:
    cells.run("%%chat --server practice --tokens --top-logprobs 3 --max-tokens 5 -o answer\nHi")
    assert len(cells.shell.user_ns["answer"].choices[0].logprobs.content[0].top_logprobs) == 3


@pytest.mark.parametrize("flag", ["--repeats 2", "--vary temperature=0,1"])
def test_a_study_shows_no_tokens(cells: Cells, flag: str) -> None:
    cells.run(f"%%chat --server practice --tokens {flag}\nHi")
    assert "--tokens and a study do not go together" in str(cells.error)


def test_what_probabilities_mean_is_found_out_once() -> None:
    asked: list[object] = []
    with ChatClient("practice") as client:
        ask = client.create_chat_completion
        client.create_chat_completion = lambda *a, **k: (asked.append(a), ask(*a, **k))[1]  # type: ignore[method-assign] # counts
        below = TokensBelow(client.server, "practice")
        assert learn_logprobs_meaning(client, "practice")
        assert not learn_logprobs_meaning(client, "practice")
    assert len(asked) == 2
    assert "are raw" in below.html(ChatCompletion([told(("a", 0.5))]))


def test_a_server_is_asked_for_no_more_alternatives_than_it_gives() -> None:
    server = replace(PROFILES["vllm"], ranges={"top_logprobs": (0, 5, 1)})
    assert logprobs_wanted(server) == {"logprobs": True, "top_logprobs": 5}
    assert logprobs_wanted(PROFILES["openai"])["top_logprobs"] == 20


def test_an_answer_of_this_machine_knows_what_its_probabilities_mean() -> None:
    asked = {"logprobs": True, "top_logprobs": 20, "max_tokens": 3, "temperature": 1.4}
    completion = chatwidget.create_chat_completion("Hi", server="practice", **asked)
    tokens = chatwidget.AnswerTokens(completion)
    assert tokens.meaning == "raw"
    state = tokens.state()
    assert state.is_raw
    assert state.asked == {"temperature": 1.4}
    assert chatwidget.AnswerTokens(completion, meaning="processed").meaning == "processed"


def test_of_an_answer_from_a_file_nothing_is_known() -> None:
    assert AnswerTokens(ChatCompletion([told(("a", 0.5))])).meaning is None


@pytest.mark.parametrize("count", [1, 2])
def test_an_answer_tells_the_tokens_of_each_of_its_choices(count: int) -> None:
    completion = chatwidget.create_chat_completion(
        "Hi", server="practice", logprobs=True, top_logprobs=5, max_tokens=3, n=count, seed=1
    )
    for choice in completion.choices:
        tokens = completion.tokens(choice.index)
        assert "".join(each.text for each in tokens) == choice.message.content
        assert "<div" in tokens._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("choice", [0, 1])
def test_an_answer_without_probabilities_says_how_to_ask_for_them(choice: int) -> None:
    completion = ChatCompletion([Choice()])
    with pytest.raises(ConfigurationError, match=f"Choice {choice} came without") as caught:
        completion.tokens(choice)
    assert "logprobs=True" in str(caught.value)
