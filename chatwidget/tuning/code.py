"""The code that asks a study again, as one would write it in a cell."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chatwidget.client.auth.servers import Server
from chatwidget.tuning import grouping
from chatwidget.tuning.prompts import read_prompts
from chatwidget.tuning.scoring import ExpressionScorer

if TYPE_CHECKING:
    from collections.abc import Callable

    from chatwidget.tuning.definition import Definition
    from chatwidget.tuning.prompts import Prompt
    from chatwidget.tuning.values import Value

__all__ = ["function_code", "study_code"]


def study_code(
    definition: Definition,
    passes: Callable[..., object] | str | None = None,
    group: Callable[..., object] | None = None,
) -> str:
    """Return Python code that makes the same study, runs it and scores it alike.

    What is stored is not asked again, where the store is the same.
    """
    arguments = _arguments(definition)
    is_custom = any("Server(name=" in argument for argument in arguments)
    lines = ["from chatwidget import Server"] if is_custom else []
    lines += ["from chatwidget.tuning import Study", ""]
    lines += ["study = Study(", *(f"    {_indented(each)}," for each in arguments), ")"]
    return "\n".join([*lines, *_run(passes=passes, group=group), ""])


def _arguments(definition: Definition) -> list[str]:
    """Return what is given to `Study`, without what is usual."""
    fields = {
        "vary": {name: _values(values) for name, values in definition.vary.items()},
        "repeats": definition.repeats,
        "fixed": {name: _sent(value) for name, value in definition.fixed.items()},
        "data": list(definition.data.values()),
        "name": definition.name,
        "combine": definition.combine if definition.combine != "cross" else None,
        "sample": definition.sample,
        "sample_seed": definition.sample_seed or None,
        "keep_logprobs": definition.keep_logprobs or None,
    }
    given = {name: value for name, value in fields.items() if value not in (None, {}, [])}
    prompts = _written(_prompts(definition.prompts))
    return [prompts, *(f"{name}={_written(value)}" for name, value in given.items())]


def _run(**functions: Callable[..., object] | str | None) -> list[str]:
    """Return the lines that define functions and run the study with them."""
    lines, arguments = [], []
    for name, function in functions.items():
        if isinstance(function, str):
            arguments.append(f"{name}={function!r}")
        elif function is not None:
            code, called = function_code(function, name)
            lines += [code, ""]
            arguments.append(f"{name}={called}")
    return [*(["", *lines] if lines else []), f"results = study.run({', '.join(arguments)})"]


def function_code(function: Callable[..., object], role: str) -> tuple[str, str]:
    """Return the source of a function and what it is called there, or a note in its place.

    A lambda is called by its role.
    """
    if isinstance(function, ExpressionScorer):
        return function.source, "passes"
    name = getattr(function, "__name__", type(function).__name__)
    if getattr(function, "__module__", "") == grouping.__name__:
        written = function.__qualname__
        return f"from {grouping.__name__} import {written.partition('(')[0]}", written
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return f"# {name} is a function of yours, whose source is not known here.", name
    if name != "<lambda>":
        return source.rstrip(), name
    found = _lambda(source)
    return f"{role} = {found}" if found else f"# {role} stands in: {' '.join(source.split())}", role


def _lambda(source: str) -> str | None:
    """Return the one lambda of some lines; None if there are several, or if they are no code."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
    return ast.unparse(found[0]) if len(found) == 1 else None


def _prompts(prompts: dict[str, Prompt]) -> object:
    """Return prompts without their names where a study calls them so by itself."""
    listed = list(prompts.values())
    if read_prompts(listed) != prompts:
        return prompts
    return listed[0] if len(listed) == 1 else listed


def _values(values: tuple[Value, ...]) -> object:
    """Return values as they are given to a study: a list, or names with what is sent."""
    if all(value.label == value.sent and type(value.label) is type(value.sent) for value in values):
        return [value.sent for value in values]
    return {value.label: _sent(value.sent) for value in values}


class _Code(str):
    """Code that stands for a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _sent(value: Any) -> Any:
    """Return a value as it was given: a server that is no profile is an object."""
    if isinstance(value, dict) and {"name", "base_url"} <= value.keys():
        usual = asdict(Server(value["name"], value["base_url"]))
        given = {k: v for k, v in value.items() if k in ("name", "base_url") or v != usual.get(k)}
        return _Code(f"Server({', '.join(f'{k}={v!r}' for k, v in given.items())})")
    return value


def _written(value: object) -> str:
    """Return a value as code: long lists and dictionaries with a line for each part."""
    plain = repr(value)
    if len(plain) <= _LINE:
        return plain
    if isinstance(value, dict):
        parts = [f"{key!r}: {_written(each)}" for key, each in value.items()]
        return "\n".join(["{", *(f"    {_indented(part)}," for part in parts), "}"])
    if isinstance(value, list):
        return "\n".join(["[", *(f"    {_indented(_written(part))}," for part in value), "]"])
    return plain


def _indented(code: str) -> str:
    return code.replace("\n", "\n    ")


_LINE = 80
