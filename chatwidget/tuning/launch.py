"""The launch of a run: its options, who asks, with which keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.limits import Limits
from chatwidget.tuning.asking import AskOptions, keys_for, paces_of
from chatwidget.tuning.batches import asking_by
from chatwidget.tuning.budget import Budget
from chatwidget.tuning.prices import price_of, read_price
from chatwidget.tuning.race import Race
from chatwidget.tuning.run import StudyRun
from chatwidget.tuning.runner import asking_here

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor

    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.client.deadlines import Deadlines
    from chatwidget.client.transport.retry import RetryPolicy
    from chatwidget.tuning.outcomes import Asking, Listener
    from chatwidget.tuning.prices import Price
    from chatwidget.tuning.recorded import Recorded
    from chatwidget.tuning.scoring import Grouping, Scorer

__all__ = ["RunOptions", "launch", "take_keys"]

_BATCH = 100
_ASK_OPTIONS = ("concurrency", "timeout", "limits", "retries")


class RunOptions(TypedDict, total=False):
    """Every keyword of a run; `Study.start` says what they mean."""

    passes: Scorer | None
    group: Grouping | None
    stop_when: Literal["clear"] | None
    budget: Budget | None
    price: Price | None
    listener: Listener | None
    executor: Executor | None
    batch: int | None
    concurrency: int | None
    timeout: float | Deadlines | None
    limits: Limits | None
    retries: int | RetryPolicy | None
    openai_api_key: str | ApiKey | Sequence[ApiKey] | None


def take_keys(recorded: Recorded, options: RunOptions) -> list[ApiKey]:
    """Take the keys out of options: return them as what shows to nobody.

    Raises
    ------
    ConfigurationError
        If a key is for none of the servers, or it is not said for which.
    """
    servers = [request.server for request in recorded.requests]
    # not held by any name here: a traceback that shows locals must find no key
    return keys_for(servers, options.pop("openai_api_key", None))


def launch(recorded: Recorded, options: RunOptions, keys: Sequence[ApiKey]) -> StudyRun:
    """Start a run.

    Parameters
    ----------
    recorded
        The study, and what of it is stored.
    options
        Its options, without keys.
    keys
        The keys to use in place of those of the environment.

    Raises
    ------
    ConfigurationError
        If something makes no sense; nothing was sent.
    TypeError
        If there is no such option.
    """
    unknown = options.keys() - RunOptions.__annotations__.keys()
    if unknown:
        raise TypeError(f"A study has no option {min(unknown)!r}.")
    given: dict[str, Any] = dict(options)
    _check_kinds(given)
    chosen = AskOptions(
        **{name: given[name] for name in _ASK_OPTIONS if given.get(name) is not None}
    )
    return StudyRun(
        recorded,
        _asking(chosen, options, keys),
        paces=None if options.get("executor") else paces_of(recorded.requests, keys),
        race=_race(recorded, options),
        passes=options.get("passes"),
        group=options.get("group"),
        budget=options.get("budget"),
        listener=options.get("listener"),
        price=_price(recorded, options),
    )


def _check_kinds(given: Mapping[str, Any]) -> None:
    """Refuse what would fail only while the study runs, or be no score of any answer."""
    kinds: dict[str, tuple[Callable[[Any], bool], str]] = {
        "passes": (lambda value: callable(value) or isinstance(value, str), "a function or a name"),
        "group": (callable, "a function of a text"),
        "listener": (callable, "a function"),
        "budget": (lambda value: isinstance(value, Budget), "a Budget"),
        "executor": (lambda value: hasattr(value, "submit"), "an executor of concurrent.futures"),
        "limits": (lambda value: isinstance(value, Limits), "a Limits"),
    }
    for name, (fits, kind) in kinds.items():
        value = given.get(name)
        if value is not None and not fits(value):
            raise ConfigurationError(f"{name}= takes {kind}; got {type(value).__name__}.")


def _asking(chosen: AskOptions, options: RunOptions, keys: Sequence[ApiKey]) -> Asking:
    """Return what asks: this process, or an executor, to which no key travels."""
    executor = options.get("executor")
    if executor is None:
        return asking_here(chosen, keys)
    if keys:
        raise ConfigurationError(
            "A key does not travel to the workers of an executor.",
            hint="Set the variable that the server names where they run.",
        )
    batch = options.get("batch")
    return asking_by(executor, chosen, _BATCH if batch is None else batch)


def _race(recorded: Recorded, options: RunOptions) -> Race | None:
    stop_when, passes = options.get("stop_when"), options.get("passes")
    if stop_when is None:
        return None
    if stop_when != "clear":
        raise ConfigurationError(f"stop_when is 'clear' or nothing; got {stop_when!r}.")
    if passes is None:
        raise ConfigurationError(
            "stop_when='clear' needs to know which answers pass.",
            hint="Give passes=, a function of the answer that says True or False.",
        )
    return Race(recorded.requests, passes, recorded.results())


def _price(recorded: Recorded, options: RunOptions) -> Price | None:
    """Return the price that is given; a budget of money needs to know one of each model."""
    price, budget = read_price(options.get("price")), options.get("budget")
    if price is not None or budget is None or budget.dollars is None:
        return price
    places = {(each.server.url(), each.model): each for each in recorded.requests}
    unpriced = (each for each in places.values() if price_of(each.server, each.model) is None)
    unknown = next(unpriced, None)
    if unknown is not None:
        raise ConfigurationError(
            f"What {unknown.model} of {unknown.server.name} costs is not known, so that no budget "
            "of dollars can be kept.",
            hint="Give price=, dollars for a million tokens of prompts and of answers.",
        )
    return price
