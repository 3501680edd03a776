"""Writes the messages between kernel and page down as types for the page's scripts.

The messages are msgspec Structs. From them come the declarations by which ``tsc`` holds the scripts
to what the kernel sends and takes: chatwidget/static/src/messages.d.ts. ``make frontend`` renews
them; a test says when they are stale.
"""

from __future__ import annotations

import argparse
import importlib
import json
import types
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DECLARATIONS", "declarations"]

ROOT = Path(__file__).parents[2]
DECLARATIONS = ROOT / "chatwidget" / "static" / "src" / "messages.d.ts"
MODULES = [
    "chatwidget.render.display.messages",
    "chatwidget.lab.grid_messages",
    "chatwidget.lab.film_messages",
    "chatwidget.lab.token_messages",
    "chatwidget.panel.film_state",
    "chatwidget.panel.state",
    "chatwidget.panel.tune_state",
    "chatwidget.panel.messages",
    "chatwidget.panel.actions",
    "chatwidget.panel.control_inputs",
    "chatwidget.panel.control_messages",
]
"""Where messages are defined: every Struct and every alias that one of them exports is written."""

HEAD = """\
// The messages between kernel and page: made by "make frontend" from the Structs of
// {modules}. Do not edit.
"""
WIDTH = 100
SIMPLE = {
    Any: "unknown",
    None: "null",
    bool: "boolean",
    bytes: "string",
    dict: "Record<string, unknown>",
    float: "number",
    int: "number",
    list: "unknown[]",
    object: "unknown",
    str: "string",
    type(None): "null",
}


def declarations(modules: Iterable[str] = MODULES) -> str:
    """Return the declarations of all messages that these modules export."""
    names = list(modules)
    writer = Writer()
    for name in names:
        writer.read(importlib.import_module(name))
    said = "\n// ".join(names)
    return "\n".join([HEAD.format(modules=said), *writer.declarations()])


class Writer:
    """Turns types of Python into types of TypeScript."""

    def __init__(self) -> None:
        self._structs: dict[str, type[msgspec.Struct]] = {}
        self._aliases: dict[str, Any] = {}

    def read(self, module: types.ModuleType) -> None:
        """Take all Structs and aliases that a module exports."""
        for name in module.__all__:
            value = getattr(module, name)
            if is_struct(value):
                self._add(self._structs, value.__name__, value)
            elif not isinstance(value, type) and get_origin(value) is not None:
                self._add(self._aliases, name, value)

    def declarations(self) -> list[str]:
        """Return all declarations; those that are mentioned and not exported are among them."""
        written: dict[str, str] = {}
        while new := self._structs.keys() - written.keys():
            for name in sorted(new):
                written[name] = self._interface(name, self._structs[name])
        written |= {
            name: f"export type {name} = {self._type(value, but=name)};\n"
            for name, value in self._aliases.items()
        }
        return [fold(written[name]) for name in sorted(written)]

    def _add(self, known: dict[str, Any], name: str, value: Any) -> None:
        before = self._structs.get(name, self._aliases.get(name, value))
        if before != value:
            raise ValueError(f"There are two messages of the name {name}: {before} and {value}.")
        known[name] = value

    def _interface(self, name: str, struct: type[msgspec.Struct]) -> str:
        config = struct.__struct_config__
        lines = [f"/** {line} */" for line in (struct.__doc__ or "").strip().splitlines()[:1]]
        lines.append(f"export interface {name} {{")
        if config.tag_field is not None:
            lines.append(f"  {config.tag_field}: {json.dumps(config.tag)};")
        hints = get_type_hints(struct)
        for field in msgspec.structs.fields(struct):
            hint = hints[field.name]
            # the kernel writes every field; a page may leave out what has a default
            may_miss = config.forbid_unknown_fields and not field.required
            may_miss = may_miss or msgspec.UnsetType in get_args(hint)
            lines.append(f"  {field.encode_name}{'?' * may_miss}: {self._type(hint)};")
        return "\n".join([*lines, "}\n"])

    def _type(self, hint: Any, but: str = "") -> str:
        for name, value in self._aliases.items():
            if value == hint and name != but and not isinstance(value, type):
                return name
        if is_struct(hint):
            if hint.__name__ not in self._structs:
                self._add(self._structs, hint.__name__, hint)
            return str(hint.__name__)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return " | ".join(json.dumps(member.value) for member in hint)
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is None:
            return SIMPLE[hint]
        return self._generic(origin, arguments)

    def _generic(self, origin: Any, arguments: tuple[Any, ...]) -> str:
        if origin is Literal:
            return " | ".join(map(json.dumps, arguments))
        if origin in (Union, types.UnionType):
            some = [self._type(each) for each in arguments if each is not msgspec.UnsetType]
            return " | ".join(dict.fromkeys(some))
        if origin is dict:
            key, value = arguments
            return f"Record<{self._type(key)}, {self._type(value)}>"
        if origin is tuple and arguments[-1] is not Ellipsis:
            return f"[{', '.join(map(self._type, arguments))}]"
        if origin in (list, tuple, set, frozenset):
            inner = self._type(arguments[0])
            return f"({inner})[]" if " | " in inner else f"{inner}[]"
        raise TypeError(f"There is no type of TypeScript for {origin}[{arguments}].")


def is_struct(value: object) -> bool:
    """Tell whether this is a message, or what one is made of."""
    return isinstance(value, type) and issubclass(value, msgspec.Struct)


def fold(declaration: str) -> str:
    """Break a union that is too long for one line."""
    head, equals, union = declaration.partition(" = ")
    if not equals or len(declaration) <= WIDTH:
        return declaration
    return f"{head} =\n  | " + union.replace(" | ", "\n  | ")


def main() -> None:
    """Write the declarations where the scripts expect them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--out", type=Path, default=DECLARATIONS)
    parser.parse_args().out.write_text(declarations(), "utf-8")


if __name__ == "__main__":
    main()
