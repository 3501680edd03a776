"""The control of a parameter shows it as the session has it, and sends what a person chooses."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pytest
from ipywidgets.widgets.widget import _instances

import chatwidget
from chatwidget.chat.request_config import RequestConfig
from chatwidget.client.auth.servers import PROFILES, Server
from chatwidget.client.errors import ConfigurationError, ParameterError
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.panel.control import ParameterControl, controls
from chatwidget.panel.control_texts import HANDBOOK_PAGES
from chatwidget.panel.parameter_state import has_slider
from chatwidget.render import handbook_pages

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
RANGES = {"temperature": (0.0, 1.0, 0.05), "max_tokens": (16, 4096, 1)}
NARROW = Server("narrow", "http://127.0.0.1:1/v1", default_model="m", ranges=RANGES)


def example(name: str) -> Any:
    return SPECIAL.get(name, VALUES[PARAMETERS[name].kinds[0]])


def do(control: ParameterControl, action: str, **fields: Any) -> None:
    """Let the page send an action."""
    control._handle_message(control, {"type": f"Control{action}", **fields}, [])


def status(control: ParameterControl) -> str:
    parameter: dict[str, Any] = control.state["parameter"]
    return str(parameter["status"])


def ends(slider: Any) -> tuple[float, float, float]:
    return slider.min, slider.max, slider.step


def ask(session: ChatSession, prompt: str, **parameters: Any) -> str:
    """Ask with these settings, and return the turn."""
    session.settings.update(parameters)
    beside = session.conversation.head or None
    session.controller.ask(prompt, beside=beside)
    session.controller.wait()
    head = session.conversation.head
    assert head is not None
    return head


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_goes_from_the_session_to_its_control_and_back(
    name: str, session: ChatSession
) -> None:
    control = ParameterControl(session, name)
    assert status(control) == "unsent"
    setattr(session.settings, name, example(name))
    assert status(control) == "sent"
    assert control.state["parameter"]["value"] == example(name)
    assert control.state["parameter"]["text"]
    assert control.state["problem"] == ""

    do(control, "Switch", on=False)
    assert session.settings.sent() == {}
    assert (status(control), control.state["parameter"]["text"]) == ("unsent", "")
    do(control, "Switch", on=True)
    assert (status(control) == "sent") is control.state["starts"]
    assert control.state["problem"] == ""


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_control_costs_two_models_and_with_a_slider_five(name: str, session: ChatSession) -> None:
    before = len(_instances)
    control = ParameterControl(session, name)
    assert len(_instances) - before == (5 if has_slider(PARAMETERS[name]) else 2)
    control.close()
    assert len(_instances) == before


@pytest.mark.parametrize("name", ["temperature", "top_logprobs", "seed", "stop", "tools"])
def test_a_control_that_is_closed_is_freed(name: str, session: ChatSession) -> None:
    control = ParameterControl(session, name)
    others = [control.slider, control.layout]
    references = [weakref.ref(each) for each in (control, *others) if each is not None]
    control.close()
    control.close()
    del control, others
    gc.collect()
    assert not [reference() for reference in references if reference() is not None]
    session.settings.temperature = 0.3  # type: ignore[attr-defined]


def test_what_is_not_sent_stands_at_its_default(session: ChatSession) -> None:
    control = ParameterControl(session, "temperature")
    assert control.slider.value == 1
    assert control.state["default"] == "1"
    session.settings.temperature = 0.4  # type: ignore[attr-defined]
    assert control.slider.value == 0.4
    do(control, "Switch", on=False)
    assert control.slider.value == 1
    assert session.settings.sent() == {}


def test_the_default_may_be_sent(session: ChatSession) -> None:
    control = ParameterControl(session, "temperature")
    control.slider.value = 1
    assert session.settings.sent() == {}  # that is where it stands
    do(control, "Switch", on=True)
    assert session.settings.sent() == {"temperature": 1}


def test_zero_is_a_value(session: ChatSession) -> None:
    control = ParameterControl(session, "temperature")
    do(control, "Write", text="0")
    assert session.settings.sent() == {"temperature": 0}
    assert (status(control), control.slider.value) == ("sent", 0)


def test_to_move_the_slider_is_to_send(session: ChatSession) -> None:
    control = ParameterControl(session, "temperature")
    seen: list[float] = []
    session.settings.observe(lambda change: seen.append(change["new"]), "temperature")
    control.slider.value = 0.4
    assert seen == [0.4]
    assert status(control) == "sent"


@pytest.mark.parametrize(
    ("moved", "sent"), [(0.1 + 0.2, 0.3), (0.7000000000000001, 0.7), (0.333, 0.333), (17, 2)]
)
def test_what_a_slider_sends_is_a_plain_number(
    moved: float, sent: float, session: ChatSession
) -> None:
    control = ParameterControl(session, "temperature")
    control.slider.value = moved
    assert session.settings.sent() == {"temperature": sent}
    assert control.slider.value == sent


def test_a_slider_of_whole_numbers_sends_whole_numbers(session: ChatSession) -> None:
    control = ParameterControl(session, "top_logprobs")
    assert isinstance(control.slider, widgets.IntSlider)
    control.slider.value = 3
    assert repr(session.settings.sent()) == "{'top_logprobs': 3}"


def test_a_slider_can_be_linked_both_ways(session: ChatSession) -> None:
    control, other = ParameterControl(session, "temperature"), widgets.FloatSlider(max=2)
    link = widgets.link((control.slider, "value"), (other, "value"))
    assert other.value == 1
    assert session.settings.sent() == {}
    other.value = 0.1 + 0.2
    assert session.settings.sent() == {"temperature": 0.3}
    session.settings.temperature = 0.6  # type: ignore[attr-defined]
    assert other.value == 0.6
    control.slider.value = 0.1 + 0.7
    assert (other.value, session.settings.sent()) == (0.8, {"temperature": 0.8})
    link.unlink()


def test_a_link_from_another_slider_sends_what_that_one_shows(session: ChatSession) -> None:
    control, other = ParameterControl(session, "temperature"), widgets.FloatSlider(0.5, max=2)
    widgets.link((other, "value"), (control.slider, "value"))
    assert session.settings.sent() == {"temperature": 0.5}


def test_two_controls_of_a_parameter_are_in_step(session: ChatSession) -> None:
    one, other = ParameterControl(session, "top_p"), ParameterControl(session, "top_p")
    one.slider.value = 0.5
    assert other.slider.value == 0.5
    assert one.state == other.state
    one.close()
    other.slider.value = 0.25
    assert session.settings.sent() == {"top_p": 0.25}


def test_a_move_counts_while_another_thread_changes_the_setting(session: ChatSession) -> None:
    control = ParameterControl(session, "temperature")

    def meanwhile(_change: object) -> None:
        control.slider.unobserve(meanwhile, "value")
        person = threading.Thread(target=setattr, args=(control.slider, "value", 0.7))
        person.start()
        person.join(10)
        assert not person.is_alive()

    control.slider.observe(meanwhile, "value")
    session.settings.temperature = 0.2  # type: ignore[attr-defined]
    assert session.settings.sent() == {"temperature": 0.7}
    assert (control.slider.value, control.state["parameter"]["value"]) == (0.7, 0.7)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("temperature", "17", "temperature takes a number from 0 to 2; got 17."),
        ("temperature", "warm", "temperature takes a number from 0 to 2; got 'warm'."),
        ("max_tokens", "1.5", "max_tokens takes an integer of at least 1; got 1.5."),
        ("metadata", '{"a": ', "This is no JSON yet: expecting value at line 1, column 7."),
        ("metadata", "[1]", "metadata takes an object; got [1]."),
        (
            "tool_choice",
            '{"type"',
            "This is no JSON yet: expecting ':' delimiter at line 1, column 8.",
        ),
        ("response_format", "[]", "A JSON schema is an object, in braces."),
    ],
)
def test_what_cannot_be_sent_is_kept_with_the_reason(
    name: str, text: str, problem: str, session: ChatSession
) -> None:
    setattr(session.settings, name, example(name))
    control, before = ParameterControl(session, name), session.settings.sent()
    do(control, "Write", text=text)
    assert (control.state["problem"], control.state["draft"]) == (problem, text)
    assert session.settings.sent() == before
    session.settings.seed = 1  # type: ignore[attr-defined]
    assert control.state["draft"] == text  # whatever else happens
    setattr(session.settings, name, None)
    assert (control.state["problem"], control.state["draft"]) == ("", "")


def test_the_same_value_again_takes_a_problem_away(session: ChatSession) -> None:
    control = ParameterControl(session, "temperature")
    do(control, "Write", text="0.5")
    do(control, "Write", text="5")
    assert control.state["problem"]
    do(control, "Write", text="0.5")
    assert not control.state["problem"]


def test_an_emptied_field_sends_nothing(session: ChatSession) -> None:
    for name in ("max_tokens", "user", "metadata", "stop"):
        setattr(session.settings, name, example(name))
        do(ParameterControl(session, name), "Write", text=" ")
        assert session.settings.sent() == {}


def test_whole_numbers_are_exact(session: ChatSession) -> None:
    control = ParameterControl(session, "seed")
    do(control, "Write", text=str(2**60 + 1))
    assert session.settings.sent() == {"seed": 2**60 + 1}
    assert control.state["parameter"]["text"] == str(2**60 + 1)


def test_a_message_that_asks_for_nothing_that_there_is_does_nothing(session: ChatSession) -> None:
    control = ParameterControl(session, "temperature")
    for message in ({}, {"type": "ControlSet"}, {"type": "Ask", "text": "?"}, "ControlLook", None):
        control._handle_message(control, message, [])
    do(control, "Write", text="0.5", more=1)
    do(control, "BringBack", turn="none")
    do(control, "Format", format="text")
    assert session.settings.sent() == {}


def test_a_refusal_is_told_in_the_words_of_the_server(session: ChatSession) -> None:
    control = ParameterControl(session, "top_p")
    location = (session.server.base_url, "practice")
    session.client.unsupported_parameters.learn(
        *location, "top_p", "top_p <b>is not</b> supported."
    )
    do(control, "Look")
    assert status(control) == "unsupported"
    assert (
        control.state["unsupported"] == "practice does not take it: top_p <b>is not</b> supported."
    )
    session.settings.top_p = 0.5  # type: ignore[attr-defined]
    assert "so it is left out: top_p" in control.state["unsupported"]
    assert control.summary() == "top_p 0.5 (not supported)"
    session.server = PROFILES["ollama"]
    assert (status(control), control.state["unsupported"]) == ("sent", "")


def test_a_refused_limit_of_tokens_is_sent_under_its_other_name(session: ChatSession) -> None:
    session.server = NARROW
    session.settings.max_completion_tokens = 5  # type: ignore[attr-defined]
    session.client.unsupported_parameters.learn(
        NARROW.base_url, "m", "max_completion_tokens", "Unknown."
    )
    new, old = (
        ParameterControl(session, f"max_{name}") for name in ("completion_tokens", "tokens")
    )
    assert "max_tokens is sent in its place: Unknown." in new.state["unsupported"]
    assert new.state["hint"].endswith("For narrow use max_tokens.")
    assert old.state["hint"].endswith("For narrow use this one.")


@pytest.mark.parametrize(
    ("server", "advice"),
    [
        ("practice", "Both work on practice."),
        ("openai", "For openai use max_completion_tokens."),
        ("ollama", "For ollama use this one."),
    ],
)
def test_which_limit_of_tokens_to_use_is_said(
    server: str, advice: str, session: ChatSession
) -> None:
    session.server = PROFILES[server]
    hint = ParameterControl(session, "max_tokens").state["hint"]
    assert hint.startswith("Limits the answer; the older name")
    assert hint.endswith(advice)
    assert ParameterControl(session, "temperature").state["hint"] == ""


def test_ranges_and_steps_are_those_of_the_server(session: ChatSession) -> None:
    one, other = ParameterControl(session, "temperature"), ParameterControl(session, "top_p")
    limit = ParameterControl(session, "max_tokens")
    session.server = NARROW
    assert ends(one.slider) == (0, 1, 0.05)
    assert ends(other.slider) == (0, 1, 0.01)
    assert limit.state["range"].endswith("On narrow: 16 to 4096.")
    assert (limit.slider, limit.state["parameter"]["maximum"]) == (None, None)
    session.server = PROFILES["practice"]
    assert ends(one.slider) == (0, 2, 0.05)
    assert session.settings.sent() == {}


def test_a_value_beyond_the_range_moves_its_end(session: ChatSession) -> None:
    control = ParameterControl(session, "temperature")
    session.settings.temperature = 1.7  # type: ignore[attr-defined]
    session.server = NARROW
    assert session.settings.sent() == {"temperature": 1.7}
    assert (control.slider.value, control.slider.max) == (1.7, 1.7)
    session.settings.temperature = 0.5  # type: ignore[attr-defined]
    assert (control.slider.value, control.slider.max) == (0.5, 1)
    do(control, "Write", text="1.5")
    assert (control.slider.value, control.slider.max) == (1.5, 1.5)
    assert session.settings.sent() == {"temperature": 1.5}


def test_servers_with_ranges_are_still_told_apart() -> None:
    plain = Server("narrow", "http://127.0.0.1:1/v1", default_model="m")
    assert len({NARROW, plain}) == 2


def test_one_rule_says_what_has_a_slider_marks_and_a_ghost(session: ChatSession) -> None:
    numbers = {"temperature", "top_p", "presence_penalty", "frequency_penalty", "top_logprobs"}
    for name, parameter in PARAMETERS.items():
        control = ParameterControl(session, name)
        state = control.state["parameter"]
        assert has_slider(parameter) is (name in numbers)
        assert (control.slider is not None) is (name in numbers)
        assert (state["minimum"] is not None) is (name in numbers)
        assert (control.state["input"]["kind"] == "slider") is (name in numbers)


def test_answers_at_other_values_are_marked_and_brought_back(session: ChatSession) -> None:
    control = ParameterControl(session, "temperature")
    first = ask(session, "What is a token?", temperature=0, seed=1)
    second = ask(session, "What is a token?", temperature=0.5)
    marks = control.state["parameter"]["marks"]
    assert [(mark["turn"], mark["value"], mark["shown"]) for mark in marks] == [
        (first, 0, False),
        (second, 0.5, True),
    ]
    session.settings.seed = 2  # type: ignore[attr-defined]
    assert control.state["parameter"]["marks"] == []
    session.settings.seed = 1  # type: ignore[attr-defined]
    do(control, "BringBack", turn=first)
    assert session.conversation.head == first
    assert (control.slider.value, session.settings.sent()["temperature"]) == (0, 0)
    assert control.state["parameter"]["marks"][0]["shown"]


def test_of_several_answers_at_a_value_there_is_one_mark(session: ChatSession) -> None:
    control = ParameterControl(session, "temperature")
    ask(session, "What is a token?", temperature=0)
    last = ask(session, "What is a token?")
    assert [mark["turn"] for mark in control.state["parameter"]["marks"]] == [last]


def test_what_the_last_cell_was_asked_with_is_a_ghost(session: ChatSession) -> None:
    one, other = ParameterControl(session, "temperature"), ParameterControl(session, "n")
    session.settings.temperature = 0.7  # type: ignore[attr-defined]
    session.cell_config = RequestConfig.of(temperature=0.2, n=2)
    assert (one.state["parameter"]["ghost"], one.state["ghost"]) == (0.2, "0.2")
    assert (other.state["parameter"]["ghost"], other.state["ghost"]) == (2, "2")
    assert session.settings.sent() == {"temperature": 0.7}
    assert one.slider.value == 0.7
    session.settings.temperature = 0.2  # type: ignore[attr-defined]
    assert one.state["ghost"] == ""
    session.cell_config = RequestConfig()
    assert other.state["ghost"] == ""


def test_help_brings_the_page_of_the_parameter(session: ChatSession) -> None:
    control = ParameterControl(session, "presence_penalty")
    sent: list[dict[str, Any]] = []
    control.send = sent.append
    do(control, "Help")
    assert control.state["handbook"] == "Penalties and logit bias"
    assert control.state["range"] == "Takes a number from -2 to 2."
    (message,) = sent
    assert message["type"] == "ControlHandbook"
    assert "presence penalty" in message["html"]


def test_every_parameter_has_a_page_of_the_handbook() -> None:
    assert HANDBOOK_PAGES.keys() == PARAMETERS.keys()
    assert set(HANDBOOK_PAGES.values()) <= set(handbook_pages.topics())


def test_controls_stand_below_each_other(session: ChatSession) -> None:
    box = controls(session=session)
    names = [control.parameter.name for control in box.children]
    assert names == ["temperature", "top_p", "presence_penalty", "frequency_penalty"]
    box = controls("seed", "stop", session=session)
    assert [control.parameter.name for control in box.children] == ["seed", "stop"]
    before = len(_instances)
    box.close()
    box.close()
    assert before - len(_instances) == 6  # with their layouts


def test_an_unknown_name_is_an_error_before_anything_is_made(session: ChatSession) -> None:
    before = len(_instances)
    with pytest.raises(ParameterError, match="no request parameter 'temprature'") as caught:
        controls("top_p", "temprature", session=session)
    assert caught.value.hint == "Did you mean temperature?"
    with pytest.raises(ParameterError):
        session.control("temprature")
    assert len(_instances) == before


def test_without_a_shell_a_session_is_needed() -> None:
    with pytest.raises(ConfigurationError, match="no IPython shell"):
        controls("top_p")


def test_a_session_has_the_controls_of_its_parameters(session: ChatSession) -> None:
    control = session.control("temperature")
    assert isinstance(control, chatwidget.ParameterControl)
    assert chatwidget.controls is controls
    control.slider.value = 0.5
    assert session.settings.sent() == {"temperature": 0.5}


def test_where_there_is_no_page_a_control_is_one_line(session: ChatSession) -> None:
    session.settings.temperature = 0.7  # type: ignore[attr-defined]
    bundle = ParameterControl(session, "temperature")._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == "temperature 0.7 (sent)"
    assert data["text/html"] == "<pre>temperature 0.7 (sent)</pre>"
    box = controls("temperature", "top_p", "seed", "user", session=session)._repr_mimebundle_()
    assert box["text/plain"].split("\n") == [
        "temperature 0.7 (sent)",
        "top_p 1 (default, not sent)",
        "seed random (default, not sent)",
        "user (not sent)",
    ]
    session.settings.user = "<b>"  # type: ignore[attr-defined]
    html = controls("user", session=session)._repr_mimebundle_()["text/html"]
    assert html == "<pre>user &lt;b&gt; (sent)</pre>"
