"""The Ask tab: what is on it, and which event calls what."""

from collections.abc import Iterator
from typing import Any

import gradio as gr

from rag import DatelineError
from ui import render
from ui.conversation import Conversation
from ui.desk import Desk, filters_of, refused, stopped
from ui.fields import AT_ONCE, QUIET, day_field, off, on
from ui.pane import Pane, shown
from ui.reading import Reading
from ui.theme import asset


class Chat:
    """The Ask tab."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        script = asset("chat.js")
        self.told = gr.State(Conversation())
        # The answers that are finished are sent once; only the one in the making is sent again and again.
        self.earlier = gr.HTML(
            desk.welcome(examples=False), js_on_load=script, apply_default_css=False, elem_id="earlier"
        )
        self.latest = gr.HTML("", js_on_load=script, apply_default_css=False, elem_id="latest")
        self.file = gr.HTML(
            None, html_template="", js_on_load=asset("download.js"), elem_id="file", apply_default_css=False
        )
        with gr.Column(elem_id="composer"):
            self.question = gr.Textbox(
                label="Your question",
                placeholder="Ask, or follow up",
                lines=1,
                max_lines=6,
                autofocus=True,
                elem_classes="field",
            )
            with gr.Row(elem_id="buttons"):
                self.send = gr.Button("Ask", variant="primary", min_width=80)
                self.stop = gr.Button("Stop", min_width=80, interactive=False)
                self.clear = gr.Button("New chat", min_width=80)
        with gr.Accordion("Filters", open=False, elem_id="filters"):
            with gr.Row():
                self.since, self.until = day_field("From"), day_field("Until")
                self.as_of = day_field("As known on")
            self.outlets = gr.Dropdown(
                [], multiselect=True, label="Outlets (none: all of them)", elem_classes="field"
            )
        self.filters = [self.since, self.until, self.outlets, self.as_of]

    def opened(self) -> tuple[str, Any]:
        """The page as it is before the first question, quickly."""
        choices = list(render.outlets(self._desk.held()))
        return self._desk.welcome(examples=False), gr.update(choices=choices)

    def connect(self, pane: Pane) -> None:
        """Which event calls what."""
        told, outputs = self.told, [self.told, self.earlier, self.latest, self.question, self.send, self.stop]
        asked = gr.on(
            [self.send.click, self.question.submit],
            self._ask,
            [self.question, *self.filters, told],
            outputs,
            concurrency_limit=AT_ONCE,
            trigger_mode="always_last",  # asked too early it waits; by default it would be lost
            **QUIET,
        )
        # First the answer is cancelled, then the page is told: the other way round, a last piece could come after.
        self.stop.click(None, cancels=[asked], **QUIET).then(
            self._stopped, told, [told, self.latest, self.send, self.stop], **QUIET
        )
        self.clear.click(None, cancels=[asked], **QUIET).then(
            self._cleared, None, [*outputs, *pane.outputs], **QUIET
        )
        for html in (self.earlier, self.latest):
            html.cite(self._cite, told, pane.outputs, **QUIET)
            html.passage(self._passage, told, pane.outputs, **QUIET)
            html.export(self._export, told, [self.file, *pane.outputs], **QUIET)
            html.vote(self._vote, told, [told, self.earlier, self.latest], **QUIET)
        self.earlier.example(self._example, None, self.question, **QUIET).then(
            self._ask, [self.question, *self.filters, told], outputs, concurrency_limit=AT_ONCE, **QUIET
        )
        pane.html.cite(self._cite, told, pane.outputs, **QUIET)

    def _ask(
        self,
        question: str,
        since: str | None,
        until: str | None,
        outlets: list[str] | None,
        as_of: str | None,
        told: Conversation,
    ) -> Iterator[tuple[Any, ...]]:
        question = question.strip()
        if not question:
            yield gr.skip(), gr.skip(), gr.skip(), gr.skip(), gr.skip(), gr.skip()
            return
        try:
            filters = filters_of(since, until, outlets, as_of)
        except DatelineError as error:
            after = refused(question, told, error)
            yield after, render.earlier(after), render.latest(after), question, gr.skip(), gr.skip()
            return
        first = True
        for after in self._desk.ask(question, filters, told):
            earlier, box = (render.earlier(after), "") if first else (gr.skip(), gr.skip())
            busy = after.exchanges[-1].phase in ("searching", "writing")
            yield after, earlier, render.latest(after), box, off() if busy else on(), on() if busy else off()
            first = False

    @staticmethod
    def _stopped(told: Conversation) -> tuple[Any, ...]:
        after = stopped(told)
        return after, render.latest(after), on(), off()

    def _cleared(self) -> tuple[Any, ...]:
        return Conversation(), self._desk.welcome(), "", "", on(), off(), "", None

    def _cite(self, told: Conversation, event: gr.EventData) -> tuple[str, Reading | None]:
        return shown(lambda: self._desk.open_citation(told, event._data))

    def _passage(self, told: Conversation, event: gr.EventData) -> tuple[str, Reading | None]:
        return shown(lambda: self._desk.open_passage(told, event._data))

    def _export(self, told: Conversation, event: gr.EventData) -> Any:
        try:
            return self._desk.export(told, event._data), gr.skip(), gr.skip()
        except DatelineError as error:
            return None, render.note("failure", str(error)), None

    def _vote(self, told: Conversation, event: gr.EventData) -> tuple[Any, ...]:
        try:
            after = self._desk.vote(told, event._data)
        except DatelineError:
            return gr.skip(), gr.skip(), gr.skip()
        return after, render.earlier(after), render.latest(after)

    def _example(self, event: gr.EventData) -> str:
        examples = self._desk.examples()
        place = str(event._data.get("n", ""))
        return examples[int(place)] if place.isdecimal() and int(place) < len(examples) else ""
