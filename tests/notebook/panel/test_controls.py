"""Each parameter has a control, which shows its three states as the session has them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pytest

from chatwidget.client.parameters import PARAMETERS
from chatwidget.client.servers import PROFILES, Server
from chatwidget.panel.controls import (
    GROUPS,
    HELP_PAGES,
    ControlFactory,
    ParameterRow,
    row_names,
)
from chatwidget.panel.kinds import JsonControl, RangeControl, WholeNumberControl
from chatwidget.render import handbook_pages as handbook

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession

VALUES: dict[str, Any] = {
    "number": 0.5,
    "integer": 3,
    "boolean": False,
    "string": "a-value",
    "array": ["one", "two"],
    "object": {"a": 1},
}
SPECIAL: dict[str, Any] = {
    "response_format": {"type": "json_object"},
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
    "logit_bias": {"42": 7},
    "stop": ["END", "STOP"],
}


def example(name: str) -> Any:
    return SPECIAL.get(name, VALUES[PARAMETERS[name].kinds[0]])


def row_of(name: str, session: ChatSession, explain: Any = print) -> ParameterRow:
    control = ControlFactory({}, int)(PARAMETERS[name])
    return ParameterRow(session, control, explain)


def checkbox(row: ParameterRow) -> widgets.Checkbox:
    box: widgets.Checkbox = row.children[0].children[0]
    return box


def note(row: ParameterRow) -> str:
    label = row.children[-1]
    return label.value if label.layout.display != "none" else ""


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_goes_from_the_session_to_its_control_and_back(
    name: str, session: ChatSession
) -> None:
    row = row_of(name, session)
    assert checkbox(row).value is False
    setattr(session.settings, name, example(name))
    control = row.children[1]
    assert checkbox(row).value is True
    assert control.choice == example(name)
    assert control.problem == ""

    checkbox(row).value = False
    assert getattr(session.settings, name) is None
    checkbox(row).value = True
    assert getattr(session.settings, name) == example(name)


def test_every_current_parameter_has_a_row_in_one_group() -> None:
    listed = [name for group in GROUPS for name in row_names(group)]
    assert len(listed) == len(set(listed))
    left_out = PARAMETERS.keys() - set(listed)
    assert all(PARAMETERS[name].replaced_by for name in left_out)
    assert {"max_tokens", "seed", "user"} <= set(listed)


def test_every_help_link_names_a_page_of_the_handbook() -> None:
    assert HELP_PAGES.keys() == PARAMETERS.keys()
    assert set(HELP_PAGES.values()) <= set(handbook.topics())


def test_to_move_a_slider_is_to_send_and_reset_is_not_to(session: ChatSession) -> None:
    row = row_of("temperature", session)
    slider, box = row.children[1].children
    slider.value = 0.4
    assert session.settings.temperature == 0.4  # type: ignore[attr-defined]
    assert (checkbox(row).value, box.value) == (True, 0.4)
    assert "chatwidget-unsent" not in row._dom_classes
    row.children[0].children[1].click()
    assert session.settings.sent() == {}
    assert checkbox(row).value is False
    assert "chatwidget-unsent" in row._dom_classes


def test_the_default_may_be_sent(session: ChatSession) -> None:
    row = row_of("temperature", session)
    assert row.children[1].choice == 1
    checkbox(row).value = True
    assert session.settings.sent() == {"temperature": 1}


def test_zero_is_a_value(session: ChatSession) -> None:
    row = row_of("temperature", session)
    row.children[1].children[1].value = 0
    assert session.settings.sent() == {"temperature": 0}
    assert checkbox(row).value is True


def test_a_number_box_holds_its_bounds(session: ChatSession) -> None:
    row = row_of("temperature", session)
    row.children[1].children[1].value = 17
    assert session.settings.sent() == {"temperature": 2}


def test_a_refusal_is_shown_in_the_words_of_the_server(session: ChatSession) -> None:
    row = row_of("top_p", session)
    assert note(row) == ""
    place = (session.server.base_url, "practice")
    session.client.refusals.learn(*place, "top_p", "top_p <b>is not</b> supported.")
    row.follow()
    assert note(row) == "Refused by practice: top_p <b>is not</b> supported."
    assert isinstance(row.children[-1], widgets.Label)  # which shows text as text
    assert "chatwidget-refused" in row._dom_classes
    session.client.refusals.forget(*place)
    row.follow()
    assert note(row) == ""
    assert "chatwidget-refused" not in row._dom_classes


def test_what_is_no_json_changes_nothing_and_says_why(session: ChatSession) -> None:
    row = row_of("metadata", session)
    control = row.children[1]
    assert isinstance(control, JsonControl)
    control.children[0].value = '{"a": "b"}'
    assert session.settings.sent() == {"metadata": {"a": "b"}}
    control.children[0].value = '{"a": '
    assert note(row).startswith("This is no JSON")
    assert session.settings.sent() == {"metadata": {"a": "b"}}
    control.children[0].value = "[1]"
    assert "takes an object" in note(row)
    control.children[0].value = '{"a": "c"}'
    assert note(row) == ""


def test_the_die_throws_another_seed(session: ChatSession) -> None:
    row = row_of("seed", session)
    row.children[1].children[1].click()
    first = session.settings.sent()["seed"]
    row.children[1].children[1].click()
    assert session.settings.sent()["seed"] != first


def test_a_whole_number_that_a_box_cannot_hold_is_kept(session: ChatSession) -> None:
    row = row_of("seed", session)
    session.settings.seed = 2**40  # type: ignore[attr-defined]
    assert row.children[1].choice == 2**40
    assert session.settings.sent() == {"seed": 2**40}


def test_help_opens_the_page_of_the_parameter(session: ChatSession) -> None:
    pages: list[str] = []
    row_of("presence_penalty", session, pages.append).children[0].children[2].click()
    assert pages == ["penalties"]


RANGES = {"temperature": (0.0, 1.0, 0.05), "max_tokens": (16, 4096, 1)}
NARROW = Server("narrow", "http://127.0.0.1:1/v1", default_model="m", ranges=RANGES)


def test_ranges_and_steps_are_those_of_the_server(session: ChatSession) -> None:
    row, other = row_of("temperature", session), row_of("top_p", session)
    length = row_of("max_tokens", session)
    rows = (row, other, length)
    session.server = NARROW
    for each in rows:
        each.follow()
    assert [ends(part) for part in row.children[1].children] == [(0, 1, 0.05)] * 2
    assert ends(other.children[1].children[0]) == (0, 1, 0.01)
    assert (length.children[1].children[0].min, length.children[1].children[0].max) == (16, 4096)
    assert session.settings.sent() == {}
    session.server = PROFILES["practice"]
    for each in rows:
        each.follow()
    assert ends(row.children[1].children[0])[:2] == (0, 2)
    assert length.children[1].children[0].min == 1
    assert session.settings.sent() == {}


def test_a_value_beyond_the_range_of_a_server_is_not_changed(session: ChatSession) -> None:
    row = row_of("temperature", session)
    session.settings.temperature = 1.7  # type: ignore[attr-defined]
    session.server = NARROW
    row.follow()
    control = row.children[1]
    assert isinstance(control, RangeControl)
    assert session.settings.sent() == {"temperature": 1.7}
    assert (control.children[0].value, control.maximum) == (1.7, 1.7)
    session.settings.temperature = 0.5  # type: ignore[attr-defined]
    row.follow()
    assert control.maximum == 1


def test_a_value_beyond_the_range_moves_its_end(session: ChatSession) -> None:
    session.server = NARROW
    row = row_of("temperature", session)
    assert row.children[1].maximum == 1
    session.settings.temperature = 1.5  # type: ignore[attr-defined]
    slider, box = row.children[1].children
    assert (slider.value, slider.max, box.value) == (1.5, 1.5, 1.5)
    assert session.settings.sent() == {"temperature": 1.5}


def test_servers_with_ranges_are_still_told_apart() -> None:
    plain = Server("narrow", "http://127.0.0.1:1/v1", default_model="m")
    assert len({NARROW, plain}) == 2


def ends(slider: widgets.FloatSlider) -> tuple[float, float, float]:
    return slider.min, slider.max, slider.step


def test_a_limit_of_tokens_is_written_into_a_box(session: ChatSession) -> None:
    control = row_of("max_tokens", session).children[1]
    assert isinstance(control, WholeNumberControl)
    control.children[0].value = 12
    assert session.settings.sent() == {"max_tokens": 12}


def test_a_move_counts_while_another_thread_shows_something() -> None:
    control = RangeControl(PARAMETERS["temperature"])
    slider, _box = control.children
    with control._showing():
        slider.value = 0.2
        assert control.choice == 1.0
        person = threading.Thread(target=setattr, args=(slider, "value", 0.7))
        person.start()
        person.join()
    assert control.choice == 0.7
