"""Markdown: rendered to plain text, with the fields of its front matter."""

import re
from collections.abc import Iterator

from rag.domain import Document
from rag.loaders.content import Content
from rag.loaders.encoding import decode
from rag.loaders.fields import (
    BYLINE,
    ID,
    LANGUAGE,
    PUBLISHED,
    SOURCE,
    TITLE,
    URL,
    Columns,
    by_name,
    first_words,
)
from rag.loaders.markup import local_name, one_line, paragraphs, parse_html, without_title
from rag.loaders.text import text_bytes

_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.DOTALL)
# The renderer's time grows with the square of a paragraph; a longer one is no Markdown, and stays as it is.
_LONGEST_BLOCK = 50_000
_FIELD = re.compile(r"([A-Za-z][\w -]{0,40}):[ \t]+(.+)")


def read_markdown(content: Content) -> Iterator[Document]:
    """The one document of a Markdown file; its title is the front matter's, else its first heading."""
    # Imported here: only Markdown needs it.
    from markdown_it import MarkdownIt

    text = decode(text_bytes(content))
    front = _FRONT_MATTER.match(text)
    named = by_name(_fields(front.group(1))) if front else {}
    body = text[front.end() :] if front else text
    if _longest_block(body) > _LONGEST_BLOCK:
        yield Document(path=content.path, text=body)
        return
    root = parse_html(MarkdownIt("commonmark").enable("table").render(body) or "<p></p>")
    heading = next((element for element in root.iter("h1") if local_name(element) == "h1"), None)
    title = first_words(named, TITLE) or one_line(heading)
    columns = Columns(list)
    yield Document(
        path=content.path,
        text="\n\n".join(without_title(paragraphs(root), title)),
        id=first_words(named, ID),
        title=title,
        published=next((day for name in PUBLISHED if (day := columns.day(name, named.get(name)))), None),
        source=first_words(named, SOURCE),
        byline=first_words(named, BYLINE),
        url=first_words(named, URL),
        language=first_words(named, LANGUAGE),
    )


def _longest_block(text: str) -> int:
    """How many characters the longest run of lines has that no blank line divides."""
    longest = size = 0
    for line in text.split("\n"):
        size = size + len(line) if line.strip() else 0
        longest = max(longest, size)
    return longest


def _fields(front_matter: str) -> dict[str, object]:
    """The plain `name: value` lines; lists and deeper levels are left out."""
    found = (_FIELD.fullmatch(line.strip()) for line in front_matter.splitlines() if not line.startswith(" "))
    return {field.group(1): field.group(2).strip("\"' ") for field in found if field}
