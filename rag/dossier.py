"""An answer as a document to hand on: what was asked and found, and every cited passage where it stands.

Complete in itself: a reader needs neither Dateline nor the collection to check it, only the articles, which the
digests name exactly. HTML for reading and printing, Markdown for pasting, JSON for programs.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit

from rag.domain import Answer, Article, Citation
from rag.errors import QuestionError
from rag.telling import borrowed, cited, day_in_words, standing_of, who_says, with_days
from rag.wire import Plain, harmless, to_plain

if TYPE_CHECKING:
    from jinja2 import Template

Form = Literal["html", "md", "json"]

AROUND = 700  # characters of an article shown on either side of what is cited
APART = 300  # characters between two citations up to which what stands between is shown as well
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])|^([-+])(?=\s)|^(\d+)(?=[.)]\s)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of an article; `article.text[start:end] == text`."""

    start: int
    end: int
    text: str
    marks: tuple[int, ...]  # numbers of the citations that cite all of it; none: context


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """An article with what is cited of it; each excerpt is a run of pieces without a gap."""

    article: Article
    excerpts: tuple[tuple[Piece, ...], ...]


def form_of(path: Path) -> Form:
    """The form that a file's name asks for; raises QuestionError for another one."""
    suffix = path.suffix.removeprefix(".").casefold()
    for form in get_args(Form):
        if suffix == form:
            return form  # type: ignore[no-any-return]  # get_args forgets the type
    raise QuestionError(f"--export {str(path)!r}: a dossier is .html, .md or .json")


def dossier(
    answer: Answer,
    articles: Mapping[str, Article],
    *,
    settings: Mapping[str, str],
    made: datetime,
    form: Form,
) -> str:
    """The document, of one of the forms.

    `articles` by id holds at least those that are cited; `settings` are those in force, without secrets; `made` is
    when the question was asked, with its time zone.
    """
    citations = cited(answer)
    exhibits = [
        exhibit(articles[key], citations) for key in dict.fromkeys(each.article_id for each in citations)
    ]
    match form:
        case "json":
            return _json(answer, exhibits, settings, made)
        case "md":
            return _markdown(answer, exhibits, settings, made)
        case "html":
            return _html(answer, exhibits, settings, made)


def exhibit(article: Article, citations: Sequence[Citation]) -> Exhibit:
    """What the citations cite of an article, with what stands around it."""
    own = [(number, each) for number, each in enumerate(citations, 1) if each.article_id == article.id]
    spans: list[tuple[int, int]] = []
    for start, end in sorted((each.start, each.end) for _, each in own):
        start, end = max(0, start - AROUND), min(len(article.text), end + AROUND)
        start, end = _at_space(article.text, start, -1), _at_space(article.text, end, 1)
        if spans and start <= spans[-1][1] + APART:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return Exhibit(article=article, excerpts=tuple(_pieces(article.text, span, own) for span in spans))


def _at_space(text: str, place: int, step: int) -> int:
    """The nearest edge of a word from a place on, outwards."""
    while 0 < place < len(text) and not (text[place - 1].isspace() or text[place].isspace()):
        place += step
    return place


def _pieces(text: str, span: tuple[int, int], own: Sequence[tuple[int, Citation]]) -> tuple[Piece, ...]:
    inside = [(number, each) for number, each in own if span[0] <= each.start and each.end <= span[1]]
    edges = sorted({*span, *(edge for _, each in inside for edge in (each.start, each.end))})
    return tuple(
        Piece(
            start=start,
            end=end,
            text=text[start:end],
            marks=tuple(number for number, each in inside if each.start <= start and end <= each.end),
        )
        for start, end in pairwise(edges)
    )


# -- JSON -------------------------------------------------------------------------------------------------------


def _json(answer: Answer, exhibits: Sequence[Exhibit], settings: Mapping[str, str], made: datetime) -> str:
    told = to_plain(answer)
    assert isinstance(told, dict)  # noqa: S101 - what a record becomes, told to the type checker
    document: dict[str, Plain] = {
        "dateline": version("dateline"),
        "made": made.isoformat(timespec="seconds"),
        "settings": dict(settings),
        # The passages considered but not cited are the work, not the result.
        "answer": {name: value for name, value in told.items() if name != "passages"},
        "considered": [hit.passage.id for hit in answer.passages],
        "articles": [_plain_exhibit(each) for each in exhibits],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _plain_exhibit(shown: Exhibit) -> Plain:
    excerpts: list[Plain] = [[to_plain(piece) for piece in excerpt] for excerpt in shown.excerpts]
    return {**_about(shown.article), "excerpts": excerpts}


def _about(article: Article) -> dict[str, Plain]:
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "published": to_plain(article.published),
        "url": article.url,
        "byline": article.byline,
        "credits": list(article.origins),
        "characters": len(article.text),
        "sha256": article.sha256,
    }


# -- Markdown ---------------------------------------------------------------------------------------------------


