"""A key in the keyring is found for the origin that it was saved for, and shows itself nowhere."""

from __future__ import annotations

import importlib.util
import traceback
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError

from chatwidget.client.auth import keys as saved_keys
from chatwidget.client.auth.keys import ApiKey, delete_key, save_key, saved_key
from chatwidget.client.client import ChatClient
from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

CANARY = "sk-canary-0123456789"
ORIGIN = "http://127.0.0.1:8000"


class Drawer(KeyringBackend):
    """A keyring in memory that counts how often it is asked."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.passwords: dict[tuple[str, str], str] = {}
        self.asked = 0
        self.is_locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        if self.is_locked:
            raise KeyringLocked(CANARY)
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.is_locked:
            raise PasswordSetError(CANARY)
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.passwords:
            raise PasswordDeleteError(CANARY)
        del self.passwords[service, username]


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before = keyring.get_keyring()
    drawer = Drawer()
    keyring.set_keyring(drawer)
    yield drawer
    keyring.set_keyring(before)


def a_key(origin: str = ORIGIN) -> ApiKey:
    return ApiKey(CANARY, origin=origin, source="a test")


def sent_by(key: ApiKey | None) -> str:
    """The secret, as a function that keeps it gets it."""
    kept: list[str] = []
    assert key is not None
    key.reveal_to(kept.append)
    return kept[0]


def test_a_saved_key_is_found_for_its_origin_and_no_other_S11(drawer: Drawer) -> None:
    save_key(a_key())
    assert drawer.passwords == {("chatwidget", ORIGIN): CANARY}
    assert sent_by(ChatClient(f"{ORIGIN}/v1").key) == CANARY
    assert ChatClient("http://127.0.0.1:8001/v1").key is None
    assert ChatClient("http://localhost:8000/v1").key is None


def test_a_key_from_the_environment_or_given_goes_before_the_saved_one(
    drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_key(a_key("https://api.openai.com"))
    assert repr(ChatClient("openai").key) == "<ApiKey from the keyring for https://api.openai.com>"
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-environment")
    assert "OPENAI_API_KEY" in repr(ChatClient("openai").key)
    assert "openai_api_key=" in repr(ChatClient("openai", openai_api_key="sk-given-by-me").key)


def test_the_keyring_is_asked_once_for_each_origin(drawer: Drawer) -> None:
    for _ in range(3):
        assert saved_key(ORIGIN) is None
    assert drawer.asked == 1
    save_key(a_key())
    assert sent_by(saved_key(ORIGIN)) == CANARY


def test_the_practice_model_asks_no_keyring(drawer: Drawer) -> None:
    assert ChatClient("practice").key is None
    assert drawer.asked == 0


def test_a_deleted_key_is_gone(drawer: Drawer) -> None:
    save_key(a_key())
    assert saved_key(ORIGIN) is not None
    assert delete_key(ORIGIN)
    assert saved_key(ORIGIN) is None
    assert not delete_key(ORIGIN)


def test_a_locked_keyring_has_no_keys_and_says_so_only_when_one_is_saved(drawer: Drawer) -> None:
    drawer.is_locked = True
    assert saved_key(ORIGIN) is None
    with pytest.raises(ConfigurationError, match="did not take the key: PasswordSetError"):
        save_key(a_key())


def test_an_error_of_the_keyring_shows_no_key_S3(drawer: Drawer) -> None:
    drawer.is_locked = True
    with pytest.raises(ConfigurationError) as caught:
        save_key(a_key())
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert CANARY not in "".join(shown.format())
    assert caught.value.__context__ is None


@pytest.fixture
def without_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> object:
        return None if name == "keyring" else importlib.util.find_spec(name)

    monkeypatch.setattr(saved_keys, "find_spec", find)


def test_without_the_package_there_are_no_saved_keys(without_keyring: None) -> None:
    assert saved_key(ORIGIN) is None
    assert not delete_key(ORIGIN)
    with pytest.raises(ConfigurationError, match=r"chatwidget\[keyring\]"):
        save_key(a_key())


def test_a_key_that_cannot_be_used_is_refused_when_it_is_found(drawer: Drawer) -> None:
    drawer.passwords["chatwidget", ORIGIN] = "two words"
    with pytest.raises(ConfigurationError, match="from the keyring cannot be used"):
        saved_key(ORIGIN)
