"""Attempts: whether one of k answers passes, or all of them."""

from __future__ import annotations

from math import comb

__all__ = ["pass_at_k", "pass_hat_k"]


def pass_at_k(passed: int, n: int, k: int) -> float:
    """Unbiased estimate of the probability that at least one of k answers passes.

    References
    ----------
    M. Chen et al., "Evaluating large language models trained on code", arXiv 2107.03374.
    """
    _check(passed, n, k)
    return 1 - comb(n - passed, k) / comb(n, k)


def pass_hat_k(passed: int, n: int, k: int) -> float:
    """Unbiased estimate of pass^k, the probability that all of k answers pass.

    References
    ----------
    S. Yao, N. Shinn, P. Razavi, K. Narasimhan, "τ-bench: A benchmark for tool-agent-user
    interaction in real-world domains", arXiv 2406.12045.
    """
    _check(passed, n, k)
    return comb(passed, k) / comb(n, k)


def _check(passed: int, n: int, k: int) -> None:
    if not 0 <= passed <= n:
        raise ValueError(f"{passed} of {n} answers cannot have passed.")
    if not 1 <= k <= n:
        raise ValueError(f"{n} answers say nothing of {k}: k must be from 1 to {n}; ask for more.")
