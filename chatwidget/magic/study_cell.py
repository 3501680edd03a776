"""A ``%%chat`` cell that is a study: settings that vary, each asked one or several times."""

from __future__ import annotations

import contextvars
import threading
from functools import partial
from typing import TYPE_CHECKING

from IPython.display import display as show

from chatwidget.client.errors import APIError, ConfigurationError, StoppedError
from chatwidget.lab.grid_actions import GridActions
from chatwidget.lab.session_study import session_keys, session_study
from chatwidget.lab.study_display import study_display
from chatwidget.lab.study_usage import counting
from chatwidget.magic.cell_content import cell_content
from chatwidget.magic.namespace import type_named
from chatwidget.magic.study_rows import check_rows, columns_of, rows_named
from chatwidget.prompt.scorers import scorer_named
from chatwidget.render.display.answer import best_mode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.chat.session import ChatSession
    from chatwidget.chat.usage_totals import Tally
    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.prompt.arguments import CellArguments
    from chatwidget.tuning.results import Results
    from chatwidget.tuning.run import StudyRun
    from chatwidget.tuning.scoring import Scorer
    from chatwidget.tuning.study import Study

__all__ = ["run_study"]

_TICK = 0.2
_APART = (
    "tool",
    "to_cell",
    "stream_to",
    "fork",
    "conversation",
    "format",
    "raw",
    "tokens",
    "cached",
)


def run_study(
    shell: InteractiveShell, session: ChatSession, arguments: CellArguments, prompt: str
) -> None:
    """Run a study, and show its results; with ``--background``, in the background.

    Parameters
    ----------
    shell
        Whose variables the flags and the prompt name.
    session
        Whose settings hold for what the flags do not say.
    arguments
        What the first line says.
    prompt
        What is asked.

    Raises
    ------
    ChatWidgetError
        If it cannot be asked, or was stopped; what was answered is stored.
    """
    _check(arguments)
    names = shell.user_ns
    scorer = scorer_named(arguments.passes, names) if arguments.passes else None
    key = session.client.key
    keys = [key] if key else []
    rows = rows_named(arguments.rows, names)
    content = cell_content(prompt, arguments, shell, keys, columns_of(rows))
    form = type_named(arguments.schema, names) if arguments.schema else None
    said = prompt if content.content is None else content.content
    study = session_study(
        session,
        said,
        vary=arguments.vary,
        repeats=arguments.repeats or 1,
        config=arguments.config,
        form=form,
        rows=rows,
    )
    check_rows(study.definition, keys)
    if arguments.dry_run:
        show(study.plan())
        return
    notes = [session.notice(), content.note()]
    actions = GridActions(study, session, passes=scorer)
    keep = partial(_keep, shell, arguments.out)
    cell = _StudyCell(study, scorer, actions, tally=session.tally, notes=notes, keep=keep)
    cell.run(session_keys(session, study), is_awaited=not arguments.background)


def _check(arguments: CellArguments) -> None:
    for name in _APART:
        if getattr(arguments, name):
            flag = f"--{name.replace('_', '-')}"
            raise ConfigurationError(
                f"{flag} and a study do not go together: each of its questions is asked by itself, "
                "and its answers are counted.",
                hint=f"Leave {flag} out. A study stores its answers anyway.",
            )


def _check_answered(results: Results) -> None:
    """Raise the reason if every call failed: what follows in the notebook needs an answer."""
    if not results and results.failures:
        raise APIError(
            f"None of {len(results.failures)} calls was answered: {results.failures[0].message}",
            hint="%chat doctor looks at the server step by step.",
        )


def _keep(shell: InteractiveShell, name: str | None, results: Results) -> None:
    if name is not None:
        shell.user_ns[name] = results


class _StudyCell:
    """A study that runs in a cell.

    Parameters
    ----------
    study, scorer
        What is asked, and what says whether an answer passes.
    actions
        What can be done with its answers.
    tally
        Counts what is asked.
    notes
        What is to be said below the results, a sentence each; empty ones are none.
    keep
        Takes the results.
    """

    def __init__(
        self,
        study: Study,
        scorer: Scorer | None,
        actions: GridActions,
        *,
        tally: Tally,
        notes: Sequence[str],
        keep: Callable[[Results], object],
    ) -> None:
        self._study = study
        self._scorer = scorer
        self._notes = notes
        self._keep = keep
        self._display = study_display(study, mode=best_mode(), on_stop=self._stop, actions=actions)
        self._listener = counting(study, tally, self._display.hear)
        self._run: StudyRun | None = None

    def run(self, keys: Sequence[ApiKey], *, is_awaited: bool) -> None:
        try:
            run = self._study.start(openai_api_key=keys, listener=self._listener)
        except BaseException:
            self._display.abandon()
            raise
        self._run = run
        if is_awaited:
            self._wait(run)
            return
        # It waits for the run, and nobody waits for it: the run ends with the process.
        context = contextvars.copy_context()  # ipykernel finds the cell of an output there
        threading.Thread(target=context.run, args=(self._follow, run), daemon=True).start()

    def _stop(self) -> None:
        if self._run is not None:
            self._run.stop()

    def _wait(self, run: StudyRun) -> None:
        try:
            self._follow(run)
        except KeyboardInterrupt:
            run.stop()
            self._close(run)
            raise StoppedError(
                "The study was stopped; what was answered is stored.",
                hint="Run the cell again, and it goes on.",
            ) from None
        finally:
            run.stop()  # nothing goes on behind a cell that has ended
        _check_answered(run.result())

    def _follow(self, run: StudyRun) -> None:
        """Show how the run goes until it has ended, and then its results."""
        while not run.wait(_TICK):
            self._display.show(run.progress)
        self._close(run)

    def _close(self, run: StudyRun) -> None:
        try:
            results = run.results().scored(self._scorer)
        except BaseException:
            self._display.abandon()
            raise
        self._display.close(results, list(filter(None, [run.progress.ended, *self._notes])))
        self._keep(results)
