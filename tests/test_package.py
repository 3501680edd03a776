"""What a user imports is there, typed and documented."""

from __future__ import annotations

import ast
import inspect
from importlib.resources import files
from pathlib import Path

import pytest

import chatwidget

PACKAGE = Path(chatwidget.__file__).parent


def names_for_type_checkers() -> set[str]:
    """The names that the package imports under TYPE_CHECKING, for editors to see."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    return {
        name.name
        for node in imports
        if (node.module or "").startswith("chatwidget")
        for name in node.names
    }


def test_the_exported_names_are_sorted_and_the_same_for_type_checkers() -> None:
    extension = {"load_ipython_extension", "unload_ipython_extension"}
    assert set(chatwidget.__all__) == names_for_type_checkers() | extension
    constants = [name for name in chatwidget.__all__ if name.isupper()]
    classes = [name for name in chatwidget.__all__ if not name.isupper() and name[0].isupper()]
    functions = [name for name in chatwidget.__all__ if name[0].islower()]
    assert chatwidget.__all__ == sorted(constants) + sorted(classes) + sorted(functions)


@pytest.mark.parametrize("name", chatwidget.__all__)
def test_an_exported_name_is_there_and_documented(name: str) -> None:
    exported = getattr(chatwidget, name)
    if inspect.isclass(exported) or inspect.isfunction(exported):
        assert exported.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = chatwidget.nothing


def test_names_are_listed_before_they_are_loaded() -> None:
    assert set(chatwidget.__all__) <= set(dir(chatwidget))


def test_the_package_is_typed() -> None:
    assert files("chatwidget").joinpath("py.typed").is_file()
