"""The session of the running shell."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from IPython.core.getipython import get_ipython

from chatwidget.chat.session import ChatSession
from chatwidget.chat.settings import settings_of
from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["current_or_new_session", "current_session", "session_of"]

_sessions: WeakKeyDictionary[object, ChatSession] = WeakKeyDictionary()


def session_of(shell: InteractiveShell) -> ChatSession | None:
    """Return the session of a shell, if it has been made."""
    return _sessions.get(shell)


def current_session() -> ChatSession:
    """Return the session of the running IPython shell; it is made at first use."""
    shell = get_ipython()
    if shell is None:
        raise ConfigurationError(
            "There is no IPython shell here to share a session with.",
            hint="Make one: ChatSession().",
        )
    if shell not in _sessions:
        _sessions[shell] = ChatSession(settings=settings_of(shell))
    return _sessions[shell]


def current_or_new_session() -> ChatSession:
    """Return the session of the running shell; where there is no shell, a new one."""
    return ChatSession() if get_ipython() is None else current_session()
