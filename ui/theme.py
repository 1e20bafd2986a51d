"""How the page looks: paper, ink and one blue; fonts that the reader's system has; light and dark."""

from functools import cache
from pathlib import Path

import gradio as gr

STATIC = Path(__file__).parent / "static"
SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]


def theme() -> gr.themes.Base:
    """Gradio's own parts in our colours; page.css has the same for ours."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.blue,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_sm,
        font=SANS,
        font_mono=MONO,
    ).set(
        body_background_fill="#fbfaf7",
        body_background_fill_dark="#15171a",
        body_text_color="#1d1f22",
        body_text_color_dark="#e8e6e1",
        body_text_color_subdued="#565b62",
        body_text_color_subdued_dark="#a9aeb5",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1d2024",
        block_label_text_color="#565b62",
        block_label_text_color_dark="#a9aeb5",
        block_title_text_color="#3b3f45",
        block_title_text_color_dark="#c6c9ce",
        border_color_primary="#d9d5cc",
        border_color_primary_dark="#383c43",
        input_background_fill="#ffffff",
        input_background_fill_dark="#15171a",
        input_border_color="#8d8f93",
        input_border_color_dark="#767b83",
        input_border_width="1px",
        input_placeholder_color="#63676e",
        input_placeholder_color_dark="#9aa0a8",
        button_primary_background_fill="#1d4f8c",
        button_primary_background_fill_dark="#1f5ba8",
        button_primary_background_fill_hover="#163d6d",
        button_primary_background_fill_hover_dark="#2a6cc2",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        button_secondary_background_fill="#efece5",
        button_secondary_background_fill_dark="#2b2f35",
        button_secondary_text_color="#1d1f22",
        button_secondary_text_color_dark="#e8e6e1",
    )


@cache
def asset(name: str) -> str:
    """A style sheet or script of this package."""
    return (STATIC / name).read_text("utf-8")
