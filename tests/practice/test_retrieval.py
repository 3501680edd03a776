from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget.practice.retrieval import terms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.practice.model import PracticeModel

    Models = Mapping[str, PracticeModel]

QUESTIONS = {
    "what does top_p do?": "What does top_p do?",
    "Explain top-p in one sentence": "What does top_p do?",
    "what is top p": "What does top_p do?",
    "What is the temperature?": "What does the temperature do?",
    "temperature": "What does the temperature do?",
    "How can I make the answers less random?": "What does the temperature do?",
    "what is the default temperature": "What is the range of the temperature?",
    "What is frequency penalty?": "What is a frequency penalty?",
    "presence penalty": "What is a presence penalty?",
    "what is logit_bias for": "What is a logit bias?",
    "why does it repeat itself?": "How do I stop the model from repeating itself?",
    "what does n do": "What does n do?",
    "What does seed do?": "What does the seed do?",
    "What are logprobs?": "What is a logprob?",
    "What is a token?": "What is a token?",
    "why is my answer cut off": "Why is my answer cut off?",
    "what is a finish reason": "What is a finish reason?",
    "How do I open the panel?": "How do I open the panel?",
    "Can I use Ollama?": "How do I use Ollama?",
    "How do I set my API key?": "Where do I put my key?",
    "rate limit": "What does a RateLimitError mean?",
    "I get a ParameterError": "What does a ParameterError mean?",
    "How do I get JSON?": "How do I get an answer in JSON?",
    "How do tools work?": "What is a tool?",
    "what is a system prompt?": "What is a system message?",
    "What is softmax": "What is the softmax function?",
    "how do I write a good prompt": "How do I write a good prompt?",
    "What does chatwidget do?": "What is chatwidget?",
    "Tell me a joke": "Can the practice model tell a joke or write a poem?",
    "what is reasoning effort": "What does reasoning_effort do?",
    "hi": "Who are you?",
    "Hello!": "Who are you?",
    "": "Who are you?",
    "42": "Who are you?",
    "What is the capital of France?": "Who are you?",
    "what can you do?": "Who are you?",
}


@pytest.mark.parametrize(("question", "heading"), QUESTIONS.items())
def test_a_natural_question_finds_its_section(models: Models, question: str, heading: str) -> None:
    assert models["practice"].index.find(question)[0][0].heading == heading


def test_every_heading_finds_its_own_section(models: Models) -> None:
    index = models["practice"].index
    questions = [section for section in index.sections if section.heading != section.page]
    missed = {s.heading: index.find(s.heading)[0][0].heading for s in questions}
    assert {asked: found for asked, found in missed.items() if asked != found} == {}


def test_runners_up_are_weaker_than_the_best(models: Models) -> None:
    (_, best), *others = models["practice"].index.find("What is the range of the temperature?")
    assert best == 1
    assert others
    assert all(0 < weight <= 1 for _, weight in others)


def test_the_forms_of_a_word_are_one_term() -> None:
    assert len(set(terms("stream streams streaming streamed"))) == 1
    assert len(set(terms("penalty penalties"))) == 1
    assert len(set(terms("stop stopped stopping"))) == 1
    assert len(set(terms("top_p TOP-P `top p`"))) == 1


def test_names_in_camel_case_count_in_their_parts() -> None:
    assert {"limit", "error", "ratelimiterror"} <= set(terms("RateLimitError"))


def test_words_that_only_ask_are_left_out() -> None:
    assert terms("What does it do, please?") == []
