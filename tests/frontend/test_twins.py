"""What the page computes as the kernel does: both are held to the same numbers."""

from __future__ import annotations

import json

import pytest

from frontend.distribution_cases import CASES, cases


def test_the_kernel_has_the_numbers_that_the_page_is_tested_with() -> None:
    written = json.loads(CASES.read_text("utf-8"))
    assert len(written) == len(cases())
    for one, other in zip(written, cases(), strict=True):
        assert one.keys() == other.keys()
        for name in ("low", "high", "unseen"):
            assert one[name] == pytest.approx(other[name], rel=1e-9, abs=1e-12), one
