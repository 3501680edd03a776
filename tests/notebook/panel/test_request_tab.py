"""The Request tab says what the next question sends, and takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.panel.request import RequestTab

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession


class Tab:
    """The tab, as a person uses it."""

    def __init__(self, session: ChatSession) -> None:
        self.widget = RequestTab(session)
        self.magic, self.python, self.curl, self._field, self._use, self._note = (
            self.widget.children
        )

    def paste(self, text: str) -> str:
        self._field.value = text
        self._use.click()
        said: str = self._note.value
        return said

    @property
    def pasted(self) -> str:
        text: str = self._field.value
        return text


def test_it_follows_the_session(session: ChatSession) -> None:
    tab = Tab(session)
    assert tab.magic.text == "%%chat --model=practice\n…"
    session.settings.temperature = 0.3  # type: ignore[attr-defined]
    session.extra_body = {"top_k": 40}
    session.system = "Be brief."
    tab.widget.ask_about("Why?")
    line = "%%chat --model=practice '--system=Be brief.' --temperature=0.3 --set=top_k=40"
    assert tab.magic.text == f"{line}\nWhy?"
    assert "temperature=0.3" in tab.python.text
    session.use("openai")
    session.model = "a-model"
    assert "Bearer $OPENAI_API_KEY" in tab.curl.text


def test_what_is_pasted_sets_the_session(session: ChatSession) -> None:
    tab = Tab(session)
    session.settings.top_p = 0.1  # type: ignore[attr-defined]
    assert (
        tab.paste("%%chat -t 0.7 --stop END --set top_k=3\nWhatever")
        == "The controls are set to it."
    )
    assert session.settings.sent() == {"temperature": 0.7, "stop": ["END"]}
    assert session.extra_body == {"top_k": 3}
    assert tab.pasted == ""
    call = "client.create_chat_completion([{'role': 'system', 'content': 'S'}], 'm', seed=3)"
    tab.paste(call)
    assert session.settings.sent() == {"seed": 3}
    assert (session.model, session.system) == ("m", "S")


def test_everything_it_shows_can_be_pasted_back(session: ChatSession) -> None:
    tab = Tab(session)
    settings = {
        "temperature": 0.25,
        "logit_bias": {"5": -3},
        "stop": ["a b", "c"],
        "logprobs": True,
    }
    for shown in (tab.magic, tab.python):
        session.settings.replace(settings)
        text = shown.text
        session.settings.clear()
        tab.paste(text)
        assert session.settings.sent() == settings


def test_what_is_wrong_changes_nothing_and_stays(session: ChatSession) -> None:
    tab = Tab(session)
    session.settings.top_p = 0.1  # type: ignore[attr-defined]
    for text in ("hello", "%%chat --temperature=9", "create_chat_completion([], n=open('x'))", ""):
        assert tab.paste(text) not in ("", "The controls are set to it.")
        assert tab.pasted == text
        assert session.settings.sent() == {"top_p": 0.1}
