"""The messages between a grid of a study and its views in the page.

They are written down here and nowhere else: ``make frontend`` makes the types of the page's scripts
from these classes.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from chatwidget.render.display.from_page import read_message

__all__ = [
    "FromGrid",
    "GridArrange",
    "GridArranged",
    "GridCellState",
    "GridDone",
    "GridFrame",
    "GridHead",
    "GridKindState",
    "GridNote",
    "GridOpen",
    "GridOpened",
    "GridPin",
    "GridReady",
    "GridSample",
    "GridSnapshot",
    "GridState",
    "GridStop",
    "GridTail",
    "GridThumb",
    "GridUse",
    "GridWidgetMessage",
    "SortName",
    "from_grid",
]

SortName: TypeAlias = Literal["asked", "same", "different", "score"]
"""As in `chatwidget.tuning.grid.SORTS`."""
GridTail: TypeAlias = tuple[int, bool, str]
"""A cell, whether another answer begins to be written in it, and what is added to that."""


class GridKindState(msgspec.Struct, frozen=True, omit_defaults=True):
    """Answers that are alike.

    Attributes
    ----------
    count
        How many they are.
    pieces
        The beginning of the text, in pieces that differ from the pinned answer and that do not;
        left out if the page has it.
    thumb
        What a person says of them: up, True, or down, False.
    partly
        Whether some of them have another thumb, or none.
    noted
        Whether there is a note on them.
    """

    count: int
    pieces: list[tuple[str, bool]] | msgspec.UnsetType = msgspec.UNSET
    thumb: bool | None = None
    partly: bool = False
    noted: bool = False


class GridCellState(msgspec.Struct, frozen=True):
    """A cell whose answers have changed.

    Attributes
    ----------
    cell
        Its number.
    said
        How far its answers agree, in words.
    unseen
        How likely the next one is new, in words.
    kinds
        Its kinds, in the order in which they came.
    order
        The places of its kinds, the most frequent first.
    others
        How many further kinds there are.
    failed
        How many of its calls failed.
    """

    cell: int
    said: str
    unseen: str
    kinds: list[GridKindState]
    order: list[int]
    others: int
    failed: int


class GridHead(msgspec.Struct, frozen=True):
    """What does not change in a grid.

    Attributes
    ----------
    title
        What the study is called, and how large it is.
    labels
        What each cell is asked with, in words.
    columns, rows, places
        As in `chatwidget.tuning.grid_axes.Axes`.
    acts
        Whether answers can be judged, and more of them asked for.
    uses
        Whether there is a session that takes a setting.
    scored
        Whether cells have scores.
    """

    title: str
    labels: list[str]
    columns: list[str]
    rows: list[str]
    places: list[tuple[int, int]]
    acts: bool
    uses: bool
    scored: bool


class GridFrame(msgspec.Struct, frozen=True, tag_field="type", tag="frame"):
    """What changed in a grid; the numbers count up from 1."""

    number: int
    tails: list[GridTail]
    cells: list[GridCellState]
    progress: str
    share: float


class GridSnapshot(msgspec.Struct, frozen=True):
    """All of a grid, as after the frame of this number."""

    number: int
    head: GridHead
    tails: list[GridTail]
    cells: list[GridCellState]
    progress: str
    share: float
    order: list[int]
    sort: SortName
    having: str
    pinned: int | None


class GridArranged(msgspec.Struct, frozen=True, tag_field="type", tag="arranged"):
    """Which cells are shown, in their order, and which of them is pinned."""

    order: list[int]
    pinned: int | None


class GridOpened(msgspec.Struct, frozen=True, tag_field="type", tag="opened"):
    """One kind of answer, whole.

    Attributes
    ----------
    cell, kind
        Which it is.
    html
        It, as safe HTML.
    pinned
        The pinned answer as safe HTML, if there is another one; in both, words that differ are
        marked.
    pinned_label
        What that was asked with.
    facts
        What is known of it, in a line.
    note
        What a person wrote of it.
    """

    cell: int
    kind: int
    html: str
    pinned: str
    pinned_label: str
    facts: str
    note: str


class GridDone(msgspec.Struct, frozen=True, tag_field="type", tag="done"):
    """What has become of an action, as a sentence."""

    sentence: str


class GridState(msgspec.Struct, frozen=True):
    """What a `GridView` shares with its page."""

    snapshot: GridSnapshot
    running: bool
    place: str


class _FromPage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """A message of the page, which may send anything: what is none of these is dropped."""


class GridReady(_FromPage, frozen=True, tag="ready"):
    """A view was drawn, or has missed a frame."""


class GridStop(_FromPage, frozen=True, tag="stop"):
    """Nothing more shall be asked."""


class GridOpen(_FromPage, frozen=True, tag="open"):
    """Show a kind of answer whole."""

    cell: int
    kind: int


class GridArrange(_FromPage, frozen=True, tag="arrange"):
    """Show the cells that have a text, in an order."""

    sort: SortName
    having: str


class GridPin(_FromPage, frozen=True, tag="pin"):
    """Compare all answers with this one; with none, if there is no cell."""

    cell: int | None
    kind: int = 0


class GridUse(_FromPage, frozen=True, tag="use"):
    """Use the setting of a cell from now on."""

    cell: int


class GridSample(_FromPage, frozen=True, tag="sample"):
    """Ask what a cell asks a few times more."""

    cell: int


class GridThumb(_FromPage, frozen=True, tag="thumb"):
    """Judge a kind of answer: up, down, or not at all."""

    cell: int
    kind: int
    thumb: bool | None


class GridNote(_FromPage, frozen=True, tag="note"):
    """Write a note on a kind of answer; an empty one removes it."""

    cell: int
    kind: int
    note: Annotated[str, msgspec.Meta(max_length=10_000)]


FromGrid: TypeAlias = (
    GridReady
    | GridStop
    | GridOpen
    | GridArrange
    | GridPin
    | GridUse
    | GridSample
    | GridThumb
    | GridNote
)
"""What the page of a `GridView` sends."""
GridWidgetMessage: TypeAlias = GridFrame | GridArranged | GridOpened | GridDone
"""What a `GridView` sends."""


def from_grid(content: object) -> FromGrid | None:
    """Read what the page of a `GridView` sends; None if it is no such message."""
    message: FromGrid | None = read_message(content, FromGrid)
    return message
