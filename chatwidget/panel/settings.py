"""The left side of the panel: all that the next question is asked with."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import traitlets

from chatwidget.client.parameters import PARAMETERS
from chatwidget.panel.controls import GROUPS, ParameterRow, row_names
from chatwidget.panel.kinds import RangeControl
from chatwidget.panel.presets import Preset, Presets
from chatwidget.panel.server import ServerPane
from chatwidget.panel.ticks import Ticks

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.chat.session import ChatSession
    from chatwidget.panel.controls import ControlFactory
    from chatwidget.panel.kinds import Control
    from chatwidget.panel.tuning import Tuner

__all__ = ["SettingsPane"]

_OPEN_AT_FIRST = ("sampling",)
_NEUTRAL = "neutral"
_ALTERNATIVES = "temperature and top_p are alternatives: change one of them, and leave the other."


class SettingsPane(widgets.VBox):
    """Server, presets, and a row for each parameter, in groups that are built when opened.

    Parameters
    ----------
    session
        What it shows and changes.
    tuner
        What knows the settings that were tried.
    make_control
        Makes the control of a parameter.
    explain
        Called with the name of a page of the handbook when a person asks for help.
    presets
        Where presets are kept.
    """

    def __init__(
        self,
        session: ChatSession,
        tuner: Tuner,
        make_control: ControlFactory,
        explain: Callable[[str], object],
        presets: Presets | None = None,
    ) -> None:
        self._session = session
        self._tuner = tuner
        self._ticks: dict[str, Ticks] = {}
        self._make_control = make_control
        self._explain = explain
        self.rows: dict[str, ParameterRow] = {}
        self._pages = {group: widgets.VBox() for group in GROUPS}
        self._groups = [self._group(group) for group in GROUPS]
        super().__init__(
            [ServerPane(session), PresetBar(session, presets or Presets()), *self._groups]
        )
        self.add_class("chatwidget-settings")
        for group in _OPEN_AT_FIRST:
            self.build(group)
        session.observe(self._follow_all, ["server", "model", "conversations", "current"])
        session.settings.observe(lambda _: self._mark(), list(PARAMETERS))

    def build(self, group: str) -> None:
        """Make the rows of a group, if that has not been done."""
        page = self._pages[group]
        if page.children:
            return
        rows = [each for name in row_names(group) for each in self._with_hint(name)]
        others: list[widgets.Widget] = [ExtraFields(self._session)] if group == "service" else []
        page.children = [*rows, *others]

    def _group(self, group: str) -> widgets.Accordion:
        opened = 0 if group in _OPEN_AT_FIRST else None
        fold = widgets.Accordion([self._pages[group]], titles=(GROUPS[group],))
        fold.selected_index = opened
        fold.observe(lambda _: self.build(group), "selected_index")
        return fold

    def _with_hint(self, name: str) -> list[widgets.Widget]:
        row = self._row(name)
        return [row, _Hint(_ALTERNATIVES)] if name == "top_p" else [row]

    def _row(self, name: str) -> ParameterRow:
        control = self._make_control(PARAMETERS[name])
        ticks = self._ticks_of(control)
        self.rows[name] = ParameterRow(self._session, control, self._explain, ticks)
        return self.rows[name]

    def _ticks_of(self, control: Control) -> Ticks | None:
        if not isinstance(control, RangeControl):
            return None
        name = control.parameter.name
        self._ticks[name] = ticks = Ticks(name, self._bring_back)
        for end in ("minimum", "maximum"):
            traitlets.dlink((control, end), (ticks, end))
        return ticks

    def _bring_back(self, name: str) -> None:
        turn = self._session.conversation.turns.get(name)
        if turn is not None:
            self._tuner.bring_back(turn)

    def _mark(self) -> None:
        """Mark the values at which the last question was answered."""
        head = self._session.conversation.head
        for name, ticks in self._ticks.items():
            ticks.marks = [
                {
                    "name": turn.id,
                    "value": value,
                    "title": f"{name} {value:g}: bring this answer back",
                    "shown": turn.id == head,
                }
                for value, turn in self._tuner.visited(name)
            ]

    def _follow_all(self, _change: object) -> None:
        """Look again at what the server refuses, and at what was tried."""
        for row in self.rows.values():
            row.follow()
        self._mark()


class PresetBar(widgets.VBox):
    """Settings under a name: choose one, save these, remove one; *neutral* sends none."""

    def __init__(self, session: ChatSession, presets: Presets) -> None:
        self._session = session
        self._presets = presets
        self._name = widgets.Combobox(
            ensure_option=False,
            placeholder="preset",
            tooltip="Type a name to save these settings; choose one to load it.",
        )
        save = widgets.Button(description="Save", tooltip="Keep these settings under this name.")
        load = widgets.Button(description="Load", tooltip="Use the settings of this name.")
        remove = widgets.Button(description="✕", tooltip="Forget the preset of this name.")
        remove.add_class("chatwidget-icon")
        self._note = _Hint("")
        bar = widgets.HBox([self._name, load, save, remove])
        bar.add_class("chatwidget-presets")
        super().__init__([bar, self._note])
        self._list()
        save.on_click(lambda _: self._save())
        load.on_click(lambda _: self._load())
        remove.on_click(lambda _: self._remove())

    def _list(self) -> None:
        self._name.options = (_NEUTRAL, *self._presets.all())

    def _save(self) -> None:
        name = self._name.value.strip()
        if name in ("", _NEUTRAL):
            self._note.say("Type a name for these settings first.")
            return
        preset = Preset(self._session.settings.sent(), self._session.system)
        self._write(partial(self._presets.save, name, preset), f"Saved as {name!r}.")

    def _load(self) -> None:
        name = self._name.value.strip() or _NEUTRAL
        preset = Preset() if name == _NEUTRAL else self._presets.all().get(name)
        if preset is None:
            self._note.say(f"There is no preset {name!r}.")
            return
        unusable = self._session.settings.replace(preset.parameters)
        self._session.system = preset.system or self._session.system
        left_out = f" Left out: {', '.join(unusable)}." if unusable else ""
        self._note.say(f"These are the settings of {name!r}.{left_out}")

    def _remove(self) -> None:
        name = self._name.value.strip()
        if self._write(partial(self._presets.remove, name), f"Forgot {name!r}." if name else ""):
            self._name.value = ""

    def _write(self, change: Callable[[], object], done: str) -> bool:
        try:
            change()
        except OSError as error:
            self._note.say(f"It could not be saved: {error.strerror}.")
            return False
        self._note.say(done)
        self._list()
        return True


class ExtraFields(widgets.VBox):
    """Any other field of the request, as JSON: top_k, min_p and what else a server knows."""

    def __init__(self, session: ChatSession) -> None:
        self._session = session
        self._field = widgets.Textarea(
            rows=3,
            continuous_update=False,
            placeholder='{"top_k": 40}',
            tooltip="Fields that are no parameters of the vendor; they are sent as they are.",
        )
        self._note = _Hint("")
        super().__init__([widgets.Label("Other fields, as JSON"), self._field, self._note])
        self.add_class("chatwidget-row")
        self._follow()
        session.observe(self._follow, "extra_body")
        self._field.observe(self._read, "value")

    def _follow(self, _change: object = None) -> None:
        extra = self._session.extra_body
        if extra != _parsed(self._field.value):
            self._field.value = json.dumps(extra, indent=1) if extra else ""

    def _read(self, change: Any) -> None:
        extra = _parsed(change["new"])
        if extra is None:
            self._note.say('This is no JSON object; it looks like {"top_k": 40}.')
        else:
            self._note.say("")
            self._session.extra_body = extra


class _Hint(widgets.Label):
    """A quiet sentence; out of sight if it is empty."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.add_class("chatwidget-note")
        self.say(sentence)

    def say(self, sentence: str) -> None:
        self.value = sentence
        self.layout.display = None if sentence else "none"


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text) if text.strip() else {}
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
