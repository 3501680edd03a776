"""The panel: a chat with live controls, as one widget that draws the state of its model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import msgspec
import traitlets
from IPython.core.getipython import get_ipython
from IPython.display import display
from ipywidgets import Widget, widget_serialization

from chatwidget.chat.controller import Ended
from chatwidget.chat.conversation import new_id
from chatwidget.chat.front_end import NO_PANEL, is_console
from chatwidget.chat.observing import Disposers, GuardedTraits, observe
from chatwidget.chat.shell_session import current_or_new_session
from chatwidget.panel.actions import read_action
from chatwidget.panel.control import ParameterControl
from chatwidget.panel.model import PanelModel
from chatwidget.panel.static_copy import StaticCopy
from chatwidget.persistence.notebook_reader import saved_copies
from chatwidget.render.display.assets import bundle, stylesheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.chat.session import ChatSession
    from chatwidget.chat.settings import SettingsBase
    from chatwidget.client.wire.types import ChatCompletion
    from chatwidget.panel.messages import Message

__all__ = ["ChatPanel", "panel_of"]

_MOVED = "The panel was moved to another cell."
_PARTS = (
    "layout",
    "controls",
    "header",
    "settings",
    "conversation",
    "composer",
    "request",
    "tokens",
    "tune",
)
_STYLES = [f"panel/{part}" for part in _PARTS]


class ChatPanel(GuardedTraits, anywidget.AnyWidget):
    """A chat with a control for each request parameter, on one session with the cell magic.

    Moving a control changes what the next ``%%chat`` sends, and ``%chat set`` moves the control.
    A flag of ``%%chat`` holds for its cell, and leaves a mark at the slider. A parameter that is
    not switched on is not sent. Shown again, the panel moves to the cell that shows it.

    Parameters
    ----------
    session
        The session to show and control; by default the one of the running shell, and without a
        shell a new one. Several panels may share one: an answer is asked for once, and all of
        them show it.

    Attributes
    ----------
    session, settings
        What is shown and controlled.
    model
        The state, and what can be done with it, without any widget.
    controls
        The controls of parameters that are shown by now, by their names.
    messages
        The messages of the conversation, as a later request says them.
    completion
        The last answer that was asked for here; None before the first.
    """

    _esm = bundle("panel")
    _css = stylesheet("answer", "tokens", "film", *_STYLES)

    rows: traitlets.Dict[str, Widget] = traitlets.Dict().tag(sync=True, **widget_serialization)
    completion = traitlets.Any()
    messages: traitlets.List[Any] = traitlets.List()

    def __init__(self, session: ChatSession | None = None) -> None:
        self.session = session or current_or_new_session()
        self.controls: dict[str, ParameterControl] = {}
        self._copy: StaticCopy | None = None
        self._display_id = ""
        super().__init__()
        self.model = PanelModel(self.session, self._send_message)
        self.model.on_rows(self._make_rows)
        self._make_rows()
        self._remember()
        self._disposers = Disposers(
            observe(self.session, self._remember, ["conversations", "current"]),
            self.session.controller.subscribe(self._hear),
        )
        self.on_msg(self._handle_message)

    @property
    def settings(self) -> SettingsBase:
        """What every request is made of, each value a trait."""
        settings: SettingsBase = self.session.settings
        return settings

    def ask(self, prompt: str, timeout: float | None = None) -> ChatCompletion:
        """Ask as the composer does, and wait for the answer.

        Raises
        ------
        ChatWidgetError
            If it cannot be asked, or is not answered.
        """
        self.session.controller.ask(prompt)
        return self.session.controller.wait(timeout)

    def stop(self) -> None:
        """Stop the answer that is being written; what is there stays."""
        self.session.controller.stop()

    def close(self) -> None:
        """Take the panel away, and free all that it holds; the session stays as it is."""
        if self.session.panel is self:
            self.session.panel = None
        self._disposers.dispose()
        self.model.close()
        controls, self.controls, self.rows = self.controls, {}, {}
        for control in controls.values():
            control.close()
        self.layout.close()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        _bundle(bundle)[0]["text/plain"] = "The panel lives in the kernel: run this cell to use it."
        return bundle

    def _ipython_display_(self) -> None:
        """Show the panel in the cell that runs, and below it the copy that stays."""
        if is_console(get_ipython()):
            print(NO_PANEL)  # noqa: T201 - what a console can show
            return
        earlier = self._leave()
        self._display_id = new_id()
        data, metadata = _bundle(self._repr_mimebundle_())
        display(data, metadata=metadata, raw=True, display_id=self._display_id)
        session = self.session
        self._copy = StaticCopy(session.current, session.conversation.path(), earlier)
        self._remember()

    def _leave(self) -> Sequence[dict[str, Any]]:
        """Leave a sentence in the cell that has shown the panel before.

        Return what that cell, or its copy from before the kernel restarted, tells of turns that
        nobody has restored yet.
        """
        if self._copy is None:
            shell = get_ipython()
            return saved_copies(shell.user_ns if shell else {})
        display(
            {"text/html": f"<p>{_MOVED}</p>", "text/plain": _MOVED},
            raw=True,
            display_id=self._display_id,
            update=True,
        )
        self._copy.leave()
        return self._copy.earlier

    def _remember(self, _change: object = None) -> None:
        conversation = self.session.conversation
        self.messages = conversation.messages(conversation.head)
        if self._copy is not None:
            known = [each.turns for each in self.session.conversations.values()]
            self._copy.forget_earlier(known)
            self._copy.follow(self.session.current, conversation.path())

    def _hear(self, event: object) -> None:
        if isinstance(event, Ended) and event.event is not None:
            self.completion = event.event.completion

    def _make_rows(self) -> None:
        """Make the controls that are wanted, and close those that no longer are."""
        wanted = self.model.builder.rows()
        before = self.controls
        self.controls = {
            name: before.get(name) or ParameterControl(self.session, name) for name in wanted
        }
        self.rows = dict(self.controls)
        for name, control in before.items():
            if name not in self.controls:
                control.close()

    def _send_message(self, message: Message) -> None:
        self.send(msgspec.to_builtins(message))

    def _handle_message(
        self, _widget: object, content: object, buffers: Sequence[memoryview]
    ) -> None:
        """Do what the page asks for, if it is one of the actions that there are."""
        action = read_action(content)
        if action is not None:
            self.model.handle(action, buffers)


def panel_of(session: ChatSession) -> ChatPanel:
    """Return the panel of a session, which is made once: shown again, it moves."""
    if not isinstance(session.panel, ChatPanel):
        session.panel = ChatPanel(session)
    return session.panel


def _bundle(bundle: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the data and the metadata of a display, which come as one or as two."""
    return bundle if isinstance(bundle, tuple) else (bundle, {})
