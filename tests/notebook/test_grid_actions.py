"""What can be done with the cells of a grid: their settings are used, and they are asked more."""

from __future__ import annotations

import pytest

from chatwidget.chat.session import ChatSession
from chatwidget.lab.grid_actions import GridActions
from chatwidget.lab.session_study import session_study


@pytest.fixture
def session() -> ChatSession:
    session = ChatSession("practice")
    session.settings.update({"max_tokens": 5})
    return session


def test_more_of_a_cell_is_asked_and_counts_in_the_usage(session: ChatSession) -> None:
    study = session_study(session, "Hi", vary={"temperature": [0.5, 1.5]}, repeats=2)
    study.run()
    actions = GridActions(study, session)
    heard: list[object] = []
    actions.sample(1, heard.append).wait()
    assert [group.results[0].setting.label for group in actions.results.groups.values()] == [
        "temperature=0.5",
        "temperature=1.5",
    ]
    assert [len(group.results) for group in actions.results.groups.values()] == [2, 7]
    (spent,) = session.tally.by_model().values()
    assert spent.questions == 5
    assert heard


def test_the_setting_of_a_cell_becomes_the_sessions(session: ChatSession) -> None:
    vary = {"temperature": [0.5, 1.5], "system": ["Be brief.", "Be long."]}
    study = session_study(session, "Hi", vary=vary, repeats=1)
    assert GridActions(study, session).use(3).startswith("The session uses temperature=1.5")
    assert session.settings.temperature == 1.5
    assert session.system == "Be long."
    assert GridActions(study).use(0) == "There is no session that takes a setting."
