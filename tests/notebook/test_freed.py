"""What has ended is freed, in a real kernel: views of answers, panels, composers and controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kernels import running_kernel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kernels import Kernel

WATCH = """
import gc, weakref
from chatwidget import current_session
from chatwidget.panel.control import ParameterControl
from chatwidget.panel.control_inputs import _FloatSlider, _IntSlider
from chatwidget.panel.model import PanelModel
from chatwidget.panel.panel import ChatPanel
from chatwidget.panel.turn_state import GrowingTurn
from chatwidget.render.display.answer import AnswerDisplay
from chatwidget.render.display.frame_scheduler import FrameScheduler
from chatwidget.render.display.live import LiveView
from chatwidget.render.display.parts import GrowingAnswer
from chatwidget.render.display.picker import Picker

KINDS = [LiveView, Picker, AnswerDisplay, FrameScheduler, GrowingAnswer, GrowingTurn, ChatPanel,
         PanelModel, ParameterControl, _FloatSlider, _IntSlider]
made = {kind.__name__: [] for kind in KINDS}

def watch(kind):
    begin = kind.__init__
    def __init__(self, *args, **options):
        begin(self, *args, **options)
        made[kind.__name__].append(weakref.ref(self))
    kind.__init__ = __init__

for kind in KINDS:
    watch(kind)

def report():
    gc.collect()
    for name, references in made.items():
        alive = sum(each() is not None for each in references)
        print(f"{name} made {len(references)} alive {alive}")

def forget():
    for references in made.values():
        references.clear()
"""


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running_kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        kernel.run("import os\nos.environ['CHATWIDGET_PRACTICE_PACE'] = '0'\n%load_ext chatwidget")
        kernel.run("%chat use practice")
        assert kernel.run(WATCH).status == "ok"
        yield kernel


@pytest.fixture
def kernel(process: Kernel) -> Kernel:
    process.run("%chat new\nforget()")
    return process


def counted(kernel: Kernel) -> dict[str, tuple[int, int]]:
    """Return how many of each kind were made, and how many of them are alive."""
    lines = [line.split() for line in kernel.run("report()").stdout.splitlines()]
    return {name: (int(made), int(alive)) for name, _, made, _, alive in lines}


CELLS = {
    "answers": "%%chat\nWhat is top_p?",
    "several answers": "%%chat -n 2\nWhat is top_p?",
    "answers that fail": "%%chat --set nonsense=1 -m missing\nWhat is top_p?",
    "answers in a format": "%%chat -f code\nWrite code.",
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
@pytest.mark.parametrize("cell_id", [None, "one"], ids=["other cells", "one cell again"])
def test_of_answers_in_cells_the_last_view_alone_is_kept(
    kernel: Kernel, cell: str, cell_id: str | None
) -> None:
    for _ in range(5):
        kernel.run(cell, cell_id)
    kernel.run("1 + 1")  # the shell forgets the traceback of a cell that failed
    counts = counted(kernel)
    assert counts["LiveView"][0] == 5
    for name in ("LiveView", "AnswerDisplay", "FrameScheduler", "GrowingAnswer"):
        made, alive = counts[name]
        assert made >= 5, counts
        assert alive <= 1, counts


def test_answers_in_the_background_are_freed_when_somebody_has_waited_for_them(
    kernel: Kernel,
) -> None:
    for number in range(4):
        kernel.run(f"%%chat --background\nNumber {number}?")
    kernel.run("%chat wait")
    counts = counted(kernel)
    for name in ("LiveView", "AnswerDisplay", "GrowingAnswer"):
        made, alive = counts[name]
        assert made == 4, counts
        assert alive <= 1, counts


PANEL = """
from chatwidget import ChatPanel, current_session
panel = ChatPanel(current_session())
panel._handle_message(panel, {"type": "Ready", "view": "a"}, [])
panel._handle_message(panel, {"type": "OpenGroup", "name": "sampling", "open": True}, [])
"""


def test_an_open_panel_keeps_no_growing_answers(kernel: Kernel) -> None:
    kernel.run(PANEL)
    for number in range(4):
        kernel.run(f"panel.ask('Number {number}?', 20)")
    counts = counted(kernel)
    assert counts["GrowingTurn"][0] == 4
    assert counts["GrowingTurn"][1] <= 1, counts
    assert counts["GrowingAnswer"][1] <= 1, counts
    kernel.run("panel.close()\ndel panel")


def test_panels_and_their_controls_are_freed_when_they_are_closed(kernel: Kernel) -> None:
    for _ in range(3):
        kernel.run(PANEL)
        kernel.run("panel.ask('What is top_p?', 20)")
        kernel.run("panel.close()\ndel panel")
    counts = counted(kernel)
    assert counts["ChatPanel"][0] == 3
    assert counts["ParameterControl"][0] >= 3
    assert counts["_FloatSlider"][0] >= 3
    assert [name for name, (_, alive) in counts.items() if alive] == [], counts


def test_a_panel_that_is_shown_again_is_the_only_one(kernel: Kernel) -> None:
    for _ in range(4):
        kernel.run("%chat panel")
    counts = counted(kernel)
    assert counts["ChatPanel"][1] == 1, counts
    assert counts["PanelModel"][1] == 1, counts


def test_controls_that_stand_alone_are_freed_when_they_are_closed(kernel: Kernel) -> None:
    for name in ("temperature", "top_logprobs", "stop", "response_format"):
        kernel.run(f"control = current_session().control({name!r})\ncontrol.close()\ndel control")
    counts = counted(kernel)
    assert counts["ParameterControl"] == (4, 0)
    assert counts["_FloatSlider"] == (1, 0)
    assert counts["_IntSlider"] == (1, 0)
