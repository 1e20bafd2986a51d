"""The page: what is where, and which event calls what. What happens then is in `ui.desk`."""

from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.middleware import Middleware

from rag import Newsroom, Settings
from ui import render
from ui.chat import Chat
from ui.corpus import Corpus
from ui.desk import Desk
from ui.fields import AT_ONCE, QUIET
from ui.guard import Guard
from ui.pane import Pane
from ui.theme import asset, theme

# Events that may wait for one of those worked on. More are refused at once rather than answered minutes later.
WAITING = 256
# Seconds: how often uploads that were left behind are looked for, and how old they then are.
CLEAN_UP = (600, 3600)


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
        masthead = gr.HTML(render.masthead(desk.held()), apply_default_css=False)
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
