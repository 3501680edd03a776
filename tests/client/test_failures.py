from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client import errors
from chatwidget.client.auth.keys import ApiKey
from chatwidget.client.transport.http_errors import sanitize_message, status_error_from_body

if TYPE_CHECKING:
    from chatwidget.client.errors import APIStatusError

CANARY = "sk-canary" + "0123456789abcdef"
KEY = ApiKey(CANARY, origin="https://example", source="the variable OPENAI_API_KEY")


def failure(status: int, body: object = b"", key: ApiKey | None = None) -> APIStatusError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return status_error_from_body(status, raw, key)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (402, errors.APIStatusError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (408, errors.APIStatusError),
        (409, errors.ConflictError),
        (413, errors.APIStatusError),
        (418, errors.APIStatusError),
        (422, errors.UnprocessableEntityError),
        (429, errors.RateLimitError),
        (500, errors.InternalServerError),
        (503, errors.InternalServerError),
        (529, errors.InternalServerError),
        (307, errors.APIStatusError),
    ],
)
def test_a_status_has_its_class_F7(status: int, kind: type[APIStatusError]) -> None:
    error = failure(status)
    assert type(error) is kind
    assert error.status_code == status
    assert f"The server answered {status}: " in str(error)


# One for each of the servers that were seen on the wire, see item 16 there.
ENVELOPES: dict[str, tuple[object, str]] = {
    "the vendor": ({"error": {"message": "Too hot", "type": "invalid", "code": "x"}}, "Too hot."),
    "llama.cpp: code is a number": (
        {"error": {"code": 400, "message": "Failed to parse", "type": "invalid_request_error"}},
        "Failed to parse.",
    ),
    "litellm: code is a text": (
        {"error": {"message": "No connected db.", "type": "no_db", "param": None, "code": "400"}},
        "No connected db.",
    ),
    "litserve, FastAPI: a text": ({"detail": "Not Found"}, "Not Found."),
    "litserve, FastAPI: a list": (
        {"detail": [{"loc": ["body", "n"], "msg": "Input should be valid", "type": "int"}]},
        "n: Input should be valid.",
    ),
    "dynamo: flat": (
        {"message": "Model not found", "type": "Not Found", "code": 404},
        "Model not found.",
    ),
    "prism: problem details": (
        {
            "type": "https://x",
            "title": "Invalid",
            "status": 422,
            "detail": "Your request is not valid.",
        },
        "Your request is not valid.",
    ),
    "problem details without detail": ({"title": "Invalid", "status": 422}, "Invalid."),
    "LM Studio, transformers: a text": ({"error": "Unexpected endpoint"}, "Unexpected endpoint."),
    "uvicorn: plain text": (b"Internal Server Error", "Internal Server Error."),
    "dynamo: plain text": (b"Failed to parse the request\n", "Failed to parse the request."),
}


@pytest.mark.parametrize(("body", "said"), ENVELOPES.values(), ids=ENVELOPES)
def test_the_servers_own_words_are_the_message(body: object, said: str) -> None:
    assert failure(418, body).message == f"The server answered 418: {said}"


def test_the_fields_of_the_vendors_error_are_kept() -> None:
    body = {"error": {"message": "no", "type": "t", "param": "n", "code": 400}}
    error = failure(400, body)
    assert (error.type, error.param, error.code) == ("t", "n", "400")
    assert error.hint == "Change n or leave it out."
    plain = failure(400)
    assert (plain.type, plain.param, plain.code, plain.hint) == (None, None, None, "")


SILENT: dict[str, Any] = {
    "empty": b"",
    "blank": b" \n ",
    "a web page": b"<!DOCTYPE html><html><body>secret</body></html>",
    "a web page after a BOM": b"\xef\xbb\xbf<html>secret</html>",
    "an odd web page": b"\n\n  <HTML>secret",
    "xml": b"<?xml version='1.0'?><secret/>",
    "cut JSON": b'{"error": {"message": "secret',
    "a JSON list": ["secret"],
    "JSON of something else": {"secret": 1},
    "deep JSON": b"[" * 100_000,
}


@pytest.mark.parametrize("body", SILENT.values(), ids=SILENT)
def test_what_cannot_be_read_is_the_statuss_own_phrase_F14_T58(body: object) -> None:
    assert failure(502, body).message == "The server answered 502: Bad Gateway."


def test_a_status_of_no_standard_has_no_phrase() -> None:
    assert failure(529).message == "The server answered 529: an unknown status."


def test_a_body_that_is_no_text_does_not_harm_F14() -> None:
    assert "\ufffd" in failure(500, b"\xff\xfe\x00 broken").message


def test_a_long_message_is_cut_F14() -> None:
    assert len(str(failure(500, b"long " * 1_000_000))) < 1100


def test_control_characters_do_not_reach_a_terminal_S23() -> None:
    body = {"error": {"message": "a\x1b[2Jb\x07\x9bc\u202ed\r\ne"}}
    assert failure(400, body).message == "The server answered 400: a [2Jb c d e."


def test_a_message_is_one_sentence_on_one_line() -> None:
    assert failure(400, b"What?\n Really?").message.endswith(": What? Really?")
    assert sanitize_message("  a\n\tb ", None) == "a b"


@pytest.mark.parametrize(
    "echo",
    [
        f"Incorrect API key provided: {CANARY}.",
        "Incorrect API key provided: sk-cana****cdef.",
        f"Header was Authorization: Bearer {CANARY}",
        f'Header was "Bearer {CANARY}"',
    ],
)
@pytest.mark.parametrize("shape", ["json", "text"])
def test_a_key_that_a_server_echoes_is_masked_F8(echo: str, shape: str) -> None:
    body: object = {"error": {"message": echo}} if shape == "json" else echo.encode()
    error = failure(401, body, KEY)
    shown = str(error) + repr(error) + repr(vars(error))
    assert "cana" not in shown
    assert "cdef" not in shown


def test_a_key_of_any_shape_is_masked_before_the_message_is_cut_F8() -> None:
    key = ApiKey("Tr0ub4dor&3", origin="https://example", source="a test")
    for start in range(985, 1001):
        assert "Tr0" not in str(failure(500, b"x" * start + b"Tr0ub4dor&3", key))


def test_401_says_where_the_key_came_from_F8() -> None:
    assert failure(401, b"", KEY).hint == "The key came from the variable OPENAI_API_KEY."
    assert failure(401, b"").hint == "No key was sent."


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (404, "Check the name of the model and the address."),
        (429, "Wait a little, or check your quota."),
        (301, "Redirects are not followed: use the final address."),
        (307, "Redirects are not followed: use the final address."),
        (500, ""),
    ],
)
def test_a_status_has_its_advice(status: int, hint: str) -> None:
    error = failure(status)
    assert error.hint == hint
    assert str(error) == f"{error.message} {hint}".rstrip()