def _markdown(
    answer: Answer, exhibits: Sequence[Exhibit], settings: Mapping[str, str], made: datetime
) -> str:
    view = _view(answer, exhibits, settings, made)
    lines = [f"# {_literal(answer.question)}", "", f"Asked {view['made']} · Dateline {view['version']}", ""]
    lines += [f"> {_literal(note)}\n" for note in view["notes"]]
    lines += [f"{_literal(each['text'])} {each['marks']}\n" for each in view["statements"]]
    if answer.reason:
        lines += [f"**No answer.** {_literal(answer.reason)}", ""]
    for conflict in view["conflicts"]:
        lines += [f"**{_literal(conflict['sentence'])}**", ""]
        lines += [
            f"- {_literal(value['text'])} {value['marks']} {_literal(value['origins'])}"
            for value in conflict["values"]
        ]
        lines.append("")
    if view["origins"]:
        lines += [f"Reported by {_literal(view['origins'])}.", ""]
    for shown in view["exhibits"]:
        lines += [f"## {_literal(shown['title'])}", "", _literal(shown["about"]), ""]
        lines += [
            f"- [{each['number']}] characters {each['place']}{_literal(each['who'])}"
            for each in shown["cited"]
        ]
        for excerpt in shown["excerpts"]:
            quoted = "".join(
                f"**{_literal(text)}**{marks}" if marks else _literal(text) for text, marks in excerpt
            )
            lines += ["", "> " + re.sub(r"\s*\n\s*", "\n>\n> ", quoted.strip())]
        lines += ["", f"SHA-256 of the text: `{shown['sha256']}`", ""]
    lines += ["## Settings", "", *(f"- {name}: {_literal(value)}" for name, value in settings.items())]
    return "\n".join(lines).rstrip() + "\n"


def _literal(text: str) -> str:
    """A text that means nothing but itself in Markdown."""
    return _MARKDOWN.sub(
        lambda match: f"\\{match[0]}" if match[1] or match[2] else f"{match[0]}\\", harmless(text)
    )


# -- HTML -------------------------------------------------------------------------------------------------------


def _html(answer: Answer, exhibits: Sequence[Exhibit], settings: Mapping[str, str], made: datetime) -> str:
    return _template().render(_view(answer, exhibits, settings, made)) + "\n"


@cache
def _template() -> "Template":
    # Imported here because a cold `dateline ask` without --export need not pay for it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.finalize = lambda value: harmless(value) if type(value) is str else value
    return environment.get_template("dossier.html")


def _view(
    answer: Answer, exhibits: Sequence[Exhibit], settings: Mapping[str, str], made: datetime
) -> dict[str, Any]:
    """What both documents show, in words."""
    citations = cited(answer)
    numbers = {each: number for number, each in enumerate(citations, 1)}
    said = {
        each: who_says(attribution)
        for statement in answer.statements
        for each, attribution in zip(statement.citations, statement.attributions, strict=False)
    }
    notes = [
        note for note in (answer.notice, *(borrowed(each.occasions) for each in answer.statements)) if note
    ]
    return {
        "question": answer.question,
        "made": f"{day_in_words(made.date())}, {made:%H:%M %Z}".strip(),
        "version": version("dateline"),
        "model": answer.model,
        "understood": list(answer.plan.notes) if answer.plan else [],
        "notes": list(dict.fromkeys(notes)),
        "reason": answer.reason,
        "statements": [
            {
                "text": with_days(each.text, each.occasions),
                "marks": _marks(each.citations, numbers),
                "verdict": each.verdict,
                "reason": each.reason,
            }
            for each in answer.statements
        ],
        "conflicts": [
            {
                "sentence": conflict.sentence,
                "values": [
                    {
                        "text": value.text,
                        "marks": _marks(value.citations, numbers),
                        "origins": f"({', '.join(value.origins)})" if value.origins else "",
                    }
                    for value in conflict.values
                ],
            }
            for conflict in answer.conflicts
        ],
        "origins": standing_of(answer.origins) if answer.origins else None,
        "exhibits": [_shown(each, numbers, said) for each in exhibits],
        "settings": dict(settings),
    }


def _shown(shown: Exhibit, numbers: Mapping[Citation, int], said: Mapping[Citation, str]) -> dict[str, Any]:
    article = shown.article
    day = day_in_words(article.published) if article.published else "undated"
    about = [
        article.source or "source not named",
        day,
        f"article {article.id}",
        *filter(None, [article.byline]),
    ]
    return {
        "title": article.title or "Untitled",
        "about": ", ".join(about),
        "url": article.url if urlsplit(article.url or "").scheme in ("http", "https") else None,
        "sha256": article.sha256,
        "length": f"{len(article.text):,}",
        "cited": [
            {
                "number": number,
                "place": f"{each.start}–{each.end}",
                "who": f", {said[each]}" if said.get(each) else "",
            }
            for each, number in numbers.items()
            if each.article_id == article.id
        ],
        "excerpts": [_told(excerpt, len(article.text)) for excerpt in shown.excerpts],
    }


def _told(excerpt: Sequence[Piece], length: int) -> list[tuple[str, str]]:
    """Texts with the marks behind them; dots where the article goes on."""
    before = [("… ", "")] if excerpt[0].start > 0 else []
    behind = [(" …", "")] if excerpt[-1].end < length else []
    return [
        *before,
        *((piece.text, "".join(f"[{mark}]" for mark in piece.marks)) for piece in excerpt),
        *behind,
    ]


def _marks(citations: Sequence[Citation], numbers: Mapping[Citation, int]) -> str:
    return "".join(f"[{numbers[each]}]" for each in dict.fromkeys(citations))
