"""The estimate of tokens, held against true counts."""

from __future__ import annotations

import pytest

from chatwidget.client.request.token_estimate import estimate_tokens

PROSE = (
    "The temperature controls how random the choice of each token is. A low temperature makes the "
    "model choose the most likely token nearly every time, so the answer is steady and plain."
)
CODE = "def area(radius: float) -> float:\n    return 3.14159 * radius**2\n\n\nprint(area(2.0))\n"
TABLE = "name,age,height\n" + "\n".join(f"person{i},{20 + i},{150 + i}" for i in range(20))
GERMAN = (
    "Die Wahrscheinlichkeit, dass ein Sprachmodell dasselbe Wort wiederholt, hängt von der "
    "Temperatur und den Strafen ab."
)
CHINESE = "语言模型重复同一个词的概率取决于温度和惩罚参数。每次只更改一个设置，并记下结果。"


def estimate(text: str) -> int:
    """The estimate of a text alone, without what sets its message off."""
    return estimate_tokens({"messages": [{"role": "user", "content": text}]}) - 4


@pytest.mark.parametrize(
    ("text", "true", "least", "most"),
    # counted with o200k_base, the vendor's tokenizer
    [
        (PROSE, 35, 0.8, 1.2),
        (CODE, 28, 0.8, 1.2),
        (TABLE, 144, 0.8, 1.2),
        (GERMAN, 23, 0.5, 2.0),
        (CHINESE, 31, 0.5, 2.0),
    ],
    ids=["prose", "code", "table", "German", "Chinese"],
)
def test_it_is_as_near_as_it_says(text: str, true: int, least: float, most: float) -> None:
    assert least <= estimate(text) / true <= most


def test_all_that_a_model_reads_is_counted() -> None:
    messages = [{"role": "user", "content": [{"type": "text", "text": "one two three"}]}]
    tools = [{"type": "function", "function": {"name": "moons", "description": "Count moons."}}]
    alone = estimate_tokens({"messages": messages})
    assert alone == 3 + 4
    assert estimate_tokens({"messages": messages * 2}) == 2 * alone
    assert estimate_tokens({"messages": messages, "tools": tools}) > alone + 10


def test_pictures_and_files_are_not() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    assert estimate_tokens({"messages": [{"role": "user", "content": [image]}]}) == 4


def test_nothing_is_nothing() -> None:
    assert estimate_tokens({"messages": [{"role": "assistant", "content": None}]}) == 4
