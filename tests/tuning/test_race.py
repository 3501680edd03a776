"""Racing: what is clearly not the best is not asked any more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning import Study
from chatwidget.tuning.race import Race
from tuning.studied import result
from wire.replies import event_stream, stream_of
from wire.scripted_server import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.client.wire.types import ChatCompletion
    from wire.scripted_server import Request, Step


class Answering(ScriptedServer):
    """Says whether the temperature of a request is low."""

    def script(self, request: Request) -> Step:
        super().script(request)
        is_low = json.loads(request.body)["temperature"] < 1
        return event_stream(stream_of("yes" if is_low else "no"))


@pytest.fixture
def answering() -> Iterator[ScriptedServer]:
    with Answering() as server:
        yield server


def study(asked: ScriptedServer, vary: Any = "0.5,1,1.5", repeats: int = 200) -> Study:
    return Study("Hi", vary={"temperature": vary}, repeats=repeats, server=asked.url, model="m")


def says_yes(completion: ChatCompletion) -> bool:
    return completion.text == "yes"


def test_a_study_ends_when_it_is_clear_which_setting_is_the_best(answering: ScriptedServer) -> None:
    run = study(answering).start(passes=says_yes, stop_when="clear", concurrency=4)
    results = run.result()
    assert len(answering.requests) < 100
    assert run.progress.ended == "It is clear which setting is the best."
    assert not results.is_closed  # so that its intervals allow for having looked
    assert "yes" in {each.text for each in results if each.setting.values == {"temperature": 0.5}}


def test_what_is_out_is_skipped_and_a_tie_is_asked_to_its_end(answering: ScriptedServer) -> None:
    run = study(answering, "0.1,0.2,1.5", 60).start(
        passes=says_yes, stop_when="clear", concurrency=2
    )
    results = run.result()
    counts = [
        sum(each.setting.values == {"temperature": t} for each in results) for t in (0.1, 0.2, 1.5)
    ]
    assert counts[:2] == [60, 60]
    assert counts[2] < 40
    assert run.progress.skipped == 60 - counts[2]
    assert run.progress.ended == ""


def test_a_race_goes_on_with_what_is_stored(answering: ScriptedServer) -> None:
    asked = study(answering)
    asked.run(passes=says_yes, stop_when="clear", concurrency=4)
    sent = len(answering.requests)
    run = asked.start(passes=says_yes, stop_when="clear")
    assert run.result()
    assert len(answering.requests) == sent
    assert run.progress.ended == "It is clear which setting is the best."


def test_without_a_race_everything_is_asked(answering: ScriptedServer) -> None:
    assert study(answering, repeats=10).run(passes=says_yes).is_complete
    assert len(answering.requests) == 30


def test_a_race_needs_to_know_what_passes(answering: ScriptedServer) -> None:
    asked = study(answering)
    with pytest.raises(ConfigurationError, match="which answers pass"):
        asked.start(stop_when="clear")
    with pytest.raises(ConfigurationError, match="stop_when is 'clear' or nothing"):
        asked.start(stop_when="soon", passes=says_yes)  # type: ignore[arg-type] # it is wrong
    assert answering.requests == []
    with pytest.raises(ConfigurationError, match=r"says \d"):
        asked.run(stop_when="clear", passes=lambda completion: len(completion.text))


def test_variants_of_a_prompt_race_as_well(answering: ScriptedServer) -> None:
    asked = Study(
        {"a": "{{x}}?", "b": "{{x}}!"},
        data=[{"x": 1}, {"x": 2}],
        repeats=40,
        server=answering.url,
        model="m",
    )
    race = Race(asked.requests, says_yes)
    assert not any(race.is_out(request) for request in asked.requests)
    for draw in range(1, 41):
        for request in asked.requests:
            race.note(result(request, draw, "yes" if request.prompt == "a" else "no"))
    assert race.is_clear
    assert {request.prompt for request in asked.requests if race.is_out(request)} == {"b"}


def test_a_study_of_one_setting_is_never_clear(answering: ScriptedServer) -> None:
    assert study(answering, [0.5], 12).run(passes=says_yes, stop_when="clear").is_complete


def test_an_answer_without_a_score_does_not_count(answering: ScriptedServer) -> None:
    asked = study(answering)
    race = Race(asked.requests, lambda _: None)
    race.note(result(asked.requests[0], 1, "yes"))
    assert not race.is_clear
