"""Controls for the parameters that are more than one value: formats, biases and tools."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from chatwidget.panel.kinds import Control

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chatwidget.client.parameters import Parameter

__all__ = ["BiasControl", "FormatControl", "ToolsControl"]

_EXAMPLE_SCHEMA = {
    "name": "answer",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    },
}


class FormatControl(Control):
    """The format of the answer: text, JSON, or JSON of a schema that is written below."""

    def __init__(self, parameter: Parameter) -> None:
        self._list = widgets.Dropdown(
            options=[("text", "text"), ("JSON", "json_object"), ("JSON schema", "json_schema")],
            tooltip=parameter.help,
        )
        self._schema = widgets.Textarea(
            rows=6, continuous_update=False, tooltip="A JSON schema, with its name."
        )
        self._schema.value = json.dumps(_EXAMPLE_SCHEMA, indent=1)
        for part in (self._list, self._schema):
            part.observe(self._choose, "value")
        super().__init__(parameter, self._list, self._schema, start={"type": "json_object"})

    def show(self, value: Any) -> None:
        """Choose the format, and write its schema; a type is shown by its name."""
        if not isinstance(value, dict):
            return
        self._list.value = value.get("type", "text")
        if "json_schema" in value:
            self._schema.value = json.dumps(value["json_schema"], indent=1)
        self._schema.layout.display = None if self._list.value == "json_schema" else "none"

    def _choose(self, _change: object) -> None:
        chosen: dict[str, Any] = {"type": self._list.value}
        if self._list.value == "json_schema":
            try:
                chosen["json_schema"] = json.loads(self._schema.value)
            except ValueError as error:
                self.problem = f"The schema is no JSON: {error}."
                return
        self.take(chosen)


class BiasControl(Control):
    """Rows of a token and what is added to its logit.

    Parameters
    ----------
    token_id
        Returns the number of the token that a text is; it raises a LookupError, in words for the
        user, if that is not known.
    """

    def __init__(self, parameter: Parameter, token_id: Callable[[str], int]) -> None:
        self._token_id = token_id
        self._token = widgets.Text(placeholder="token id or text", tooltip=parameter.help)
        self._amount = widgets.IntSlider(
            5, min=-100, max=100, continuous_update=False, tooltip="-100 bans it, 100 forces it."
        )
        add = widgets.Button(description="Add", tooltip="Bias this token.")
        add.on_click(lambda _: self._add())
        self._rows = widgets.VBox()
        super().__init__(parameter, self._rows, self._token, self._amount, add, start={})
        self.add_class("chatwidget-bias")

    def show(self, value: Any) -> None:
        """Show a row for each token."""
        self._rows.children = [self._row(token, amount) for token, amount in value.items()]

    def _row(self, token: str, amount: float) -> widgets.HBox:
        remove = widgets.Button(description="✕", tooltip=f"Leave token {token} alone.")
        remove.add_class("chatwidget-icon")
        remove.on_click(lambda _: self.take(_without(self.choice, token)))
        return widgets.HBox([widgets.Label(f"{token}: {amount:+g}"), remove])

    def _add(self) -> None:
        text = self._token.value
        try:
            token = text.strip() if text.strip().isdecimal() else str(self._token_id(text))
        except LookupError as error:
            self.problem = str(error.args[0])
            return
        self._token.value = ""
        self.take({**self.choice, token: self._amount.value})


class ToolsControl(Control):
    """The functions of the namespace that the model may ask for.

    Parameters
    ----------
    namespace
        The user's variables.
    """

    def __init__(self, parameter: Parameter, namespace: Mapping[str, object]) -> None:
        self._namespace = namespace
        self._list = widgets.SelectMultiple(rows=4, tooltip=parameter.help)
        self._list.observe(lambda change: self._choose(change["new"]), "value")
        look = widgets.Button(description="↻", tooltip="Look for functions again.")
        look.add_class("chatwidget-icon")
        look.on_click(lambda _: self._follow())
        super().__init__(parameter, self._list, look, start=[])

    def show(self, value: Any) -> None:
        """Mark the functions that are chosen."""
        self._list.options = self._functions()
        names = {getattr(tool, "__name__", None) for tool in value}
        self._list.value = [name for name in self._list.options if name in names]

    def _choose(self, names: tuple[str, ...]) -> None:
        others = [tool for tool in self.choice if not callable(tool)]
        self.take([*others, *(self._namespace[name] for name in names)])

    def _functions(self) -> list[str]:
        """Return the names of the functions that were written in this notebook."""
        return sorted(
            name
            for name, value in self._namespace.items()
            if inspect.isfunction(value)
            and value.__module__ == "__main__"
            and not name.startswith("_")
        )


def _without(biases: dict[str, float], token: str) -> dict[str, float]:
    return {name: amount for name, amount in biases.items() if name != token}
