"""What the parts of the page share."""

from typing import Any

import gradio as gr

from ui.theme import asset

# Gradio's default is one event at a time for each handler; one reader would wait for another's answer.
AT_ONCE = 32
DAY = '<label class="day"><span>${name}</span><input type="date" value="${value || \'\'}"></label>'
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


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
