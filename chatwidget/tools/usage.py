"""Usage of several answers, summed up."""

from __future__ import annotations

from typing import Any

import msgspec

from chatwidget.client.wire.types import CompletionUsage

__all__ = ["sum_usage"]


def sum_usage(one: CompletionUsage | None, other: CompletionUsage | None) -> CompletionUsage | None:
    """Return what two answers took together, as far as the server told."""
    total = _sum(msgspec.to_builtins(one), msgspec.to_builtins(other))
    return None if total is None else msgspec.convert(total, CompletionUsage)


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: _sum(one.get(name), other.get(name)) for name in {**one, **other}}
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one + other
    return one if other is None else other
