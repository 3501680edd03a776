"""The settings of a session: the one home of every value that holds until it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from traitlets import Dict, Enum, Int, TraitType, Unicode, default
from traitlets.config import Configurable

from chatwidget.chat.observing import GuardedTraits
from chatwidget.chat.request_config import RequestConfig
from chatwidget.client.auth.servers import PROFILES, Server, default_server, find_server
from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.client.request.parameters import PARAMETERS, validate_parameters
from chatwidget.client.request.typed_value import read_value
from chatwidget.prompt.flags import OutputFormatName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from chatwidget.client.request.parameters import Parameter

__all__ = ["ParameterTrait", "Settings", "SettingsBase", "server_address", "settings_of"]


class ParameterTrait(TraitType[Any, Any]):
    """A request parameter: None means *not sent*, anything else is checked against the table."""

    allow_none = True
    default_value = None

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(help=f"{parameter.help} Takes {parameter.describe()}.")
        self.parameter = parameter

    def validate(self, obj: Any, value: object) -> object:  # noqa: ARG002 - traitlets' signature
        """Return the value as it goes on the wire, or raise a ParameterError."""
        return self.parameter.validate(value)

    def from_string(self, s: str) -> object:
        """Read a value from a command line."""
        return read_value(self.parameter, s)


class ServerTrait(TraitType[Server, "str | Server | None"]):
    """A server; it takes the name of a profile, an address, and None for the environment's, too."""

    info_text = "the name of a server's profile, or its address"

    def validate(self, obj: Any, value: Any) -> Server:  # noqa: ARG002 - traitlets' signature
        """Return the server, or raise a ConfigurationError."""
        if isinstance(value, str | Server | None):
            return find_server(value or None)
        raise ConfigurationError(
            f"{value!r} is no server.", hint="Give the name of a profile, or an address."
        )

    def from_string(self, s: str) -> Server:
        """Read a server from a command line."""
        return find_server(s or None)


class SettingsBase(GuardedTraits, Configurable):
    """What every request of a session is made of, each a trait.

    ``%config ChatMagics`` shows and changes it, and ``c.ChatMagics`` in ``ipython_config.py`` sets
    what a session begins with. Magic, panel, controls and code are views of it.

    Attributes
    ----------
    server
        Where questions go; it takes the name of a profile or an address.
    model
        The model to ask; empty for the server's own choice.
    system
        The system message; empty for none.
    format
        How the text of an answer is shown.
    extra_body
        Fields of the request that are no parameters of the vendor.
    tool_rounds
        How many times in a row a model may ask for tools before it has to answer.
    """

    server = ServerTrait(help="The server to ask: the name of a profile, or an address.").tag(
        config=True
    )
    model = Unicode(help="The model to ask; empty for the server's own choice.").tag(config=True)
    system = Unicode(help="The system message; empty for none.").tag(config=True)
    format: Enum[OutputFormatName] = Enum(
        get_args(OutputFormatName), "markdown", help="How an answer is shown."
    ).tag(config=True)
    extra_body: Dict[str, Any] = Dict(help="Other fields of each request.").tag(config=True)
    tool_rounds = Int(8, min=1, help="How often in a row a model may ask for tools.").tag(
        config=True
    )

    server_is_chosen = False
    """Whether somebody has chosen the server; else the environment, or its lack, has."""

    @default("server")
    def _server_of_the_environment(self) -> Server:
        return default_server()

    def get(self, name: str) -> Any:
        """Return the value of a parameter; None if it is not sent."""
        return getattr(self, name)

    def sent(self) -> dict[str, Any]:
        """Return the parameters that are sent, by name."""
        return {name: getattr(self, name) for name in PARAMETERS if getattr(self, name) is not None}

    def request_config(self) -> RequestConfig:
        """Return what the next request is made of, as it is now."""
        return RequestConfig(
            server=self.server,
            model=self.model,
            system=self.system,
            parameters=self.sent(),
            extra_body=self.extra_body,
        )

    def use_server(self, server: str | Server) -> None:
        """Ask another server from now on; the model is chosen anew.

        Raises
        ------
        ConfigurationError
            If there is no such server.
        """
        server = find_server(server)  # what cannot be used changes nothing
        with self.hold_trait_notifications():
            self.server = server
            self.model = ""
        self.server_is_chosen = True

    def update(self, parameters: Mapping[str, Any]) -> None:
        """Send these parameters from now on, beside those that are sent already; None is not sent.

        Raises
        ------
        ParameterError
            If one of them has a wrong name, type or value; then none is changed.
        """
        before = {name: getattr(self, name) for name in parameters if name in PARAMETERS}
        with self.hold_trait_notifications():
            try:
                for name, value in parameters.items():
                    self._set(name, value)
            except ParameterError:
                for name, value in before.items():
                    setattr(self, name, value)
                raise

    def clear(self) -> None:
        """Send no parameter."""
        with self.hold_trait_notifications():
            for name in self.sent():
                setattr(self, name, None)

    def replace(self, parameters: Mapping[str, Any]) -> list[str]:
        """Send these parameters and no others; return those that cannot be used as they are."""
        with self.hold_trait_notifications():
            for name in PARAMETERS:
                setattr(self, name, None)
            return [name for name, value in parameters.items() if not self._takes(name, value)]

    def _takes(self, name: str, value: object) -> bool:
        try:
            self._set(name, value)
        except ParameterError:
            return False
        return True

    def _set(self, name: str, value: object) -> None:
        """Set a parameter, whose trait checks the value; a name that there is not is an error."""
        if name not in PARAMETERS:
            validate_parameters({name: value})
        setattr(self, name, value)

    def _load_config(
        self,
        cfg: Config,
        section_names: list[str] | None = None,
        traits: dict[str, TraitType[Any, Any]] | None = None,
    ) -> None:
        """Take what is configured; a server that comes without a model has it chosen anew."""
        given = self._find_my_config(cfg)
        super()._load_config(cfg, section_names, traits)
        self.server_is_chosen = self.server_is_chosen or "server" in given
        if "server" in given and "model" not in given:
            self.model = ""


def settings_of(shell: InteractiveShell) -> SettingsBase | None:
    """Return the settings that a shell's ``%config`` sees, if there are some."""
    known: list[Any] = shell.configurables
    return next((each for each in known if isinstance(each, SettingsBase)), None)


def server_address(server: Server) -> str:
    """Return what `find_server` finds a server by: its profile or its address."""
    return server.name if PROFILES.get(server.name) == server else server.url()


Settings = type(
    "ChatMagics",  # the name by which configuration files and %config know it
    (SettingsBase,),
    {name: ParameterTrait(parameter).tag(config=True) for name, parameter in PARAMETERS.items()},
)
