"""A long answer in Markdown, as tokens: headings, prose, lists, code, tables and formulas.

Marks stand in it, numbered from 0, so that a page that shows the text shows how far it has come.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["marks", "tokens"]

_SECTION = r"""## Step @: what the wind does

The sea was calm, and no wind blew @; then **a breeze** came up from the *south* @ and the
boat moved, slowly at first @, with its speed $v_{n}$ a share of the wind's own @.
Sailors call this `reaching` @, and [the handbook](https://example.org/sails) describes it @.

1. Set the sail to the wind @, and watch the telltales.
2. Ease the sheet until the luff shakes @; then pull it in again.
3. Keep the tiller still @, for each turn of $\theta_{n}$ costs speed.

The force grows with the square of the speed @, so that a little more wind is much more force @:

$$
F_{n} = \tfrac{1}{2} \rho v_{n}^2 \int_0^{h} C_L(z)\, w(z)\, dz
$$

```python
def force(speed, area, lift=1.2):
    # the density of the air @ in kilograms per cubic metre
    density = 1.225
    return [0.5 * density * each**2 * area * lift for each in speed]  # @
```

| wind | speed | what to do |
|---|---|---|
| light @ | 2 knots | sit to leeward, keep still |
| fair @ | 5 knots | sail as close as you can |
| strong @ | 7 knots | take a reef while $F < F_{n}$ holds |

> Nobody has ever reefed too early @, but many have reefed too late @.

"""

_MARK = re.compile(r"⟦(\d+)⟧")
_TOKEN = re.compile(r" ⟦\d+⟧|\s?\w{1,9}[.,;:]?|\s?[^\w\s]{1,4}|\s+")


@lru_cache(maxsize=8)
def tokens(count: int) -> tuple[str, ...]:
    """The first tokens of the answer."""
    return tuple(itertools.islice(_tokens(), count))


def marks(count: int) -> list[int]:
    """The token that completes each mark."""
    ends = list(itertools.accumulate(map(len, tokens(count))))
    found = (found.end() for found in _MARK.finditer("".join(tokens(count))))
    numbers = iter(enumerate(ends))
    return [next(number for number, end in numbers if end >= mark) for mark in found]


def _tokens() -> Iterator[str]:
    numbers = itertools.count()
    for section in itertools.count():
        text = re.sub("@", lambda _: f"⟦{next(numbers)}⟧", _SECTION.replace("n}", f"{section}}}"))
        yield from _TOKEN.findall(text)
