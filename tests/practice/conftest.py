"""A handbook of two short pages, and models trained on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget.practice.handbook import sections
from chatwidget.practice.model import load_models, train_models

if TYPE_CHECKING:
    from chatwidget.practice.handbook import Section
    from chatwidget.practice.model import PracticeModel

PAGES = (
    """# Settings

Two settings are explained here.

## What does the temperature do?

The temperature controls the choice of each token.
A low temperature keeps to the likely tokens.

A high temperature takes more risks.

## What does top_p do?

top_p keeps the likely tokens and drops the others.

```python
answer = ask(top_p=0.9)

print(answer)
```

Use `top_p` or the temperature, but not both.
""",
    """# About

## Who are you?

I am a small model.
I know two settings and nothing else.
""",
)


@pytest.fixture(scope="session")
def small_sections() -> list[Section]:
    return [section for page in PAGES for section in sections(page)]


@pytest.fixture(scope="session")
def small_models(small_sections: list[Section]) -> dict[str, PracticeModel]:
    return train_models(small_sections)


@pytest.fixture(scope="session")
def models() -> dict[str, PracticeModel]:
    return load_models()
