"""What the session begins with and holds, as traits of the magics.

So all of it can be set in ``ipython_config.py``, and looked at and changed by ``%config``. Until
there is a session, the values wait here; from then on, whatever changes here changes there, and
the other way round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args
from weakref import WeakSet

from IPython.core.magic import Magics
from traitlets import Dict, Enum, Int, Unicode

from chatwidget.chat.settings import ParameterTrait
from chatwidget.client.parameters import PARAMETERS
from chatwidget.client.servers import PROFILES, find_server
from chatwidget.prompt.flags import Form

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.chat.session import ChatSession
    from chatwidget.client.servers import Server

__all__ = ["Defaults", "share", "was_shared"]

_OWN = ("server", "model", "system", "format", "extra_body", "tool_rounds")
_begun: WeakSet[ChatSession] = WeakSet()
"""The sessions that have got what was configured: from then on their own state holds."""


class ServerName(Unicode[str, str]):
    """The name of a server's profile, or its address."""

    def validate(self, obj: Any, value: Any) -> str:
        """Return it as it is, or raise a ConfigurationError."""
        name = super().validate(obj, value)
        if name:
            find_server(name)
        return name


class Defaults(Magics):
    """The traits; a key is none of them."""

    shell: InteractiveShell

    server = ServerName(help="The server to ask: the name of a profile, or an address.").tag(
        config=True
    )
    model = Unicode(help="The model to ask; empty for the server's own choice.").tag(config=True)
    system = Unicode(help="The system message; empty for none.").tag(config=True)
    format = Enum(get_args(Form), "markdown", help="How an answer is shown.").tag(config=True)
    extra_body = Dict(help="Other fields of each request.").tag(config=True)
    tool_rounds = Int(8, min=1, help="How often in a row a model may ask for tools.").tag(
        config=True
    )
    vars().update({name: ParameterTrait(PARAMETERS[name]).tag(config=True) for name in PARAMETERS})

    _session: ChatSession | None = None

    def connect(self, session: ChatSession) -> None:
        """Share all values with a session.

        One that was not connected before gets what is configured; of any other, the state is taken
        over.
        """
        self.disconnect()
        if session not in _begun:
            _begun.add(session)
            usual: Any = self.trait_defaults()
            for name in (*_OWN, *PARAMETERS):
                if getattr(self, name) != usual[name]:
                    _give(session, name, getattr(self, name))
        self._session = session
        for name in (*_OWN, *PARAMETERS):
            setattr(self, name, _held(session, name))
        self.observe(self._push, [*_OWN, *PARAMETERS])
        session.observe(self._pull, _OWN)
        session.settings.observe(self._pull, list(PARAMETERS))

    def disconnect(self) -> None:
        """Share nothing any more."""
        if self._session is not None:
            self.unobserve(self._push, [*_OWN, *PARAMETERS])
            self._session.unobserve(self._pull, _OWN)
            self._session.settings.unobserve(self._pull, list(PARAMETERS))
            self._session = None

    def _push(self, change: Any) -> None:
        if self._session is not None and change.new != _held(self._session, change.name):
            _give(self._session, change.name, change.new)

    def _pull(self, change: Any) -> None:
        if self._session is not None:
            setattr(self, change.name, _held(self._session, change.name))


def share(shell: InteractiveShell, session: ChatSession) -> None:
    """Connect a session with the magics of its shell, if they are loaded."""
    for each in shell.configurables:
        if isinstance(each, Defaults):
            each.connect(session)


def was_shared(session: ChatSession) -> bool:
    """Tell whether a session has got what is configured."""
    return session in _begun


def _held(session: ChatSession, name: str) -> Any:
    """Return what a session holds, in the form of the trait."""
    if name == "server":
        return _server_name(session.server)
    return getattr(session if name in _OWN else session.settings, name)


def _give(session: ChatSession, name: str, value: Any) -> None:
    if name == "server":
        session.use(find_server(value or None))
    else:
        setattr(session if name in _OWN else session.settings, name, value)


def _server_name(server: Server) -> str:
    """Return what `find_server` finds a server by."""
    return server.name if PROFILES.get(server.name) == server else server.base_url
