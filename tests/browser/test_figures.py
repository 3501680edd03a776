"""What keeps the figures of the display from rotting: they are taken, of a short answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.long_answer import marks
from benchmarks.watch import watch

if TYPE_CHECKING:
    from browser.lab import Lab


@pytest.mark.parametrize("way", ["whole Markdown", "chatwidget", "panel"])
def test_every_mark_of_an_answer_is_seen_with_its_cost(lab: Lab, way: str) -> None:
    seen = watch(lab, way, count=300, per_second=400)
    assert len(seen.delays) == len(marks(300))
    assert 0 <= seen.delay(0.5) <= seen.delay(0.95) < 60_000
    assert seen.bytes_per_byte > 1
    assert seen.kernel_cpu > 0
    assert seen.page_cpu > 0
