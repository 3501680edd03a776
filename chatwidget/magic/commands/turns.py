"""The conversations and their turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.text import counted
from chatwidget.magic.commands.command import Theme, say
from chatwidget.render.display.tables import Table, excerpt
from chatwidget.render.display.transcript import TurnView, turn_table

if TYPE_CHECKING:
    from chatwidget.chat.conversation import Conversation, Turn
    from chatwidget.chat.session import ChatSession

__all__ = ["THEME"]

_SHOWN = 60


def new(session: ChatSession, rest: str) -> None:
    """Begin an empty conversation; the earlier ones stay: ``%chat new``, ``%chat new NAME``."""
    if not rest and not session.conversation.turns:
        say(f"The conversation {session.current} is empty: the next question is its first.")
        return
    before = _set_aside(session, rest)
    say(f"This is the new conversation {session.begin(rest or None)}; {before} stays as it is.")


def conversations(session: ChatSession, _rest: str) -> Any:
    """List the conversations, and mark the current one."""
    known = {session.current: session.conversation} | session.conversations
    rows = [
        ("●" if name == session.current else "", name, *_in_brief(known[name]))
        for name in session.names
    ]
    remark = "%chat switch NAME goes on in another one."
    return Table(("", "Name", "Turns", "Last prompt"), rows, frozenset({"Turns"}), remark)


def switch(session: ChatSession, rest: str) -> None:
    """Go on in another conversation: ``%chat switch NAME``."""
    if rest not in session.names:
        listed = f"There are {', '.join(session.names)}; %chat new NAME begins one."
        raise ConfigurationError(
            f"There is no conversation {rest!r}." if rest else "The command takes a name.",
            hint=did_you_mean(rest, session.names, listed, form="%chat switch {}"),
        )
    session.current = rest
    turns, _ = _in_brief(session.conversation)
    say(f"Questions belong to {rest} now, which has {counted(int(turns), 'turn')}.")


def history(session: ChatSession, rest: str) -> Any:
    """List the turns of the conversation, or show one of them in full: ``%chat history 2``."""
    path = session.conversation.path()
    if rest:
        return TurnView(path[_number(rest, len(path), "%chat history 1") - 1])
    if not path:
        say(f"The conversation {session.current} has no turns yet.")
        return None
    return turn_table(session.conversation)


def undo(session: ChatSession, rest: str) -> None:
    """Take the last turn back, or the last two: ``%chat undo 2``; they stay as versions."""
    path = session.conversation.path()
    if not path:
        raise ConfigurationError(
            f"The conversation {session.current} has no turns.",
            hint="%chat conversations lists the others.",
        )
    gone = path[len(path) - _number(rest or "1", len(path), "%chat undo 2") :]
    session.change(lambda conversation: conversation.until(gone[0].parent))
    say(
        *(f"Undone: {_quoted(turn)}" for turn in gone),
        f"The next question follows {_end(session)}. "
        "What was undone stays as a version: %chat redo brings it back.",
    )


def redo(session: ChatSession, rest: str) -> None:
    """Bring back what was undone last: ``%chat redo``, ``%chat redo 2``."""
    before = len(session.conversation.path())
    wanted = _number(rest or "1", None, "%chat redo 2")
    for _ in range(min(wanted, len(session.conversation.turns))):
        session.change(_one_further)
    back = session.conversation.path()[before:]
    if not back:
        raise ConfigurationError(
            "There is nothing to bring back: no turn answers to the last one.",
            hint="%chat history shows the turns, and which of them have versions.",
        )
    say(*(f"Back: {_quoted(turn)}" for turn in back))


def version(session: ChatSession, rest: str) -> None:
    """Go on with another version of a turn: ``%chat version 2 1`` takes the first of turn 2."""
    conversation, example = session.conversation, "%chat version 2 1"
    path = conversation.path()
    turn, _, number = rest.partition(" ")
    versions = conversation.versions(path[_number(turn, len(path), example) - 1].id)
    chosen = versions[_number(number.strip(), len(versions), example) - 1]
    session.change(lambda conversation: conversation.showing(chosen.id))
    say(f"The conversation goes through {_quoted(chosen)} now, and ends with {_end(session)}.")


def pick(session: ChatSession, rest: str) -> None:
    """Go on with another of several answers to the last question: ``%chat pick 2``."""
    path = session.conversation.path()
    answers = path[-1].answers if path else []
    if len(answers) <= 1:
        raise ConfigurationError(
            f"There is nothing to pick: {_end(session)} has {counted(len(answers), 'answer')}.",
            hint="%%chat --n 3 asks for three answers, which stand side by side.",
        )
    number = _number(rest, len(answers), "%chat pick 2")
    session.change(lambda conversation: conversation.choosing(path[-1].id, number - 1))
    say(f"The conversation goes on with choice {number} of {len(answers)}.")


def fork(session: ChatSession, rest: str) -> None:
    """Go on in a copy of the conversation: ``%chat fork``, ``%chat fork NAME``."""
    copied = session.conversation
    before = _set_aside(session, rest)
    say(f"This is {session.begin(rest or None, copied)}, a copy; {before} stays as it is.")


def _set_aside(session: ChatSession, name: str) -> str:
    """Free a name that a notebook gives at each run; return what the current one is called."""
    if not name:
        return session.current
    kept = session.set_aside(name)
    if kept != name:
        say(f"The earlier {name} is called {kept} now.")
    return kept if session.current == name else session.current


def _in_brief(conversation: Conversation) -> tuple[str, str]:
    path = conversation.path()
    return str(len(path)), path[-1].prompt if path else ""


def _number(text: str, most: int | None, example: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1 or (most is not None and number > most):
        counts = f"from 1 to {most}" if most else "from 1 on"
        raise ConfigurationError(
            f"The command takes a number {counts}; got {text!r}.", hint=f"As in {example}."
        )
    return number


def _one_further(conversation: Conversation) -> Conversation:
    """Return a conversation that ends with the newest answer to its last turn, if there is one."""
    after = [turn.id for turn in conversation.turns.values() if turn.parent == conversation.head]
    return conversation.until(after[-1]) if after else conversation


def _quoted(turn: Turn) -> str:
    return f"“{excerpt(turn.prompt, _SHOWN)}”"


def _end(session: ChatSession) -> str:
    path = session.conversation.path()
    return _quoted(path[-1]) if path else "nothing"


THEME = Theme(
    "The conversations and their turns",
    (new, conversations, switch, history, undo, redo, version, pick, fork),
)
