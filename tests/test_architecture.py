"""Imports run downward only; see the layers below."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

# From the ground up. A module may import those of its own line and of the lines above it here.
# A package means all of its modules, unless a line names them; "package.__init__" is itself alone.
LAYERS = [
    [
        "client.data_folder",
        "client.did_you_mean",
        "client.forks",
        "client.json_store",
        "client.throttle",
    ],
    [
        *("client.deadlines", "client.errors", "client.limits"),
        *("client.wire", "client.request", "client.auth", "client.transport.protocols"),
    ],
    ["client.events", "client.transport", "client.sinks", "client.text_targets"],
    ["client.pace"],
    ["client"],
    ["practice", "local", "tuning"],
    ["chat", "prompt", "tools"],
    ["render.markup"],
    ["render"],
    ["doctor", "lab", "persistence"],
    ["magic", "panel"],
    ["__init__"],
]
HEIGHTS = {name: height for height, layer in enumerate(LAYERS) for name in layer}


def modules() -> dict[str, Path]:
    """Every module of the package by its name, such as ``client.errors``."""
    package = ROOT / "chatwidget"
    return {
        ".".join(path.relative_to(package).with_suffix("").parts): path
        for path in package.rglob("*.py")
    }


MODULES = modules()
CLIENT = {each for each in MODULES if each.startswith("client.")}
PRACTICE = {each for each in MODULES if each.startswith("practice.")}


def height(module: str) -> int:
    """The line of LAYERS on which a module stands."""
    name = module
    while name not in HEIGHTS:
        name, _, _ = name.rpartition(".")
        if not name:
            pytest.fail(
                f"chatwidget.{module} has no place in the house: add it to LAYERS in "
                f"{Path(__file__).name}, on the first line that lets it import what it needs.",
                pytrace=False,
            )
    return HEIGHTS[name]


def statements(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """All imports in a tree, however deep; those for type checkers count, too."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child


def imports(module: str) -> Iterator[str]:
    """The full names of everything that a module imports."""
    package = ["chatwidget", *module.split(".")[:-1]]
    for statement in statements(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        else:
            base = package[: len(package) + 1 - statement.level] if statement.level else []
            source = ".".join([*base, *filter(None, [statement.module])])
            yield from (f"{source}.{alias.name}" for alias in statement.names)


def inner_imports(module: str) -> set[str]:
    """The modules of chatwidget that a module imports."""
    inner = set()
    for name in imports(module):
        owner, _, rest = name.partition(".")
        if owner != "chatwidget":
            continue
        # "client.types.Choice" is a name in client.types, "client.Choice" one in client.__init__
        parts = rest.split(".") if rest else []
        found = [".".join(parts), ".".join(parts[:-1])]
        found += [".".join([*each.split("."), "__init__"]).lstrip(".") for each in found]
        inner.add(next((each for each in found if each in MODULES), rest))
    return inner


def outer_imports(module: str) -> set[str]:
    """The other packages that a module imports."""
    return {name.partition(".")[0] for name in imports(module)} - {"chatwidget"}


def report(offenders: dict[str, set[str]]) -> str:
    """A line for each module that imports what it must not."""
    lines = [
        f"  chatwidget.{module}: {', '.join(sorted(names))}"
        for module, names in sorted(offenders.items())
        if names
    ]
    return "\n".join(["", *lines]) if lines else ""


def test_imports_run_downward() -> None:
    upward = {
        module: {each for each in inner_imports(module) if height(each) > height(module)}
        for module in MODULES
    }
    assert not report(upward), f"Imports from above:{report(upward)}"


def test_imports_run_in_no_circle() -> None:
    graph = {module: inner_imports(module) - {module} for module in MODULES}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as circle:
        pytest.fail("imports in a circle: " + " <- ".join(circle.args[1]))


def test_every_room_has_its_row_on_the_page_of_the_architecture() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `([\w/]+)` \|", page, re.MULTILINE))
    package = ROOT / "chatwidget"
    rooms = {path.parent.relative_to(package) for path in package.glob("*/**/*.py")}
    assert not {str(room) for room in rooms if not {room.parts[0], str(room)} & rows}
    assert not {row for row in rows if not (package / row).is_dir()}


def test_the_client_knows_no_notebook() -> None:
    notebook = {"IPython", "anywidget", "ipywidgets", "traitlets"}
    found = {module: outer_imports(module) & notebook for module in CLIENT}
    assert not report(found), f"The client imports what belongs to notebooks:{report(found)}"


def test_studies_know_no_notebook_and_load_nothing_optional() -> None:
    notebook = {"IPython", "anywidget", "ipywidgets", "traitlets"}
    tuning = {each for each in MODULES if each.startswith("tuning.")}
    found = {module: outer_imports(module) & notebook for module in tuning}
    assert not report(found), f"Studies import what belongs to notebooks:{report(found)}"
    heavy = {"IPython", "distributed", "genai_prices", "ipywidgets", "matplotlib", "pandas"}
    code = (
        "import sys; from chatwidget.tuning import Results, Study\n"
        "Study('Hi', server='practice', store=False).plan()\n"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def test_one_module_of_the_client_imports_httpx() -> None:
    others = CLIENT - {"client.transport.http"}
    found = {module: outer_imports(module) & {"httpx", "httpx2"} for module in others}
    assert not report(found), f"Only client.transport.http imports these:{report(found)}"


def test_the_practice_model_knows_only_the_types_and_the_table() -> None:
    allowed = {"client.wire.types", "client.request.parameters", "client.request.parameter"}
    found = {module: inner_imports(module) - allowed - PRACTICE for module in PRACTICE}
    assert not report(found), f"The practice model imports more than it may:{report(found)}"


def test_the_package_is_light_to_import() -> None:
    heavy = {"IPython", "anywidget", "httpx", "httpx2", "ipywidgets"}
    code = f"import sys, chatwidget; print(sorted({heavy!r} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def test_every_lock_is_free_in_a_forked_child() -> None:
    made = {
        module: {
            ast.unparse(node)
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.Return) and node.value
            if ast.unparse(node.value).startswith(("threading.Lock(", "threading.RLock("))
        }
        for module, path in MODULES.items()
    }
    assert not report(made), f"Locks that are not `fork_safe`:{report(made)}"
