"""The page: what is where, and which event calls what. What happens then is in `ui.desk`."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.middleware import Middleware

from rag import DatelineError, Filters, Newsroom, Settings
from ui import render
from ui.conversation import Conversation
from ui.desk import Desk, filters_of, refused, stopped
from ui.guard import Guard
from ui.reading import Reading
from ui.theme import asset, theme

# Gradio's default is one event at a time for each handler; one reader would wait for another's answer.
AT_ONCE = 32
# Events that may wait beyond that. More are refused at once rather than answered minutes later.
WAITING = 256
# Seconds: how often uploads that were left behind are looked for, and how old they then are.
CLEAN_UP = (600, 3600)

DAY = '<label class="day"><span>${name}</span><input type="date" value="${value || \'\'}"></label>'
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def mount(app: FastAPI, newsroom: Newsroom, settings: Settings) -> FastAPI:
    """The same app with the page at `/`, beside whatever it serves already.

    To be called last: the page takes every path that nothing before it has taken.
    """
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        page(Desk(newsroom)),
        path="/",
        theme=theme(),
        css=asset("page.css"),
        footer_links=[],
        show_error=False,
        max_file_size=settings.max_upload_mb * 1_000_000,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        pwa=False,
        app_kwargs={"middleware": [Middleware(Guard)], "docs_url": None, "redoc_url": None},
    )
    return mounted


def page(desk: Desk) -> gr.Blocks:
    """The whole page over one newsroom."""
    blocks: gr.Blocks
    with gr.Blocks(
        title="Dateline", analytics_enabled=False, fill_width=True, delete_cache=CLEAN_UP
    ) as blocks:
        masthead = gr.HTML(render.masthead(None), apply_default_css=False)
        with gr.Row(elem_id="desk", equal_height=False):
            with gr.Column(elem_id="work", scale=1, min_width=0), gr.Tabs():
                with gr.Tab("Ask"):
                    chat = Chat(desk)
                with gr.Tab("Corpus") as corpus_tab:
                    corpus = Corpus(desk)
                with gr.Tab("Evaluation", visible=False) as evaluation_tab:
                    evaluation = gr.HTML("", apply_default_css=False, elem_id="evaluation")
            with gr.Column(elem_id="beside", scale=1, min_width=0):
                pane = Pane(desk)
        chat.connect(pane)
        corpus.connect(pane, masthead, chat)
        blocks.load(lambda: render.masthead(desk.held()), None, masthead, **QUIET)
        blocks.load(lambda: evaluated(desk), None, [evaluation, evaluation_tab], **QUIET)
        blocks.load(chat.opened, None, [chat.earlier, chat.outlets], **QUIET).then(
            lambda told: gr.skip() if told.exchanges else desk.welcome(), chat.told, chat.earlier, **QUIET
        )
        corpus_tab.select(corpus.first_page, None, corpus.all_outputs, **QUIET)
    blocks.queue(default_concurrency_limit=AT_ONCE, max_size=WAITING, api_open=False)
    return blocks


def evaluated(desk: Desk) -> tuple[str, Any]:
    """The runs of the evaluation; their tab is there when there are any."""
    html = desk.evaluation()
    return html, gr.update(visible=bool(html))


class Pane:
    """The article beside the chat."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.open = gr.State(None)  # the Reading that is shown
        self.html = gr.HTML("", js_on_load=asset("reader.js"), apply_default_css=False, elem_id="reader")
        self.outputs = [self.html, self.open]
        self.html.close(lambda: ("", None), None, self.outputs, **QUIET)
        self.html.whole(self._whole, self.open, self.outputs, **QUIET)

    @staticmethod
    def _whole(shown: Reading | None) -> tuple[str, Reading | None]:
        whole = replace(shown, around=None) if shown else None
        return (render.article(whole) if whole else ""), whole


def shown(opened: Any) -> tuple[str, Reading | None]:
    """What a call opens, for the pane; what prevents it, in words."""
    try:
        reading = opened()
    except DatelineError as error:
        return render.note("failure", str(error)), None
    return render.article(reading), reading


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


