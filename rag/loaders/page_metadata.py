"""What a web page states about its article: JSON-LD first, then Open Graph and meta tags, then its markup."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from urllib.parse import urlsplit

from rag.dates.fields import day_of
from rag.loaders.fields import words
from rag.loaders.markup import Element, one_line

_Fact = TypeVar("_Fact", str, date)

_TITLE = ("og:title", "twitter:title", "dc.title", "sailthru.title", "headline", "title")
_SOURCE = ("og:site_name", "application-name", "publisher", "dc.publisher", "citation_journal_title")
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "article:published", "datepublished",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dcterms.date", "dc.date",
    "date", "pubdate", "publishdate", "publish-date", "publication_date", "article.published",
    "cxenseparse:recs:publishtime", "originalpublicationdate",
)  # fmt: skip
_BYLINE = (
    "author",
    "article:author",
    "byl",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
)
_URL = ("og:url", "twitter:url")
_LANGUAGE = ("og:locale", "language", "dc.language", "content-language")

_ARTICLE_TYPES = re.compile(
    r"(Article|Posting|Report)$"
)  # NewsArticle, BlogPosting, LiveBlogPosting, Report …
_DEEPEST = 4  # levels of JSON-LD looked through
_DAY_IN_PATH = re.compile(r"/(?P<y>(?:19|20)\d\d)/(?P<m>\d{1,2})/(?P<d>\d{1,2})(?:/|$)")
_DATE_CLASS = re.compile(
    r"(^|[\s_-])(date|dateline|published|pubdate|publish|timestamp|posted)([\s_-]|$)", re.I
)
_SAID_OF_DATES = re.compile(
    r"^\W*(?:first\s+)?(?:published|posted|publication date|date)\s*(?:on|at)?\s*:?\s*", re.I
)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the page says; None: it does not say."""

    title: str | None
    published: date | None
    source: str | None
    byline: str | None
    url: str | None
    language: str | None
    body: str | None  # the article's text in JSON-LD, which pages that need JavaScript carry


def page_facts(root: Element) -> PageFacts:
    """Read the facts from the tree of a page."""
    ld = next(_linked_articles(root), {})
    meta = _meta_tags(root)
    page = ld.get("mainEntityOfPage")
    page = page.get("@id") if isinstance(page, Mapping) else page
    url = _first((ld.get("url"), page), words) or _meta(meta, _URL) or _canonical(root)
    return PageFacts(
        title=_first((ld.get("headline"), ld.get("name")), words) or _meta(meta, _TITLE),
        published=_published(ld, meta, root, url),
        source=words(ld.get("publisher")) or _meta(meta, _SOURCE),
        byline=_people(words(ld.get("author"))) or _people(_meta(meta, _BYLINE)),
        url=url,
        language=words(ld.get("inLanguage")) or root.get("lang") or _meta(meta, _LANGUAGE),
        body=words(ld.get("articleBody")),
    )


def host_of(url: str | None) -> str | None:
    """The site that a URL is on, without www."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.") or None if url else None
    except ValueError:
        return None


def _linked_articles(root: Element) -> Iterator[Mapping[str, object]]:
    """The objects of schema.org's article types in the page's JSON-LD."""
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            data = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for item in _objects(data, _DEEPEST):
            types = item.get("@type")
            names = types if isinstance(types, list) else [types]
            if any(isinstance(name, str) and _ARTICLE_TYPES.search(name) for name in names):
                yield item


def _objects(data: object, levels: int) -> Iterator[Mapping[str, object]]:
    if isinstance(data, list) and levels:
        for item in data:
            yield from _objects(item, levels - 1)
    elif isinstance(data, dict):
        yield data
        for name in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"):
            if levels and isinstance(data.get(name), list | dict):
                yield from _objects(data[name], levels - 1)


def _meta_tags(root: Element) -> dict[str, str]:
    tags: dict[str, str] = {}
    for tag in root.iter("meta"):
        content = (tag.get("content") or "").strip()
        for key in ("property", "name", "itemprop", "http-equiv"):
            if content and tag.get(key):
                tags.setdefault(tag.get(key).strip().lower(), content)
    return tags


def _meta(tags: Mapping[str, str], names: Iterable[str]) -> str | None:
    return _first((tags.get(name) for name in names), words)


def _canonical(root: Element) -> str | None:
    links = (link.get("href") for link in root.iter("link") if (link.get("rel") or "").lower() == "canonical")
    return next((link for link in links if link), None)


def _published(
    ld: Mapping[str, object], meta: Mapping[str, str], root: Element, url: str | None
) -> date | None:
    stated = [ld.get("datePublished"), ld.get("dateCreated"), *(meta.get(name) for name in _PUBLISHED)]
    found = _first(stated, day_of) or _only(_marked_days(root)) or _only(_shown_days(root))
    if found is None and url is not None and (path := _DAY_IN_PATH.search(url)):
        return day_of("-".join(path.groups()))
    return found


def _marked_days(root: Element) -> Iterator[date | None]:
    """The days of elements that are marked as the time of publication."""
    for element in root.iter("time", "span", "abbr", "div", "p"):
        marked = element.get("itemprop") == "datePublished" or element.get("pubdate") is not None
        if marked or (element.tag == "time" and _DATE_CLASS.search(element.get("class") or "")):
            yield day_of(element.get("datetime") or element.get("content") or element.get("title"))


def _shown_days(root: Element) -> Iterator[date | None]:
    """The days that elements of a class such as `date` show and that are nothing but a date."""
    for element in root.iter("span", "p", "div", "li", "time"):
        if _DATE_CLASS.search(element.get("class") or "") and len(element) <= 2:
            yield day_of(_SAID_OF_DATES.sub("", one_line(element) or ""))


def _only(days: Iterator[date | None]) -> date | None:
    """The day, if all that name one name the same: a page lists other articles too."""
    found = {day for day in days if day is not None}
    return found.pop() if len(found) == 1 else None


def _people(names: str | None) -> str | None:
    """A byline, unless it is the address of a profile or the like."""
    return None if names is None or "://" in names or names.startswith("@") else names


def _first(values: Iterable[object], read: Callable[[object], _Fact | None]) -> _Fact | None:
    return next((found for value in values if (found := read(value))), None)
