"""A secret is refused wherever it is found, and a word that only looks like one is not."""

from __future__ import annotations

import os

import pytest

from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.errors import ConfigurationError
from chatwidget.prompt.secrets import refuse_secrets

SECRET = "Zq81-secret-of-somebody-Zq81"


@pytest.mark.parametrize(
    "variable",
    [
        "OPENAI_API_KEY",
        "OPENAI_API_KEY_2",
        "MY_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "PGPASSWORD",
        "a_secret",
    ],
)
def test_what_the_environment_calls_a_secret_is_one(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, f" {SECRET}\n")
    for text in (SECRET, f"it is {SECRET}.", f"{SECRET[:20]}…", f"…{SECRET[-20:]}"):
        with pytest.raises(ConfigurationError, match=variable) as caught:
            refuse_secrets("x", text)
        assert SECRET[:8] not in str(caught.value)
        assert SECRET[-8:] not in str(caught.value)


def test_other_variables_of_the_environment_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_FILE", "/home/somebody/keys/the-key.pem")
    refuse_secrets("x", f"in {os.environ['KEY_FILE']}")


def test_a_short_secret_counts_only_where_it_stands_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "postgres")
    monkeypatch.setenv("EMPTY_TOKEN", "")
    monkeypatch.setenv("TINY_TOKEN", "x")
    refuse_secrets("x", "how do I install postgres?")
    refuse_secrets("x", "x")
    refuse_secrets("x", "")
    with pytest.raises(ConfigurationError, match="DATABASE_PASSWORD"):
        refuse_secrets("x", " postgres\n")


def test_what_has_the_shape_of_a_key_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="what looks like a key"):
        refuse_secrets("x", "openai_api_key='sk-proj-abcdefghijklmnop'")
    refuse_secrets("x", "task-abcdefghijklmnopqrstuvwxyz sk-short **bold** key-values")


def test_objects_that_are_secrets_are_refused() -> None:
    for value in (ApiKey(SECRET, origin="https://a.example", source="a test"), os.environ):
        with pytest.raises(ConfigurationError, match="x is not sent: it holds"):
            refuse_secrets("x", value)


def test_other_objects_are_not_looked_into() -> None:
    class Closed:
        def __getattribute__(self, name: str) -> object:
            raise AssertionError(name)

    refuse_secrets("x", Closed())
