"""The actions on presets."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chatwidget.panel.action_group import ActionGroup, Handlers, left_out
from chatwidget.panel.actions import (
    DeletePreset,
    LoadPreset,
    SavePreset,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PresetActions"]


class PresetActions(ActionGroup):
    """The actions on presets."""

    def handlers(self) -> Handlers:
        """Return what is called with each of these actions."""
        return {
            SavePreset: self._save_preset,
            LoadPreset: self._load_preset,
            DeletePreset: self._delete_preset,
        }

    def _save_preset(self, action: SavePreset) -> None:
        name = action.name.strip()
        if name:
            config = self._session.settings.request_config()
            self._write(partial(self._builder.presets.save, name, config), f"Saved as {name}.")

    def _load_preset(self, action: LoadPreset) -> None:
        session, name = self._session, action.name
        before = session.settings.request_config()
        preset = self._builder.presets.get(name) if name else replace(before, parameters={})
        if preset is None:
            self._context.say(f"There is no preset {name!r}.")
            return
        unusable = session.settings.replace(preset.parameters)
        session.system = session.system if preset.system is None else preset.system
        done = f"The settings are those of {name}." if name else "No parameter is sent."
        self._context.offer_undo(
            f"{done}{left_out(unusable)}", lambda: self._context.put_back(before)
        )

    def _delete_preset(self, action: DeletePreset) -> None:
        presets, name = self._builder.presets, action.name
        stored = presets.raw(name)
        if stored is not None and self._write(partial(presets.remove, name), ""):
            self._context.offer_undo(
                f"Forgot the preset {name}.",
                lambda: self._write(partial(presets.put, name, stored), ""),
            )

    def _write(self, change: Callable[[], object], done: str) -> bool:
        """Change the presets, and say what is done or why it is not; tell whether it is."""
        try:
            change()
        except OSError as error:
            self._context.say(f"The presets could not be saved: {error.strerror}.")
            return False
        self._context.say(done)
        self._context.refresh("presets")
        return True
