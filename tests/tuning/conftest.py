"""What the tests of studies share: a clean environment, and a quick practice model."""

from __future__ import annotations

import os
from collections import OrderedDict

import pytest


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's keys, servers or proxies reach a test, nor a pace that another test has found."""
    for name in list(os.environ):
        if name.upper().startswith("OPENAI_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("CHATWIDGET_PRACTICE_PACE", "0")
    monkeypatch.setattr("chatwidget.client.pace.registry._paces", OrderedDict())
