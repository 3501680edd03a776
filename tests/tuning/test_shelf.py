"""The studies that a store knows."""

from __future__ import annotations

import pytest

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning import Study, remove_study, stored_studies, stored_study


def study(name: str, prompt: str = "What is top_p?", **options: object) -> Study:
    return Study(
        prompt, name=name, server="practice", repeats=1, fixed={"max_tokens": 2}, **options
    )


def test_what_has_run_is_listed_and_found_by_its_name() -> None:
    assert stored_studies() == {}
    first, second = study("first"), study("second", "What is temperature?")
    first.run()
    second.run()
    assert [*stored_studies()] == ["second", "first"]
    assert stored_study("first") == first
    assert [*stored_study("first").results()] == [*first.results()]


def test_a_study_that_there_is_not_is_told_with_those_that_there_are() -> None:
    with pytest.raises(ConfigurationError, match="None has run yet"):
        stored_study("first")
    study("first").run()
    with pytest.raises(ConfigurationError, match=r"no study 'fist'\. Did you mean first"):
        stored_study("fist")
    with pytest.raises(ConfigurationError, match="There are: first"):
        stored_study("xyz")


def test_a_removed_study_takes_its_answers_with_it_but_for_those_that_others_share() -> None:
    one, same = study("one"), study("same", vary={"system": [None, "Brief."]})
    one.run()
    same.run()
    remove_study(same)
    assert [*stored_studies()] == ["one"]
    assert len(one.results()) == 1
    assert len(same.results()) == 1  # the one that it shares
    remove_study(one)
    assert one.store.count() == 0
