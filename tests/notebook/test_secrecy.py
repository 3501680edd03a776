"""A secret is refused wherever it is found, and a word that only looks like one is not."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.errors import ConfigurationError
from chatwidget.prompt.secrets import refuse_secrets
from chatwidget.prompt.template import fill
from chatwidget.tools.registry import failure_text, result_text
from cpu import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


@pytest.mark.parametrize(
    "variable",
    [
        *("GH_PAT", "PASSWD", "MYSQL_PWD", "CREDENTIALS", "SERVICE_CREDENTIAL", "SMTP_PASS"),
        *("BASIC_AUTH", "SENTRY_DSN", "SSH_PASSPHRASE", "SESSION_COOKIE", "DB_PASSWD_2"),
    ],
)
@pytest.mark.parametrize("form", [str, str.encode, lambda text: bytearray(text, "utf-8")])
def test_names_of_many_kinds_are_secrets_in_texts_and_bytes(
    variable: str, form: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, SECRET)
    with pytest.raises(ConfigurationError, match=variable):
        refuse_secrets("x", form(f"it is {SECRET}."))


def test_the_password_in_an_address_of_the_environment_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgres://me:{SECRET}@db.example:5432/main")
    for text in (os.environ["DATABASE_URL"], f"password {SECRET}", SECRET[:20]):
        with pytest.raises(ConfigurationError, match="DATABASE_URL") as caught:
            refuse_secrets("x", text)
        assert SECRET[:8] not in str(caught.value)
    refuse_secrets("x", "db.example:5432/main")


def test_a_path_is_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "some-long-name-of-a-file.json"
    path.touch()
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    monkeypatch.setenv("PWD", str(tmp_path))
    refuse_secrets("x", f"Read {path} in {tmp_path}")


SHAPES = [
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "11ABCDEFG0" * 4,
    "glpat-" + "x1y2" * 5,
    "xoxb-123456789012-abcdef",
    "AKIA" + "ABCD1234" * 2,
    "AIza" + "x1Y_-" * 7,
    "hf_" + "aB3d" * 9,
    "sk_live_" + "a1b2" * 6,
    "gsk_" + "a1b2" * 10,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "-----BEGIN RSA PRIVATE KEY-----",
    "postgres://me:hunter22@db.example/main",
    "PASSWD=hunter2hunter2",
    'export GH_PAT="aa11bb22cc33"',
    '{"DB_PASSWORD": "hunter2hunter2"}',
    '"{\\"API_TOKEN\\": \\"hunter2hunter2\\"}"',
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", [str, str.encode])
def test_what_has_the_shape_of_a_secret_is_refused(
    shape: str, form: Callable[[str], object]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        refuse_secrets("x", form(f"Look:\n{shape}\nand more"))
    assert shape not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        'API_KEY = os.environ["MY_KEY_2"]',
        "OPENAI_API_KEY=your-key-here",
        "PRIMARY KEY: the_column_1 is not null",
        "https://example.org:8080/@user and mailto:me@example.org",
        "the hf_model and sk-learn, eyJ, ghp_ and AKIA",
        "MAX_TOKENS=4096",
        "TOKEN: 12",
    ],
)
def test_what_only_talks_of_secrets_is_sent(text: str) -> None:
    refuse_secrets("x", text)


@pytest.mark.parametrize(
    "name", ["PASSWD", "password", "db_password", "GH_PAT", "credentials", "api_key", "hf_token"]
)
def test_a_variable_whose_name_says_so_is_a_secret(name: str) -> None:
    for value in ("hunter2", b"hunter2"):
        with pytest.raises(ConfigurationError, match="what its name calls a secret") as caught:
            fill(f"Log in with {{{{{name}}}}}", {name: value})
        assert "hunter2" not in str(caught.value)


def test_a_variable_that_is_merely_called_like_it_is_sent() -> None:
    values = {"key": "temperature", "token": "word", "password_rules": "x", "tokens": "a b"}
    for name, value in values.items():
        assert value in fill(f"See {{{{{name}}}}}", values).text
    assert "two words" in fill("See {{secret}}", {"secret": "two words"}).text


@pytest.mark.parametrize("piece", ["A", "A_", "KEY=", "eyJa.", "a://a:", "://", "sk-", "1"])
def test_looking_for_secrets_costs_linear_time(piece: str) -> None:
    text = (piece * 1_000_000)[:1_000_000]
    assert cpu_seconds(lambda: _refused(text)) < 3


def _refused(text: str) -> None:
    with suppress(ConfigurationError):
        refuse_secrets("x", text)


class Leaves:
    """An object whose text ends the program."""

    def __repr__(self) -> str:
        raise SystemExit(3)

    __str__ = __repr__


class LeavesError(Exception):
    """An error whose text ends the program."""

    def __str__(self) -> str:
        raise SystemExit(3)


@pytest.mark.parametrize(
    "value",
    [Leaves(), [Leaves()], {"a": Leaves()}, LeavesError()],
    ids=["object", "list", "dictionary", "error"],
)
def test_a_text_that_ends_the_program_is_told_as_one_that_cannot_be_shown(value: object) -> None:
    assert fill("See {{value}}", {"value": value}).text.startswith("See ")
    assert result_text(value)
    assert failure_text(LeavesError()) == "The call failed. LeavesError"
