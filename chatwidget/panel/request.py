"""The Request tab: what the next question sends, to copy, and a place to paste it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets as widgets
import traitlets

from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.parameters import PARAMETERS
from chatwidget.prompt.request_snippet import Recipe, read_recipe
from chatwidget.render.display.scripts import STATIC

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession

__all__ = ["RequestTab"]

_PROMPT = "…"


class CopyableText(anywidget.AnyWidget):
    """A piece of code with a button that copies it.

    Attributes
    ----------
    title, text
        What it is, and the code; both are shown as text.
    """

    _esm = STATIC / "copyable.js"

    title = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)


class RequestTab(widgets.VBox):
    """The state of a session as a magic line, as Python and as curl, always as it is now.

    Parameters
    ----------
    session
        What is written down, and changed when something is pasted.
    """

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self._prompt = _PROMPT
        self._magic = CopyableText(title="Cell magic")
        self._python = CopyableText(title="Python")
        self._curl = CopyableText(title="curl")
        self._pasted = widgets.Textarea(
            rows=3,
            continuous_update=False,
            placeholder="Paste a %%chat line or a call of create_chat_completion",
            tooltip="Its settings become those of the panel; nothing in it is run.",
            layout={"width": "100%"},
        )
        use = widgets.Button(description="Use these settings", tooltip="Set the controls to it.")
        self._note = widgets.Label()
        self._note.add_class("chatwidget-note")
        super().__init__(
            [self._magic, self._python, self._curl, self._pasted, use, self._note],
        )
        self.add_class("chatwidget-request")
        self._follow()
        session.observe(self._follow, ["server", "model", "system", "extra_body"])
        session.settings.observe(self._follow, list(PARAMETERS))
        use.on_click(lambda _: self._use())

    def ask_about(self, prompt: str) -> None:
        """Write the programs down with this question."""
        self._prompt = prompt or _PROMPT
        self._follow()

    def recipe(self) -> Recipe:
        """Return what the next question is asked with."""
        session = self._session
        return Recipe(
            session.model or session.server.default_model or "",
            session.system,
            session.settings.sent(),
            dict(session.extra_body),
        )

    def _follow(self, _change: Any = None) -> None:
        recipe, server = self.recipe(), self._session.server
        self._magic.text = f"{recipe.as_magic()}\n{self._prompt}"
        self._python.text = recipe.as_python(server, self._prompt)
        self._curl.text = recipe.as_curl(server, self._prompt)

    def _use(self) -> None:
        try:
            recipe = read_recipe(self._pasted.value)
        except ChatWidgetError as error:
            self._say(f"{error.message} {error.hint}".strip())
            return
        session = self._session
        session.settings.replace(recipe.parameters)
        session.extra_body = recipe.extra
        session.model = recipe.model or session.model
        session.system = recipe.system or session.system
        self._pasted.value = ""
        self._say("The controls are set to it.")

    def _say(self, sentence: str) -> None:
        self._note.value = sentence
