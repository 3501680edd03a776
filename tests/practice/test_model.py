from __future__ import annotations

import math
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from chatwidget.practice.model import load_models
from chatwidget.practice.noise import NoiseSource
from chatwidget.practice.sampling import Sampling, choose
from chatwidget.practice.tokenizer import END

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.practice.model import Continuation, PracticeModel

    Models = Mapping[str, PracticeModel]


def told(
    model: PracticeModel,
    continuation: Continuation,
    sampling: Sampling,
    seed: int = 0,
    limit: int = 2_000,
) -> str:
    tokens: list[int] = []
    counts: Counter[int] = Counter()
    noise = NoiseSource(seed, 0, len(model.tokenizer))
    while len(tokens) < limit:
        token = choose(continuation.logits, counts, sampling, noise.at(len(tokens)))
        if token == END:
            break
        tokens.append(token)
        counts[token] += 1
        continuation.accept(token)
    return model.tokenizer.decode(tokens)


GREEDY = Sampling(temperature=0)


@pytest.mark.parametrize(("name", "step"), [("practice", 3), ("practice-2gram", 20)])
def test_at_temperature_zero_every_section_is_told_word_for_word(
    models: Models, name: str, step: int
) -> None:
    model = models[name]
    for section in model.index.sections[::step]:
        if section.heading != section.page:
            assert told(model, model.answer(section.heading), GREEDY) == section.text


def test_logits_are_log_probabilities(models: Models) -> None:
    model = models["practice"]
    continuation = model.answer("What does top_p do?")
    noise = NoiseSource(3, 0, len(model.tokenizer))
    for position in range(60):
        assert math.fsum(map(math.exp, continuation.logits)) == pytest.approx(1)
        hot = Sampling(temperature=2)
        continuation.accept(choose(continuation.logits, {}, hot, noise.at(position)))


def words_of(text: str) -> set[str]:
    return set(text.replace(".", " ").replace(",", " ").split())


def test_the_answer_wanders_more_as_the_temperature_rises(models: Models) -> None:
    model = models["practice"]
    question = "What does the temperature do?"
    plain = words_of(told(model, model.answer(question), GREEDY))

    def strangers(temperature: float) -> int:
        texts = [
            told(model, model.answer(question), Sampling(temperature=temperature), seed, 150)
            for seed in range(8)
        ]
        return sum(len(words_of(text) - plain) for text in texts)

    assert strangers(0.5) <= strangers(1.0) < strangers(1.5) < strangers(2.0)


def test_the_model_with_the_shorter_memory_wanders_earlier(models: Models) -> None:
    question = "What does the temperature do?"

    def logprob(model: PracticeModel) -> float:
        continuation = model.answer(question)
        total = 0.0
        for token in model.tokenizer.encode(model.index.find(question)[0][0].text):
            total += continuation.logits[token]
            continuation.accept(token)
        return total

    assert logprob(models["practice-2gram"]) < logprob(models["practice"])


def test_a_tool_result_is_told_again(models: Models) -> None:
    model = models["practice"]
    text = '{"city": "Zürich", "sky": "⛅"}'
    assert told(model, model.retell(text), GREEDY) == text


def test_the_models_are_trained_once() -> None:
    assert load_models() is load_models()


def test_the_same_handbook_has_the_same_fingerprint(small_models: Models, models: Models) -> None:
    assert small_models["practice"].fingerprint != models["practice"].fingerprint
    assert models["practice"].fingerprint != models["practice-2gram"].fingerprint


def test_training_takes_less_than_two_seconds() -> None:
    load_models.cache_clear()
    started = time.process_time()
    load_models()
    assert time.process_time() - started < 2