class Corpus:
    """The Corpus tab."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.listed = gr.State(())  # ids of the rows that are shown
        self.told = gr.State(())  # ids of the articles of the stories that are shown
        self.timeline = gr.HTML("", apply_default_css=False, elem_id="timeline")
        with gr.Accordion("Add articles", open=False):
            self.files = gr.File(label="Files to add", file_count="multiple", type="filepath")
            self.add = gr.Button("Add to the collection", variant="primary")
            self.done = gr.HTML("", apply_default_css=False, elem_id="upload")
        with gr.Row():
            self.since, self.until = day_field("Published from"), day_field("Published until")
            self.outlets = gr.Dropdown([], multiselect=True, label="Published by", elem_classes="field")
        script = asset("table.js")
        with gr.Tabs():
            with gr.Tab("Articles"):
                self.table = gr.HTML("", js_on_load=script, apply_default_css=False, elem_id="articles")
            with gr.Tab("Stories"):
                self.stories = gr.HTML("", js_on_load=script, apply_default_css=False, elem_id="stories")
        self.lists = [self.table, self.listed, self.stories, self.told]
        self.all_outputs = [self.timeline, self.outlets, *self.lists]

    def first_page(self) -> tuple[Any, ...]:
        """Everything of the tab, as the collection is now."""
        choices = list(render.outlets(self._desk.held()))
        lists = (*self._desk.articles(Filters(), 0), *self._desk.stories(Filters(), 0))
        return self._desk.timeline(), gr.update(choices=choices, value=[]), *lists

    def connect(self, pane: Pane, masthead: gr.HTML, chat: Chat) -> None:
        """Which event calls what."""
        filters = [self.since, self.until, self.outlets]
        for field in (self.since, self.until, self.outlets):
            field.change(self._filtered, filters, self.lists, **QUIET)
        self.table.turn(self._articles, filters, [self.table, self.listed], **QUIET)
        self.stories.turn(self._stories, filters, [self.stories, self.told], **QUIET)
        self.table.read(self._read, self.listed, pane.outputs, **QUIET)
        self.stories.read(self._read, self.told, pane.outputs, **QUIET)
        self.add.click(self._take_in, self.files, self.done, concurrency_limit=1, **QUIET).then(
            lambda: None, None, self.files, **QUIET
        ).then(self.first_page, None, self.all_outputs, **QUIET).then(
            lambda: render.masthead(self._desk.held()), None, masthead, **QUIET
        ).then(self._welcome, chat.told, [chat.earlier, chat.outlets], **QUIET)

    def _filtered(self, since: str | None, until: str | None, outlets: list[str] | None) -> tuple[Any, ...]:
        try:
            filters = filters_of(since, until, outlets, None)
        except DatelineError as error:
            return render.note("caution", str(error)), (), "", ()
        return *self._desk.articles(filters, 0), *self._desk.stories(filters, 0)

    def _articles(
        self, since: str | None, until: str | None, outlets: list[str] | None, event: gr.EventData
    ) -> Any:
        return self._turned(self._desk.articles, since, until, outlets, event)

    def _stories(
        self, since: str | None, until: str | None, outlets: list[str] | None, event: gr.EventData
    ) -> Any:
        return self._turned(self._desk.stories, since, until, outlets, event)

    @staticmethod
    def _turned(
        listing: Callable[[Filters, int], tuple[str, tuple[str, ...]]],
        since: str | None,
        until: str | None,
        outlets: list[str] | None,
        event: gr.EventData,
    ) -> tuple[str, tuple[str, ...]]:
        offset = str(event._data.get("offset", ""))
        try:
            filters = filters_of(since, until, outlets, None)
        except DatelineError as error:
            return render.note("caution", str(error)), ()
        return listing(filters, int(offset) if offset.isdecimal() else 0)

    def _read(self, listed: tuple[str, ...], event: gr.EventData) -> tuple[str, Reading | None]:
        return shown(lambda: self._desk.open_article(listed, event._data))

    def _take_in(self, paths: list[str] | None) -> Iterator[str]:
        yield from self._desk.take_in([Path(path) for path in paths or []])

    def _welcome(self, told: Conversation) -> tuple[Any, Any]:
        choices = list(render.outlets(self._desk.held()))
        return (gr.skip() if told.exchanges else self._desk.welcome()), gr.update(choices=choices)


def day_field(name: str) -> gr.HTML:
    """A date as the browser lets it be picked or typed; its value is "2019-01-20" or empty."""
    return gr.HTML(
        "", html_template=DAY, js_on_load=asset("day.js"), name=name, apply_default_css=False, min_width=140
    )


def on() -> Any:
    """A button that can be pressed."""
    return gr.update(interactive=True)


def off() -> Any:
    """A button that cannot."""
    return gr.update(interactive=False)
