"""The reading pane beside the chat and the corpus."""

from collections.abc import Callable
from dataclasses import replace

import gradio as gr

from rag import DatelineError
from ui import render
from ui.desk import Desk
from ui.fields import QUIET
from ui.reading import Reading
from ui.theme import asset


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


def shown(opened: Callable[[], Reading]) -> tuple[str, Reading | None]:
    """What a call opens, for the pane; what prevents it, in words."""
    try:
        reading = opened()
    except DatelineError as error:
        return render.note("failure", str(error)), None
    return render.article(reading), reading
