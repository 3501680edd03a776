"""A ``%%chat`` cell that is a study: settings that vary, each asked one or several times."""

from __future__ import annotations

import contextvars
import threading
from typing import TYPE_CHECKING, Any

from IPython.display import display as show

from chatwidget.client.errors import ConfigurationError, StoppedError
from chatwidget.lab.study_display import study_display
from chatwidget.magic.namespace import scorer_named
from chatwidget.render.display.answer import best_mode
from chatwidget.tuning.study import Study

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.chat.session import ChatSession
    from chatwidget.lab.study_display import StudyDisplay
    from chatwidget.prompt.arguments import CellArguments
    from chatwidget.tuning.results import Results
    from chatwidget.tuning.run import StudyRun
    from chatwidget.tuning.scoring import Scorer

__all__ = ["run_study"]

_TICK = 0.2
_APART = ("tool", "to_cell", "stream_to", "fork", "conversation", "raw", "cached")


def run_study(
    shell: InteractiveShell, session: ChatSession, arguments: CellArguments, content: Any
) -> None:
    """Run a study, and show its results; with ``--background``, in the background.

    Parameters
    ----------
    shell
        Whose variables the flags name.
    session
        Whose settings hold for what the flags do not say.
    arguments
        What the first line says.
    content
        What is asked: a text, or its parts.

    Raises
    ------
    ChatWidgetError
        If it cannot be asked, or was stopped; what was answered is stored.
    """
    _check(arguments)
    scorer = scorer_named(arguments.passes, shell.user_ns) if arguments.passes else None
    study = _study(session, arguments, content)
    if arguments.dry_run:
        show(study.plan())
        return
    _StudyCell(shell, arguments, study, scorer).run(session)


def _check(arguments: CellArguments) -> None:
    for name in _APART:
        if getattr(arguments, name):
            flag = f"--{name.replace('_', '-')}"
            raise ConfigurationError(
                f"{flag} and a study do not go together: each of its questions is asked by itself.",
                hint=f"Leave {flag} out. A study stores its answers anyway.",
            )


def _study(session: ChatSession, arguments: CellArguments, content: Any) -> Study:
    config = session.request_config(arguments.config)
    fixed: dict[str, Any] = dict(config.parameters)
    fixed |= {"server": config.server or session.server, "model": config.model}
    fixed |= {"system": config.system} if config.system else {}
    fixed |= {"extra_body": dict(config.extra_body)} if config.extra_body else {}
    for name in arguments.vary:
        fixed.pop(name, None)
        if name == "server":
            fixed.pop("model", None)
    return Study(
        [{"role": "user", "content": content}],
        vary=arguments.vary,
        repeats=arguments.repeats or 1,
        fixed={name: value for name, value in fixed.items() if value not in (None, "")},
    )


class _StudyCell:
    """A study that runs in a cell."""

    def __init__(
        self,
        shell: InteractiveShell,
        arguments: CellArguments,
        study: Study,
        scorer: Scorer | None,
    ) -> None:
        self._shell = shell
        self._arguments = arguments
        self._study = study
        self._scorer = scorer
        self._run: StudyRun | None = None

    def run(self, session: ChatSession) -> None:
        display = study_display(self._study, mode=best_mode(), on_stop=self._stop)
        key = session.client_of(session.server).key
        run = self._run = self._study.start(openai_api_key=key, listener=display.hear)
        if not self._arguments.background:
            self._wait(run, display)
            return
        # It waits for the run, and nobody waits for it: the run ends with the process.
        context = contextvars.copy_context()  # ipykernel finds the cell of an output there
        follow = (self._follow, run, display)
        threading.Thread(target=context.run, args=follow, daemon=True).start()

    def _stop(self) -> None:
        if self._run is not None:
            self._run.stop()

    def _wait(self, run: StudyRun, display: StudyDisplay) -> None:
        try:
            self._follow(run, display)
        except KeyboardInterrupt:
            run.stop()
            self._close(run, display)
            raise StoppedError(
                "The study was stopped; what was answered is stored.",
                hint="Run the cell again, and it goes on.",
            ) from None
        run.result()

    def _follow(self, run: StudyRun, display: StudyDisplay) -> None:
        """Show how the run goes until it has ended, and then its results."""
        while not run.wait(_TICK):
            display.show(run.progress)
        self._close(run, display)

    def _close(self, run: StudyRun, display: StudyDisplay) -> Results:
        results = run.results().scored(self._scorer)
        display.close(results, run.progress.ended)
        if self._arguments.out is not None:
            self._shell.user_ns[self._arguments.out] = results
        return results
