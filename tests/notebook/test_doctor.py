"""%chat doctor tries one thing after the other, and says what to do about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import certifi
import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.client.auth.servers import PROFILES
from chatwidget.doctor import Finding, checks, run_checks
from chatwidget.doctor.checks import check_environment
from wire.replies import completion, error, event_stream, json_response, stream_of
from wire.scripted_server import stall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from notebook.conftest import Cells
    from wire.scripted_server import ScriptedServer

CANARY = "sk-canary-0123456789"
MODELS = json_response({"data": [{"id": "scripted"}, {"id": "other"}]})
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}


def by_subject(findings: Iterable[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


def marks(findings: dict[str, Finding]) -> dict[str, str]:
    return {subject: finding.mark for subject, finding in findings.items()}


@pytest.fixture
def session(server: ScriptedServer) -> ChatSession:
    session = ChatSession(server.url)
    session.model = "scripted"
    return session


def first_token(temperature: float) -> dict[str, Any]:
    """An answer of one token whose log probabilities a temperature divides."""
    spread = -1.0 / temperature
    tokens = [{"token": "red", "logprob": -0.5}, {"token": "blue", "logprob": -0.5 + spread}]
    logprobs = {"content": [{**tokens[0], "top_logprobs": tokens}]}
    answer = completion("red")
    answer["choices"][0]["logprobs"] = logprobs
    return answer


def test_the_practice_model_is_well(cells: Cells) -> None:
    shown = cells.run("%chat doctor")
    assert cells.error is None
    assert "✗" not in shown
    assert "✓ streaming" in shown
    assert "They are what the model thinks" in shown


def test_a_server_that_does_all_is_well(session: ChatSession, server: ScriptedServer) -> None:
    server.reply(MODELS)
    server.reply(*event_stream(stream_of("one ", "two", usage=USAGE)))
    server.reply(json_response(first_token(0.5)))
    server.reply(json_response(first_token(1.0)))
    found = by_subject(run_checks(session))
    assert set(marks(found).values()) == {"✓", "\u2013"}
    assert "offers 2 models." in found["connection"].told
    assert "in 2 pieces" in found["streaming"].told
    assert "9 were sent and 3 came" in found["tokens counted"].told
    assert found["limit of tokens"].told == "It takes max_completion_tokens."
    assert "the temperature changes them" in found["log probabilities"].told


@pytest.mark.parametrize(
    ("models", "said"),
    [(["m"], "1 model."), (["m"] * 1200, "1,200 models."), ([], "0 models.")],
)
def test_the_models_are_counted(
    session: ChatSession, server: ScriptedServer, models: list[str], said: str
) -> None:
    server.reply(json_response({"data": [{"id": name} for name in models]}))
    findings = run_checks(session)
    found = next(each for each in findings if each.subject == "connection")
    assert found.told == f"The server answers and offers {said}"


def test_findings_are_told_as_soon_as_they_are_known(
    session: ChatSession, server: ScriptedServer
) -> None:
    findings = run_checks(session)
    assert next(findings).subject == "address"
    assert server.requests == []
    findings.close()


def test_a_server_that_is_not_there_ends_it() -> None:
    found = by_subject(run_checks(ChatSession("http://127.0.0.1:1/v1")))
    assert found["connection"].mark == "✗"
    assert "Is the server running" in found["connection"].next_step
    assert "streaming" not in found


def test_a_refused_key_is_told_without_the_key(
    session: ChatSession, server: ScriptedServer
) -> None:
    session.client.use_key(CANARY)
    server.reply(json_response(error(f"Bad key {CANARY}"), 401))
    shown = "\n".join(map(str, run_checks(session)))
    assert "✗ connection" in shown
    assert "Enter another key with %chat key." in shown
    assert CANARY not in shown


def test_a_server_that_is_silent_is_not_waited_for(
    session: ChatSession, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "PATIENCE", replace(checks.PATIENCE, first_event=0.2, total=0.3))
    server.reply(stall())
    assert "too slow" in by_subject(run_checks(session))["connection"].told


def test_without_a_list_of_models_the_chosen_one_is_asked(
    session: ChatSession, server: ScriptedServer
) -> None:
    server.reply(json_response(error("no such page"), 404))
    server.otherwise(*event_stream(stream_of("one ", "two")))
    found = by_subject(run_checks(session))
    assert "it lists no models" in found["connection"].told
    assert found["answer"].mark == "✓"


def test_without_a_chosen_model_the_only_one_is_asked_and_else_none(
    session: ChatSession, server: ScriptedServer
) -> None:
    session.model = ""
    server.reply(MODELS)
    found = by_subject(run_checks(session))
    assert "%chat model NAME" in found["model"].next_step
    assert "answer" not in found
    server.reply(json_response({"data": [{"id": "single"}]}))
    server.otherwise(*event_stream(stream_of("one ", "two")))
    assert "single answered" in by_subject(run_checks(session))["answer"].told


def test_a_model_that_the_server_does_not_have_is_told(
    session: ChatSession, server: ScriptedServer
) -> None:
    session.model = "scriptd"
    server.reply(MODELS)
    server.reply(json_response(error("no such model"), 404))
    found = by_subject(run_checks(session))
    assert "scriptd is not among its models" in found["answer"].next_step


def test_an_answer_in_one_piece_points_to_a_proxy(
    session: ChatSession, server: ScriptedServer
) -> None:
    server.reply(MODELS)
    server.otherwise(json_response(completion("one two")))
    found = by_subject(run_checks(session))
    assert "A proxy on the way" in found["streaming"].next_step
    assert found["tokens counted"].mark in "✓\u2013"
    assert found["log probabilities"].told == "The server does not send them."


def test_a_limit_that_is_refused_is_taken_by_its_other_name(
    session: ChatSession, server: ScriptedServer
) -> None:
    refusal = error(
        "Unsupported parameter: 'max_completion_tokens'.",
        param="max_completion_tokens",
        code="unsupported_parameter",
    )
    server.reply(MODELS)
    server.reply(json_response(refusal, 400))
    server.otherwise(*event_stream(stream_of("one ", "two")))
    found = by_subject(run_checks(session))
    assert found["limit of tokens"].told == "It takes max_tokens."


def test_a_limit_that_is_not_kept_is_told(session: ChatSession, server: ScriptedServer) -> None:
    server.reply(MODELS)
    server.otherwise(
        *event_stream(stream_of("one ", "two", usage=USAGE | {"completion_tokens": 99}))
    )
    assert "does not keep to it" in by_subject(run_checks(session))["limit of tokens"].told


def test_what_a_server_says_cannot_paint_the_screen(
    session: ChatSession, server: ScriptedServer
) -> None:
    server.reply(MODELS)
    server.reply(json_response(error("\x1b[2J\n✓ fake\u202e" + "x" * 5000), 400))
    shown = str(by_subject(run_checks(session))["answer"])
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert len(shown) < 1000


# What is known before anything is asked


@pytest.fixture
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("_bare")
def test_the_proxy_is_named_without_its_password_S14(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{CANARY}@proxy.example:3128")
    told = by_subject(check_environment(PROFILES["openai"], None))["proxy"].told
    assert "proxy.example:3128" in told
    assert CANARY not in told
    assert "me" not in told.split()


@pytest.mark.usefixtures("_bare")
def test_an_excepted_host_goes_past_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "api.openai.com")
    assert (
        "NO_PROXY excepts" in by_subject(check_environment(PROFILES["openai"], None))["proxy"].told
    )


@pytest.mark.usefixtures("_bare")
@pytest.mark.parametrize(
    ("variable", "value", "mark", "said"),
    [
        ("SSL_CERT_FILE", certifi.where(), "✓", "SSL_CERT_FILE"),
        ("SSL_CERT_FILE", __file__, "✗", "holds no certificates"),
        ("SSL_CERT_FILE", "/no/such/file", "✗", "which is not there"),
        ("REQUESTS_CA_BUNDLE", __file__, "\u2013", "set SSL_CERT_FILE to the same file"),
        ("UNRELATED", "", "\u2013", "the usual authorities"),
    ],
)
def test_certificates(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, mark: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    found = by_subject(check_environment(PROFILES["openai"], None))["certificates"]
    assert found.mark == mark
    assert said in str(found)


@pytest.mark.usefixtures("_bare")
def test_a_missing_key_says_where_it_could_come_from() -> None:
    found = by_subject(check_environment(PROFILES["openai"], None))["key"]
    assert found.mark == "✗"
    assert "OPENAI_API_KEY" in found.next_step
