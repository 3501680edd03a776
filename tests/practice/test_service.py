from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.practice.service import PracticeService

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.practice.model import PracticeModel

    Models = Mapping[str, PracticeModel]

CHAT = "/v1/chat/completions"


def reply(
    service: PracticeService, method: str, path: str, key: str = "", body: bytes = b""
) -> tuple[int, Any]:
    answer = service.reply(method, path, key, body)
    return answer.status, json.loads(b"".join(answer.parts))


def test_models_are_listed(small_models: Models) -> None:
    status, answer = reply(PracticeService(small_models), "GET", "/v1/models")
    assert status == 200
    assert answer["object"] == "list"
    assert [model["id"] for model in answer["data"]] == ["practice", "practice-2gram"]


def test_one_model_is_described(small_models: Models) -> None:
    status, answer = reply(PracticeService(small_models), "GET", "/v1/models/practice")
    assert (status, answer["id"], answer["object"]) == (200, "practice", "model")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/", 404),
        ("GET", "/v1/models/other", 404),
        ("GET", CHAT, 405),
        ("POST", "/v1/models", 405),
        ("DELETE", "/v1/models/practice", 405),
    ],
)
def test_wrong_addresses_get_the_error_envelope(
    small_models: Models, method: str, path: str, status: int
) -> None:
    got, answer = reply(PracticeService(small_models), method, path)
    assert got == status
    assert set(answer["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"model": }'])
def test_broken_json_is_a_bad_request(small_models: Models, body: bytes) -> None:
    status, answer = reply(PracticeService(small_models), "POST", CHAT, body=body)
    assert status == 400
    assert "JSON" in answer["error"]["message"]


def test_without_a_key_every_key_is_good(small_models: Models) -> None:
    assert reply(PracticeService(small_models), "GET", "/models", "Bearer any")[0] == 200


@pytest.mark.parametrize("header", ["", "Bearer wrong", "secret", "Bearer sécret"])
def test_a_wrong_key_is_refused_and_not_repeated(small_models: Models, header: str) -> None:
    service = PracticeService(small_models, api_key="secret")
    status, answer = reply(service, "GET", "/models", header)
    assert status == 401
    assert answer["error"]["code"] == "invalid_api_key"
    assert "secret" not in answer["error"]["message"]
    assert "wrong" not in answer["error"]["message"]


def test_the_right_key_is_let_in(small_models: Models) -> None:
    service = PracticeService(small_models, api_key="secret")
    assert reply(service, "GET", "/models", "Bearer secret")[0] == 200
