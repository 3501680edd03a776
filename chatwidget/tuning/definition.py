"""The definition of a study: what is asked, of whom and how often, as plain data."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import random
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.client.text import clean
from chatwidget.tuning.prompts import Prompt, names_in
from chatwidget.tuning.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Combination",
    "Definition",
    "How",
    "as_stored",
    "combinations",
    "default_name",
    "settings_count",
]

How: TypeAlias = Literal["cross", "paired", "random"]
Combination: TypeAlias = dict[str, Value]
"""The value of each name that varies."""


_MOST_REQUESTS, _MOST_CALLS = 100_000, 1_000_000
"""What fits into the memory of a kernel."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """All that there is to know of a study before it runs.

    Attributes
    ----------
    name
        What the study is called.
    prompts
        The variants of the prompt, by name.
    data
        The rows that fill them, by name; empty if there is nothing to fill in.
    vary
        The values of each name that varies.
    fixed
        What is the same in all calls.
    repeats
        How often each request is asked.
    combine
        How values are combined: each with each, the first with the first, or some by chance.
    sample, sample_seed
        How many combinations are taken by chance, and where chance begins.
    keep_logprobs
        Whether log probabilities are stored.

    Raises
    ------
    ConfigurationError, ParameterError
        If it cannot be asked.
    """

    name: str
    prompts: dict[str, Prompt]
    data: dict[str, dict[str, Any]] = {}
    vary: dict[str, tuple[Value, ...]] = {}
    fixed: dict[str, Any] = {}
    repeats: int = 5
    combine: How = "cross"
    sample: int | None = None
    sample_seed: int = 0
    keep_logprobs: bool = False
    version: Literal[1] = 1

    def __post_init__(self) -> None:
        _check_count("repeats", self.repeats)
        if (self.sample is None) == (self.combine == "random"):
            raise ConfigurationError(
                'sample= says how many combinations combine="random" takes; they go together.'
            )
        if self.sample is not None:
            _check_count("sample", self.sample)
        for name in self.vary.keys() & self.fixed.keys():
            raise ParameterError(f"{name} is both varied and fixed.", parameter=name)
        if self.combine == "paired":
            _check_pairs(self.vary)
        _check_size(settings_count(self) * len(self.prompts) * max(len(self.data), 1), self.repeats)
        if self.data and not self.names:
            columns = ", ".join(next(iter(self.data.values())))
            raise ConfigurationError(
                "No prompt uses the data.",
                hint=f"{{{{column}}}} in a prompt is filled from a row; there are: {columns}.",
            )

    @property
    def names(self) -> set[str]:
        """The names of the variables in its prompts and system messages."""
        return set().union(*map(names_in, self._texts()))

    def _texts(self) -> Iterator[Prompt]:
        yield from self.prompts.values()
        for value in self.vary.get("system", ()):
            yield value.sent or ""
        yield self.fixed.get("system", "")


def as_stored(definition: Definition) -> Definition:
    """Return a definition as the store gives it back: its types fit, and its texts are text.

    Raises
    ------
    ConfigurationError
        If it cannot be stored.
    """
    try:
        data = msgspec.json.encode(definition)
    except UnicodeEncodeError:  # half of a character, as some libraries cut texts
        plain = json.dumps(msgspec.to_builtins(definition), ensure_ascii=False)
        data = clean(plain).encode()
    try:
        return msgspec.json.decode(data, type=Definition)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"This is no study: {error}.") from None


def settings_count(definition: Definition) -> int:
    """Return how many settings a study has, without making them."""
    counts = [len(values) for values in definition.vary.values()]
    if definition.combine == "paired":
        return max(counts, default=1)
    total = math.prod(counts)
    return total if definition.sample is None else min(definition.sample, total)


def default_name(definition: Definition) -> str:
    """Return a name that the same study has again, however often it repeats."""
    fields = msgspec.structs.replace(definition, repeats=1)
    digest = hashlib.sha256(msgspec.json.encode(fields)).hexdigest()[:6]
    return "-".join([*definition.vary, digest]) if definition.vary else f"study-{digest}"


def combinations(definition: Definition) -> list[Combination]:
    """Return the settings of a study, as its definition combines the values."""
    names, values = list(definition.vary), list(definition.vary.values())
    if definition.combine == "paired":
        longest = max(map(len, values), default=1)
        rows = zip(*(each * longest if len(each) == 1 else each for each in values), strict=True)
        return [dict(zip(names, row, strict=True)) for row in rows] or [{}]
    if definition.sample is not None:
        return _sampled(definition.vary, definition.sample, definition.sample_seed)
    return [dict(zip(names, row, strict=True)) for row in itertools.product(*values)]


def _sampled(vary: dict[str, tuple[Value, ...]], count: int, seed: int) -> list[Combination]:
    """Return some combinations, none of them twice, in the order in which all of them stand."""
    total = math.prod(map(len, vary.values()))
    chosen = random.Random(seed).sample(range(total), min(count, total))  # noqa: S311 - no secret
    return [_numbered(vary, number) for number in sorted(chosen)]


def _numbered(vary: dict[str, tuple[Value, ...]], number: int) -> Combination:
    """Return the combination of a number, by its digits of as many bases as names vary."""
    found = []
    for name, values in reversed(vary.items()):
        number, digit = divmod(number, len(values))
        found.append((name, values[digit]))
    return dict(reversed(found))


def _check_count(name: str, count: object) -> None:
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ConfigurationError(f"{name} is a whole number from 1 on; got {count!r}.")


def _check_size(requests: int, repeats: int) -> None:
    if requests > _MOST_REQUESTS or requests * repeats > _MOST_CALLS:
        raise ConfigurationError(
            f"A study has at most {_MOST_REQUESTS:,} requests and {_MOST_CALLS:,} calls; "
            f"this one would have {requests:,}, {repeats:,} times each.",
            hint='combine="random" with sample= takes some of the settings.',
        )


def _check_pairs(vary: dict[str, tuple[Value, ...]]) -> None:
    lengths = {name: len(values) for name, values in vary.items() if len(values) > 1}
    if len({*lengths.values()}) > 1:
        told = ", ".join(f"{name} has {count}" for name, count in lengths.items())
        raise ConfigurationError(f"Paired names have as many values as each other; {told}.")
