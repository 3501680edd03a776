"""The study: the same questions under varied settings, repeated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.client.api import warn_of_default
from chatwidget.client.auth.servers import default_server
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.signature import names_keywords
from chatwidget.tuning.definition import Definition, How, as_stored, default_name
from chatwidget.tuning.launch import RunOptions, launch, take_keys
from chatwidget.tuning.planning import make_plan
from chatwidget.tuning.prices import read_price
from chatwidget.tuning.prompts import read_data, read_prompts
from chatwidget.tuning.recorded import Recorded
from chatwidget.tuning.requests import StudyRequest, expand
from chatwidget.tuning.store import store_at
from chatwidget.tuning.values import read_fixed, read_values

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from chatwidget.client.auth.servers import Server
    from chatwidget.tuning.plan import Plan
    from chatwidget.tuning.result import Setting
    from chatwidget.tuning.results import Results
    from chatwidget.tuning.run import StudyRun
    from chatwidget.tuning.store import StorePlace

__all__ = ["Study"]


class Study:
    """A study: prompts under varied settings, each asked several times. It is data until it runs.

    Parameters
    ----------
    prompts
        A text; the messages of a conversation; a list of such prompts; or a dictionary that names
        them.
    vary
        The values of each name that varies: a range ``"0:1.2:0.3"`` with both ends, a text with
        commas, a list, or a dictionary that names the values. A name is a request parameter of
        `chatwidget.PARAMETERS`, ``model``, ``server``, ``system`` or ``extra_body``.
    repeats
        How often each request is asked.
    fixed
        What is the same in all calls, by the same names.
    data
        A data frame, or a list of dictionaries: each row fills the ``{{variables}}`` of the
        prompts. The column ``item`` names the rows, if there is one.
    name
        What it is called; by default its names that vary, and a part of its fingerprint.
    server, model
        Whom to ask, if that does not vary; as in `chatwidget.ChatClient`.
    combine
        ``"cross"`` takes each value with each, ``"paired"`` the first with the first, and
        ``"random"`` as many combinations by chance as `sample` says.
    sample, sample_seed
        How many, and where chance begins.
    keep_logprobs
        Whether log probabilities are stored, if they are asked for.
    store
        The file that keeps the answers; by default that of this user. With False they are kept in
        memory alone, as long as the study is.

    Raises
    ------
    ParameterError
        If a name or a value cannot be sent.
    ConfigurationError
        If it cannot be asked as it stands. Nothing was sent.
    """

    def __init__(
        self,
        prompts: Any,
        *,
        vary: Mapping[str, Any] | None = None,
        repeats: int = 5,
        fixed: Mapping[str, Any] | None = None,
        data: Any = None,
        name: str | None = None,
        server: str | Server | None = None,
        model: str | None = None,
        combine: How = "cross",
        sample: int | None = None,
        sample_seed: int = 0,
        keep_logprobs: bool = False,
        store: StorePlace = None,
    ) -> None:
        given = {**_named("fixed", fixed)}
        given |= {"server": server} if server is not None else {}
        given |= {"model": model} if model is not None else {}
        if "server" not in given and "server" not in _named("vary", vary):
            given["server"] = default_server()
            warn_of_default(given["server"], stacklevel=3)
        varied = _named("vary", vary).items()
        definition = Definition(
            name=name or "",
            prompts=read_prompts(prompts),
            data=read_data(data),
            vary={each: read_values(each, values) for each, values in varied},
            fixed=read_fixed(given),
            repeats=repeats,
            combine=combine,
            sample=sample,
            sample_seed=sample_seed,
            keep_logprobs=keep_logprobs,
        )
        self.definition = as_stored(definition)
        if not name:
            self.definition = msgspec.structs.replace(
                self.definition, name=default_name(self.definition)
            )
        self.store = store_at(store)
        _ = self.requests

    @classmethod
    def of(cls, definition: Definition, *, store: StorePlace = None) -> Study:
        """Return the study of a definition."""
        study = cls.__new__(cls)
        study.definition = definition
        study.store = store_at(store)
        return study

    @classmethod
    def from_json(cls, text: str | bytes, *, store: StorePlace = None) -> Study:
        """Return the study that `to_json` wrote.

        Raises
        ------
        ConfigurationError
            If it is none.
        """
        try:
            return cls.of(msgspec.json.decode(text, type=Definition), store=store)
        except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
            raise ConfigurationError(f"This is no study: {error}.") from None

    def to_json(self) -> str:
        """Return the study as JSON: all but its results."""
        return msgspec.json.format(msgspec.json.encode(self.definition)).decode()

    def save(self, path: str | Path) -> None:
        """Write the study to a file, as JSON."""
        Path(path).write_text(self.to_json(), "utf-8")

    @classmethod
    def load(cls, path: str | Path, *, store: StorePlace = None) -> Study:
        """Read a study from the file that `save` wrote."""
        return cls.from_json(Path(path).read_bytes(), store=store)

    @property
    def name(self) -> str:
        """What the study is called."""
        return self.definition.name

    @property
    def repeats(self) -> int:
        """How often each request is asked."""
        return self.definition.repeats

    @cached_property
    def requests(self) -> list[StudyRequest]:
        """The requests, each of which is asked as often as there are repeats."""
        return expand(self.definition)

    @property
    def settings(self) -> list[Setting]:
        """The combinations of the varied values, in their order."""
        return list(dict.fromkeys(request.setting for request in self.requests))

    @property
    def items(self) -> list[str]:
        """What is asked about: the names of the rows of data or, without data, of the prompts."""
        return list(self.definition.data or self.definition.prompts)

    def with_repeats(self, repeats: int) -> Study:
        """Return the same study with more or fewer repeats; what is stored is not asked again."""
        definition = msgspec.structs.replace(self.definition, repeats=repeats)
        return Study.of(definition, store=self.store)

    def plan(self, *, price: Any = None, concurrency: int = 64) -> Plan:
        """Return what the study would ask, take and show; nothing is sent.

        Parameters
        ----------
        price, concurrency
            As in `start`.
        """
        return make_plan(self._recorded, self.sentence, read_price(price), concurrency)

    @names_keywords(RunOptions)
    def start(self, **options: Unpack[RunOptions]) -> StudyRun:
        """Ask what is not stored yet, in the background, and return at once.

        Parameters
        ----------
        passes, group
            How the results are scored and grouped, as in `Results`.
        stop_when
            With ``"clear"`` a setting is not asked any more when it is clear that it is not the
            best, and the study ends when one is left. Intervals hold all the same.
        budget
            The most that it may take, as a `Budget`.
        price
            Dollars for a million tokens of prompts and of answers, as ``(2.5, 10)``, in place of
            what is known.
        listener
            A function that hears of each call as it goes; it is called between the answers, so it
            should be quick.
        executor
            An executor of `concurrent.futures`, such as Dask's, whose workers ask in place of this
            process. Each finds the keys in its own environment.
        batch
            How many calls a worker is given at once; 100 by default.
        concurrency
            How many calls of one server and model are under way at once at most, 64 by default;
            the pace of the server may allow fewer.
        timeout, limits
            As in `chatwidget.ChatClient`, for each call.
        retries
            How often a call that failed is sent again. One that was sent too fast has not failed.
        openai_api_key
            The key of the server; several servers take a list of `ApiKey`. By default those of the
            environment.

        Raises
        ------
        ConfigurationError
            If the store or a key cannot be used, or an option makes no sense; nothing was sent.
        """
        keys = take_keys(self._recorded, options)
        return launch(self._recorded, options, keys)

    @names_keywords(RunOptions)
    def run(self, **options: Unpack[RunOptions]) -> Results:
        """Ask what is not stored yet, and return all results; it takes what `start` takes.

        An interrupt stops it; what was answered is stored.

        Raises
        ------
        ChatWidgetError
            As in `StudyRun.result`.
        """
        keys = take_keys(self._recorded, options)
        run = launch(self._recorded, options, keys)
        try:
            return run.result()
        finally:
            run.stop()

    def results(self) -> Results:
        """Return the results that are stored."""
        return self._recorded.results()

    @property
    def _recorded(self) -> Recorded:
        return Recorded(self.definition, self.requests, self.store)

    def __len__(self) -> int:
        return len(self.requests) * self.repeats

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Study) and self.definition == other.definition

    __hash__ = None  # type: ignore[assignment] # it holds lists and dictionaries

    def __repr__(self) -> str:
        return f"<Study {self.name!r}: {self.sentence}>"

    @property
    def sentence(self) -> str:
        """How many calls it is, and why, as ``5 settings, 2 prompts, 5 repeats: 50 calls``."""
        counts = {
            "setting": len(self.settings),
            "prompt": len(self.definition.prompts),
            "row": len(self.definition.data) or 1,
            "repeat": self.repeats,
        }
        told = [_count(number, what) for what, number in counts.items() if number > 1]
        return ": ".join(filter(None, [", ".join(told), _count(len(self), "call")]))


def _named(what: str, given: Any) -> Mapping[str, Any]:
    if given is not None and not isinstance(given, Mapping):
        raise ConfigurationError(f"{what} is a dictionary of names; got {type(given).__name__}.")
    return given or {}


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
