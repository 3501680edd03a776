"""Racing: which settings are still worth asking, while a study runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.tuning.statistics.proportion import confidence_sequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.tuning.statistics.proportion import Counts

__all__ = ["contenders"]


def contenders(counts: Sequence[Counts], confidence: float = 0.95) -> list[int]:
    """Places of the settings that may still be the best, from what has passed so far.

    A setting is out if its confidence sequence lies wholly below that of another. One may look
    after each answer: all sequences hold at all looks together, each with its share of the error
    (Bonferroni). One that has been dropped stays so; if one is left, the study is clear.

    References
    ----------
    O. Maron, A. W. Moore, "Hoeffding races", NIPS 6 (1993); S. R. Howard et al., Ann. Stat. 49
    (2021), for the sequences.
    """
    each = 1 - (1 - confidence) / max(len(counts), 1)
    sequences = [confidence_sequence(passed, n, each) for passed, n in counts]
    bar = max((sequence.low for sequence in sequences), default=0.0)
    return [place for place, sequence in enumerate(sequences) if sequence.high >= bar]
