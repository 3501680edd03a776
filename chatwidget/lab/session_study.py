"""The study of a session: its settings hold for what does not vary, and its keys go along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.tuning.study import Study
from chatwidget.tuning.values import read_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.chat.request_config import RequestConfig
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.auth.keys import ApiKey

__all__ = ["session_keys", "session_study"]


def session_study(
    session: ChatSession,
    content: Any,
    *,
    vary: Mapping[str, Any],
    repeats: int,
    config: RequestConfig | None = None,
    form: Any = None,
    rows: Any = None,
) -> Study:
    """Return the study of one question; nothing is sent.

    Parameters
    ----------
    session
        Whose settings are fixed.
    content
        What is asked.
    vary, repeats
        As in `Study`.
    config
        What holds in place of the session's settings.
    form
        A type whose instances the answers are.
    rows
        What fills the variables of the question, as ``data`` of `Study`.

    Raises
    ------
    ChatWidgetError
        If it cannot be asked.
    """
    is_model_given = config is not None and bool(config.model)
    config = session.request_config(config)
    fixed: dict[str, Any] = dict(config.parameters)
    fixed |= {"server": config.server or session.server, "model": config.model}
    fixed |= {"system": config.system, "extra_body": dict(config.extra_body)}
    fixed |= {"response_format": form} if form is not None else {}
    if "server" in vary and not is_model_given:
        del fixed["model"]  # it is the model of one of them
    for name in vary:
        fixed.pop(name, None)
    return Study(
        [{"role": "user", "content": content}],
        vary=_varied(session, vary),
        data=rows,
        repeats=repeats,
        fixed={name: value for name, value in fixed.items() if value not in (None, "", {})},
        keep_logprobs=bool(fixed.get("logprobs")),  # who asks for them wants to see them
    )


def _varied(session: ChatSession, vary: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what varies; a model may be called by a short name, as elsewhere in a cell."""
    if "model" not in vary:
        return vary
    given = vary["model"]
    read = read_values("model", given)
    models = [session.aliases.get(value.sent, value.sent) for value in read]
    named = zip(given, models, strict=True) if isinstance(given, dict) else None
    return {**vary, "model": dict(named) if named else models}


def session_keys(session: ChatSession, study: Study) -> list[ApiKey]:
    """Return the keys that the session has for the servers of a study."""
    servers = {request.server for request in study.requests}
    keys = (session.client_of(server).key for server in servers)
    return [key for key in keys if key is not None]
