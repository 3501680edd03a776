"""Student's t distribution, by the continued fraction of the incomplete beta function."""

from __future__ import annotations

import math
from functools import lru_cache

__all__ = ["t_cdf", "t_quantile"]

_TINY = 1e-300
_PRECISION = 1e-15
_MOST_TERMS = 10_000


def t_cdf(t: float, df: float) -> float:
    """Distribution function of Student's t with `df` degrees of freedom, not always a whole number.

    References
    ----------
    NIST Digital Library of Mathematical Functions, 8.17.22; W. J. Lentz, Appl. Optics 15 (1976).
    """
    if math.isinf(t):
        return float(t > 0)
    tail = _incomplete_beta(df / 2, 0.5, df / (df + t * t), t * t / (df + t * t)) / 2
    return 1 - tail if t > 0 else tail


@lru_cache(maxsize=1024)
def t_quantile(probability: float, df: float) -> float:
    """Quantile of Student's t: the value below which it lies with a probability."""
    if probability < 1 / 2:
        return -t_quantile(1 - probability, df)
    high = 1.0
    while t_cdf(high, df) < probability:
        high *= 2
    low = 0.0
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if t_cdf(middle, df) < probability else (low, middle)
    return high


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Return the regularized incomplete beta function at x; `rest` is 1 - x, without rounding."""
    if x <= 0 or rest <= 0:
        return float(x > 0)
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(logarithm + a * math.log(x) + b * math.log(rest))
    if x < (a + 1) / (a + b + 2):
        return front / (a * _fraction(a, b, x))
    return 1 - front / (b * _fraction(b, a, rest))


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction's value, which divides, by the method of Lentz."""
    value, c, d = 1.0, 1.0, 0.0
    for m in range(1, _MOST_TERMS):
        half, odd = divmod(m, 2)
        if odd:
            term = -(a + half) * (a + b + half) * x / ((a + m - 1) * (a + m))
        else:
            term = half * (b - half) * x / ((a + m - 1) * (a + m))
        d = 1 / (1 + term * d or _TINY)
        c = 1 + term / c or _TINY
        value *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return value
