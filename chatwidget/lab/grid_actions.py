"""The actions of a grid: use a setting, judge an answer, and ask for more of the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.client.text import counted
from chatwidget.lab.session_study import session_keys
from chatwidget.lab.study_usage import counting
from chatwidget.tuning.scoring import kind_and_score
from chatwidget.tuning.topping_up import top_up
from chatwidget.tuning.values import BESIDE_PARAMETERS, server_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from chatwidget.chat.session import ChatSession
    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.tuning.outcomes import Listener
    from chatwidget.tuning.result import Result
    from chatwidget.tuning.results import Results
    from chatwidget.tuning.run import StudyRun
    from chatwidget.tuning.scoring import Grouping, Score, Scorer
    from chatwidget.tuning.study import Study

__all__ = ["GridActions"]

_MORE = 5


class GridActions:
    """What can be done with the cells of a grid.

    Parameters
    ----------
    study
        The study.
    session
        What takes a setting, and has the keys; None if there is none.
    passes, group
        How answers are scored and grouped, as in `Results`.
    """

    def __init__(
        self,
        study: Study,
        session: ChatSession | None = None,
        *,
        passes: Scorer | None = None,
        group: Grouping | None = None,
    ) -> None:
        self.study = study
        self.session = session
        self._judges = passes, group
        self._runs: list[StudyRun] = []

    @property
    def results(self) -> Results:
        """All results by now, with those that were asked for here."""
        passes, group = self._judges
        return self.study.results().scored(passes, group=group)

    def kind_and_score(self, result: Result) -> tuple[Hashable, Score]:
        """Return of which kind an answer is, and its score."""
        return kind_and_score(result, *self._judges)

    def use(self, cell: int) -> str:
        """Let the session use the setting of a cell; say so in a sentence.

        Raises
        ------
        ChatWidgetError
            If it does not take it.
        """
        request, session = self.study.requests[cell], self.session
        if session is None:
            return "There is no session that takes a setting."
        varied = self.study.definition.vary
        for name, label in request.setting.values.items():
            sent = next(each.sent for each in varied[name] if each.label == label)
            _use(session, name, sent)
        return f"The session uses {request.setting.label or 'this setting'} from now on."

    def judge(self, cell: int, results: Sequence[Result], **said: Any) -> list[Result]:
        """Store what a person says of answers in a cell, and return them with it.

        Parameters
        ----------
        cell, results
            Which they are.
        **said
            A ``thumb``, a ``note``, or both; what is not said stays.

        Raises
        ------
        ConfigurationError
            If it cannot be stored.
        """
        request, store = self.study.requests[cell], self.study.store
        kept = [store.judge(request.key, request.stored_draw(r.draw), **said) for r in results]
        return [
            msgspec.structs.replace(result, **msgspec.structs.asdict(each.result()))
            for result, each in zip(results, kept, strict=True)
        ]

    def sample(self, cell: int, listener: Listener) -> StudyRun:
        """Ask what a cell asks a few times more, in the background."""
        keys: list[ApiKey] = []
        if self.session is not None:
            keys = session_keys(self.session, self.study)
            listener = counting(self.study, self.session.tally, listener)
        request = self.study.requests[cell]
        run = top_up(self.study, request, _MORE, keys=keys, listener=listener)
        self._runs = [each for each in self._runs if not each.done()] + [run]
        return run

    @property
    def more(self) -> str:
        """How many answers `sample` asks for, in words."""
        return counted(_MORE, "answer")

    def stop(self) -> None:
        """Stop what was asked for here."""
        for run in self._runs:
            run.stop()


def _use(session: ChatSession, name: str, sent: Any) -> None:
    if name not in BESIDE_PARAMETERS:
        session.settings.update({name: sent})
    elif name == "server":
        session.use(server_of(sent))
    elif name == "extra_body":
        session.extra_body = sent or {}
    else:
        setattr(session, name, sent or "")
