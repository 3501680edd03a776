"""The ``%chat`` commands that ask, and those for answers in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

from chatwidget.client.errors import ConfigurationError
from chatwidget.client.text import counted
from chatwidget.magic.cell import run_cell
from chatwidget.magic.commands.argument_parsing import required
from chatwidget.magic.commands.command import Theme, say
from chatwidget.magic.fixing import fixing_prompt
from chatwidget.render.display.tables import Table

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.chat.background_answers import BackgroundAnswer
    from chatwidget.chat.session import ChatSession

__all__ = ["BACKGROUND_THEME", "THEME"]


def ask(_session: ChatSession, rest: str) -> None:
    """Ask what the rest of the line says, as it stands: ``%chat ask What is a token?``."""
    run_cell(_shell(), "", required(rest, "a question", "%chat ask What is a token?"))


def fix(_session: ChatSession, rest: str) -> None:
    """Ask what is wrong with the last cell that failed; the corrected one goes into a new cell."""
    run_cell(_shell(), "--to-cell --no-vars", fixing_prompt(_shell(), rest))


def _shell() -> InteractiveShell:
    shell = get_ipython()
    if shell is None:
        raise ConfigurationError(
            "There is no IPython shell here.", hint="Use ChatSession().ask(...)."
        )
    return shell


def tasks(session: ChatSession, _rest: str) -> Any:
    """List the answers that are written in the background."""
    running = list(session.running)
    if not running:
        say("Nothing runs in the background.")
        return None
    columns = ("Number", "Seconds", "Characters", "Conversation", "Prompt")
    numbers = frozenset(columns[:3])
    return Table(columns, list(map(_row, running)), numbers, "%chat stop NUMBER stops one of them.")


def stop(session: ChatSession, rest: str) -> None:
    """Stop the answers of the background, or one of them: %chat stop, %chat stop 2."""
    if rest and not rest.isdecimal():
        raise ConfigurationError(
            f"%chat stop takes the number of an answer; got {rest!r}.",
            hint="%chat tasks lists them; without a number, all are stopped.",
        )
    stopped = session.running.stop(int(rest) if rest else None)
    say(f"{counted(stopped, 'answer')} stopped." if stopped else "Nothing runs in the background.")


def wait(session: ChatSession, _rest: str) -> None:
    """Wait until all answers of the background have ended; fail if one of them failed."""
    session.running.wait()


def _row(answer: BackgroundAnswer) -> tuple[str, ...]:
    question = answer.question
    return (
        str(answer.number),
        f"{answer.seconds:.0f}",
        f"{sum(len(choice.message.content or '') for choice in answer.task.completion.choices):,}",
        question.conversation or "none",
        question.prompt,
    )


THEME = Theme("Questions on a line", (ask, fix))
BACKGROUND_THEME = Theme("The answers that are written in the background", (tasks, stop, wait))
