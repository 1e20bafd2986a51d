"""The Corpus tab: what is on it, and which event calls what."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from rag import DatelineError, Filters
from ui import render
from ui.chat import Chat
from ui.conversation import Conversation
from ui.desk import Desk, filters_of
from ui.fields import QUIET, day_field
from ui.pane import Pane, shown
from ui.reading import Reading
from ui.theme import asset


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
