"""The sliders of the local model do what the vendor's definitions say: its draws against its own
raw log probabilities.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from scipy.stats import chisquare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget import ChatClient

PROMPT = "Name one animal, in one word."
VOCABULARY = 49_152
HIDDEN = ""  # a token without a text of its own: the end, or half a character
LEAST_EXPECTED = 5.0  # of a cell of the test; rarer tokens share one
SIGNIFICANCE = 1e-4


def raw_distribution(client: ChatClient) -> dict[str, float]:
    """What the model thinks of each token that may come first."""
    everything = {"top_logprobs": VOCABULARY}
    completion = client.create_chat_completion(  # a rare first token may be half a character
        PROMPT, max_tokens=1, temperature=0, logprobs=True, extra_body=everything
    )
    logprobs = completion.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content
    raw: dict[str, float] = defaultdict(float)  # some tokens look alike
    for each in logprobs.content[0].top_logprobs:
        raw[each.token] += math.exp(each.logprob)
    return raw


def tempered(raw: Mapping[str, float], temperature: float) -> dict[str, float]:
    powers = {token: probability ** (1 / temperature) for token, probability in raw.items()}
    total = sum(powers.values())
    return {token: power / total for token, power in powers.items()}


def nucleus(raw: Mapping[str, float], top_p: float) -> dict[str, float]:
    """The likeliest tokens that together reach a probability."""
    kept: dict[str, float] = {}
    for token, probability in sorted(raw.items(), key=lambda each: -each[1]):
        if sum(kept.values()) >= top_p:
            break
        kept[token] = probability
    return tempered(kept, 1)


def first_tokens(
    client: ChatClient, count: int, prompt: str = PROMPT, **options: Any
) -> Counter[str]:
    def draw(seed: int) -> str:
        completion = client.create_chat_completion(
            prompt, max_tokens=1, seed=seed, logprobs=True, **options
        )
        logprobs = completion.choices[0].logprobs
        return logprobs.content[0].token if logprobs and logprobs.content else HIDDEN

    # One after another: answers that share a batch see other roundings (0.201 or 0.193 for "One").
    return Counter(map(draw, range(count)))


def agreement(drawn: Counter[str], expected: Mapping[str, float]) -> float:
    """The probability of draws that are no nearer to a distribution than these."""
    count = drawn.total()
    likely = (token for token, each in expected.items() if each * count >= LEAST_EXPECTED)
    common = [token for token in likely if token != HIDDEN]
    seen = [drawn[token] for token in common]
    wanted = [expected[token] * count for token in common]
    rest = count - sum(wanted)
    if rest >= LEAST_EXPECTED:
        return float(chisquare([*seen, count - sum(seen)], [*wanted, rest]).pvalue)
    scale = sum(seen) / sum(wanted)
    return float(chisquare(seen, [each * scale for each in wanted]).pvalue)


DEFINITIONS = {
    "temperature 0.5": ({"temperature": 0.5}, lambda raw: tempered(raw, 0.5)),
    "temperature 1": ({}, lambda raw: tempered(raw, 1)),
    "temperature 1.5": ({"temperature": 1.5}, lambda raw: tempered(raw, 1.5)),
    "top_p 0.5": ({"top_p": 0.5}, lambda raw: nucleus(raw, 0.5)),
}


@pytest.mark.full
@pytest.mark.parametrize("case", DEFINITIONS.values(), ids=DEFINITIONS)
def test_two_thousand_first_tokens_have_the_distribution_of_the_definition(
    client: ChatClient, case: tuple[dict[str, Any], Any]
) -> None:
    options, distribution = case
    raw = raw_distribution(client)
    assert sum(raw.values()) == pytest.approx(1, abs=1e-3)
    drawn = first_tokens(client, 2_000, **options)
    assert agreement(drawn, distribution(raw)) > SIGNIFICANCE


def test_a_temperature_gives_the_tokens_of_its_distribution_and_of_no_other(
    client: ChatClient,
) -> None:
    raw = raw_distribution(client)
    drawn = first_tokens(client, 100, temperature=0.5)
    assert agreement(drawn, tempered(raw, 0.5)) > SIGNIFICANCE
    assert agreement(drawn, tempered(raw, 1)) < SIGNIFICANCE


def test_a_penalty_counts_the_prompt_too_as_the_handbook_says(client: ChatClient) -> None:
    prompt = "One\n" * 5 + PROMPT  # behind a space it is another token
    assert first_tokens(client, 40, prompt)["One"]
    assert not first_tokens(client, 40, prompt, frequency_penalty=2)["One"]
