"""The names that may stand on a line: models, conversations, variables, files and so on."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from inspect import isclass, isroutine
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from chatwidget.client.auth.servers import PROFILES, find_server
from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.render.display.tables import excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.chat.session import ChatSession
    from chatwidget.client.client import ChatClient

__all__ = ["Names", "Offer"]


_PATIENCE = 1.0
_FRESH = 300.0
_LONGEST_NOTE = 80


@dataclass
class _Inquiry:
    """What a server was asked, and what it has said so far."""

    began: float = field(default_factory=time.monotonic)
    names: tuple[str, ...] = ()
    is_over: threading.Event = field(default_factory=threading.Event)

    def run(self, client: ChatClient) -> None:
        try:
            self.names = tuple(model.id for model in client.list_models())
        except ChatWidgetError:
            pass  # who types a name is not to be told of it: %chat models does that
        finally:
            self.is_over.set()


_inquiries: WeakKeyDictionary[ChatClient, _Inquiry] = WeakKeyDictionary()


def known_models(client: ChatClient) -> tuple[str, ...]:
    """Return the models of a client's server; none if it does not say them within a second.

    What it says later is known the next time.
    """
    inquiry = _inquiries.get(client)
    if inquiry is None or time.monotonic() - inquiry.began > _FRESH:
        inquiry = _inquiries[client] = _Inquiry()
        threading.Thread(target=inquiry.run, args=(client,), daemon=True).start()
        inquiry.is_over.wait(_PATIENCE)
    return inquiry.names


@dataclass(frozen=True)
class Offer:
    """What may take the place of the fragment before the cursor.

    Attributes
    ----------
    fragment
        What has been typed of it.
    texts
        What it may become.
    kind
        What these are, in a word; front ends show it.
    notes
        What some of them do, which is shown in its place.
    """

    fragment: str
    texts: tuple[str, ...] = ()
    kind: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    def note(self, text: str) -> str:
        """Return what is shown beside a text."""
        return excerpt(self.notes.get(text) or self.kind, _LONGEST_NOTE)


class Names:
    """Offers the names that begin with a fragment.

    Parameters
    ----------
    shell
        Whose variables are offered.
    session
        Whose conversations, servers and models are offered.
    """

    def __init__(self, shell: InteractiveShell, session: ChatSession) -> None:
        self._shell = shell
        self._session = session

    @staticmethod
    def nothing() -> Offer:
        """Offer nothing."""
        return Offer("")

    @staticmethod
    def of(fragment: str, names: Iterable[str], kind: str) -> Offer:
        """Offer those of some names that begin with the fragment."""
        return Offer(fragment, tuple(name for name in names if name.startswith(fragment)), kind)

    def models(self, fragment: str, server: str | None = None) -> Offer:
        """Offer the models of a server, by default the current one, and their short names."""
        asked = find_server(server) if server else self._session.server
        models = known_models(self._session.client_of(asked))
        return self.of(fragment, [*self._session.aliases, *models], "model")

    def servers(self, fragment: str) -> Offer:
        """Offer the profiles of servers."""
        return self.of(fragment, PROFILES, "server")

    def conversations(self, fragment: str) -> Offer:
        """Offer the conversations."""
        return self.of(fragment, self._session.names, "conversation")

    def parameters(self, fragment: str) -> Offer:
        """Offer the request parameters."""
        return self.of(fragment, PARAMETERS, "parameter")

    def sent(self, fragment: str) -> Offer:
        """Offer the request parameters that are set."""
        return self.of(fragment, self._session.settings.sent(), "parameter")

    def allowed(self, fragment: str) -> Offer:
        """Offer the functions that may run without asking."""
        return self.of(fragment, self._session.permissions.names(), "function")

    def variables(self, fragment: str) -> Offer:
        """Offer the user's variables."""
        return self._variables(fragment, lambda _: True, "variable")

    def functions(self, fragment: str) -> Offer:
        """Offer the user's functions."""
        return self._variables(fragment, isroutine, "function")

    def types(self, fragment: str) -> Offer:
        """Offer the user's classes, and dictionaries that may be schemas."""
        return self._variables(
            fragment, lambda value: isclass(value) or type(value) is dict, "type"
        )

    def variables_and_files(self, fragment: str) -> Offer:
        """Offer the user's variables, and files."""
        texts = self.variables(fragment).texts + self.files(fragment).texts
        return Offer(fragment, texts, "file")

    @staticmethod
    def files(fragment: str, suffixes: tuple[str, ...] = ()) -> Offer:
        """Offer the folders, and the files that end in one of the suffixes."""
        start = 1 + max(fragment.rfind(separator) for separator in ("/", os.sep))
        folder, stem = fragment[:start], fragment[start:]
        try:
            paths = sorted(Path(folder or ".").expanduser().iterdir())
            texts = tuple(
                f"{folder}{path.name}{'/' if path.is_dir() else ''}"
                for path in paths
                if path.name.startswith(stem)
                and path.name.startswith(".") <= stem.startswith(".")
                and (path.is_dir() or not suffixes or path.suffix in suffixes)
            )
        except (OSError, RuntimeError):  # no such folder, or nobody's home
            texts = ()
        return Offer(fragment, texts, "file")

    def _variables(self, fragment: str, fits: Callable[[object], bool], kind: str) -> Offer:
        hidden = self._shell.user_ns_hidden
        names = [
            name
            for name, value in self._shell.user_ns.items()
            if not name.startswith("_") and name not in hidden and fits(value)
        ]
        return self.of(fragment, sorted(names), kind)
