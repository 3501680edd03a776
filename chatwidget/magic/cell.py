"""One ``%%chat`` cell: parse its first line, check and ask its question, present the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.display import display as show

from chatwidget.chat.cell_ids import asking_cell, running_source
from chatwidget.chat.request_config import RequestConfig
from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.events import Finish
from chatwidget.client.logprobs_probe import learn_logprobs_meaning, logprobs_wanted
from chatwidget.client.request.tool_schema import function_name
from chatwidget.client.sinks import as_sink
from chatwidget.magic.cell_content import CellContent, cell_content
from chatwidget.magic.dry_run import DryRun
from chatwidget.magic.flag_help import usage
from chatwidget.magic.namespace import functions_named, type_named, variable_named
from chatwidget.magic.new_cell import NewCell
from chatwidget.persistence.cell_source import untold
from chatwidget.prompt.arguments import check_flags, parse_cell_line
from chatwidget.render.display.answer import AnswerDisplay
from chatwidget.render.display.choice_controller import ChoiceController
from chatwidget.render.markup.output_formats import format_for
from chatwidget.tools.stdin_approval import ask_person

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.chat.question import Question
    from chatwidget.chat.session import ChatSession
    from chatwidget.client.background import Task
    from chatwidget.client.events import StreamEvent
    from chatwidget.client.sinks import StreamTo
    from chatwidget.client.wire.types import ChatCompletion
    from chatwidget.lab.token_view import TokensBelow
    from chatwidget.magic.answer_cache import CachedQuestion
    from chatwidget.prompt.arguments import CellArguments, OutputFormatName

__all__ = ["run_cell"]


def run_cell(shell: InteractiveShell, line: str, text: str) -> None:
    """Run a cell.

    Raises
    ------
    ChatWidgetError
        If the line cannot be read, there is no question, or the question is not answered.
    """
    arguments = parse_cell_line(line)
    if arguments.help:
        print(usage())  # noqa: T201 - the answer to --help
        return
    session = current_session()
    check_flags(arguments, session.settings.get("tools") or ())
    if not text.strip():
        raise ConfigurationError(
            "The cell holds no question.", hint="Write it on the lines below %%chat."
        )
    prompt = text.strip("\n")
    if arguments.vary or arguments.rows or arguments.repeats or arguments.passes:
        from chatwidget.magic.study_cell import run_study  # noqa: PLC0415 - loads studies

        run_study(shell, session, arguments, prompt)
    else:
        _Cell(shell, session, arguments).run(prompt)


class _Cell:
    """A cell that runs.

    Parameters
    ----------
    shell
        Whose variables the flags name.
    session
        What asks.
    arguments
        What the first line says.
    """

    def __init__(
        self, shell: InteractiveShell, session: ChatSession, arguments: CellArguments
    ) -> None:
        self._shell = shell
        self._session = session
        self._arguments = arguments
        self._form = self._output_format()
        self._new_cell = NewCell(shell) if arguments.to_cell else None
        self._task: Task | None = None

    def run(self, prompt: str) -> None:
        """Ask, present, and put the answer where the flags say."""
        content = self._content(prompt)
        question = self._question(prompt, content)
        cached = self._cached(question) if self._arguments.cached else None
        if self._arguments.dry_run:
            self._look_at(question, cached, content)
            return
        self._session.cell_config = self._arguments.config  # a panel shows what held for the cell
        display = self._display(question, cached, content)
        targets = self._targets(question, display, cached)
        display.open()
        try:
            if cached is not None and cached.stored:
                self._deliver(cached.replay(targets))
            elif self._arguments.background:
                self._start(question, display, targets)
            else:
                answer = self._session.ask(question, stream_to=targets, approve=ask_person)
                self._deliver(answer)
                self._tell_meaning(question, display)
        except BaseException:
            display.abandon()
            raise

    def _cached(self, question: Question) -> CachedQuestion:
        from chatwidget.magic.answer_cache import CachedQuestion  # noqa: PLC0415 - loads SQLite

        return CachedQuestion(self._session, question)

    def _tell_meaning(self, question: Question, display: AnswerDisplay) -> None:
        """Say below the answer what its probabilities mean, if that has to be found out first."""
        client = self._session.client_of(question.server)
        if display.below is not None and learn_logprobs_meaning(client, question.config.model):
            display.refresh()

    def _content(self, prompt: str) -> CellContent:
        key = self._session.client.key
        return cell_content(prompt, self._arguments, self._shell, [key] if key else [])

    def _look_at(
        self, question: Question, cached: CachedQuestion | None, content: CellContent
    ) -> None:
        preview = self._session.draft(question)
        dry_run = DryRun(preview, content.insertions, stored=cached.stored if cached else "")
        show(dry_run.bundle(), raw=True)

    def _start(self, question: Question, display: AnswerDisplay, targets: StreamTo) -> None:
        listening = (self._on_event, targets)
        self._task = self._session.start(
            question, stream_to=listening, ask=display.ask, show_again=display.refresh
        )
        self._task.add_done_callback(
            lambda task: display.abandon(f"No answer: {type(task.exception()).__name__}.")
        )

    def _on_event(self, event: StreamEvent) -> None:
        """Put an answer of the background where the flags say."""
        if isinstance(event, Finish):
            self._deliver(event.completion)

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _question(self, prompt: str, content: CellContent) -> Question:
        cell_id = asking_cell(self._shell)
        return self._session.question(
            prompt,
            content=content.content,
            config=self._config(),
            conversation=self._conversation(cell_id),
            keep=self._arguments.history,
            cell_id=cell_id,
        )

    def _config(self) -> RequestConfig:
        """Return what the flags say, with the variables that they name."""
        arguments, config = self._arguments, self._arguments.config
        if arguments.schema is not None:
            form = type_named(arguments.schema, self._shell.user_ns)
            config = RequestConfig.validated({"response_format": form}).over(config)
        elif self._form in {"json", "table"} and self._given("response_format") is None:
            config = config.with_parameters(response_format={"type": "json_object"})
        if arguments.tokens:
            wanted = logprobs_wanted(config.server or self._session.server)
            config = config.with_parameters(**{**wanted, **config.parameters})
        return config.with_parameters(tools=self._tools()) if arguments.tool else config

    def _output_format(self) -> OutputFormatName:
        """Return how the answer is shown: as was said, or else as what was asked for."""
        chosen = self._arguments.format or self._session.settings.format
        if self._arguments.format or chosen != "markdown":
            return chosen
        if self._arguments.schema is not None:
            return "table"
        return format_for(self._given("response_format"))

    def _given(self, name: str) -> Any:
        """Return the value of a parameter: the cell's own, else the session's, else None."""
        parameters = self._arguments.config.parameters
        return parameters.get(name, self._session.settings.get(name))

    def _tools(self) -> list[Any]:
        """Return the functions that are named, after other tools of the cell or the session."""
        functions = functions_named(self._arguments.tool, self._shell.user_ns)
        names = set(map(function_name, functions))
        others = [
            tool
            for tool in self._given("tools") or ()
            if not callable(tool) or function_name(tool) not in names
        ]
        return [*others, *functions]

    def _conversation(self, cell_id: str | None) -> str | None:
        """Return the conversation that the flags name, which may be a copy of the current one.

        A cell makes a copy once, however often it runs.
        """
        arguments, session = self._arguments, self._session
        if not arguments.fork:
            return arguments.conversation
        if arguments.dry_run:
            return None  # the copy would say the same
        if cell_id is None or cell_id not in {turn.cell_id for turn in session.conversation.path()}:
            session.fork(arguments.conversation)
        return arguments.conversation

    def _display(
        self, question: Question, cached: CachedQuestion | None, content: CellContent
    ) -> AnswerDisplay:
        session, arguments = self._session, self._arguments
        source = running_source(self._shell)
        running = session.running.notice(question.conversation)
        notes = [session.notice(), running, content.note()]
        return AnswerDisplay(
            server=question.server.name,
            model=question.config.model,
            parameters=question.config.parameters,
            extra_body=question.config.extra_body,
            notes=lambda: [*notes, *self._late_notes(cached)],
            on_stop=self._stop if arguments.background else None,
            place=lambda: session.turn_metadata(question, untold(question.prompt, source)),
            cost=question.cost,
            raw=arguments.raw,
            cached=cached.stored if cached else "",
            form=self._form,
            below=_tokens_below(question) if arguments.tokens else None,
        )

    def _late_notes(self, cached: CachedQuestion | None) -> list[str]:
        """Return what is to be said when the answer has ended."""
        new_cell = self._new_cell
        return [cached.trouble if cached else "", new_cell.note if new_cell else ""]

    def _targets(
        self, question: Question, display: AnswerDisplay, cached: CachedQuestion | None
    ) -> StreamTo:
        storing = None if cached is None or cached.stored else cached
        choice_controller = ChoiceController(self._session, question, display)
        new_cell = self._new_cell and self._new_cell.on_event
        sinks: tuple[Any, ...] = (storing, new_cell, display, choice_controller.on_event)
        targets = tuple(filter(None, sinks))
        name = self._arguments.stream_to
        if name is None:
            return targets
        return (*targets, self._fed(name))

    def _fed(self, name: str) -> Any:
        """Return the variable that takes the stream."""
        kinds = "a function of one event, a queue, a handler, a text stream or a widget"
        target = variable_named(name, self._shell.user_ns, kinds)
        try:
            as_sink(target)
        except TypeError:
            raise ConfigurationError(
                f"The variable {name} takes no stream; it is {type(target).__name__}.",
                hint=f"--stream-to names {kinds}.",
            ) from None
        return target

    def _deliver(self, completion: ChatCompletion) -> None:
        arguments = self._arguments
        if arguments.out is not None:
            value = completion if arguments.schema is None else completion.parsed
            self._shell.user_ns[arguments.out] = value


def _tokens_below(question: Question) -> TokensBelow:
    from chatwidget.lab.token_view import TokensBelow  # noqa: PLC0415 - loads studies

    return TokensBelow(question.server, question.config.model)
