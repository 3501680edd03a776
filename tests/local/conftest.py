"""A real model, which is shared by the tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chatwidget import ChatClient
from chatwidget.local.process import stop_all

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def client() -> Iterator[ChatClient]:
    """A client of the model that is there."""
    with ChatClient("local") as client:
        yield client
    stop_all()
