"""The sentences of the passages found, each with its place and its surroundings."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.domain import Article, Citation, Hit
from rag.header import is_date_line
from rag.language import Token, tokens
from rag.sentences import split_sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of an article; `hit.article.text[start:end] == text`."""

    hit: Hit
    rank: int  # of its passage among those found, from 0
    start: int
    end: int
    text: str
    tokens: tuple[Token, ...]
    context: tuple[Token, ...]  # words of the title, the sentence before and the sentence after

    def cite(self) -> Citation:
        article = self.hit.article
        return Citation(
            article_id=article.id,
            title=article.title,
            source=article.source,
            published=article.published,
            url=article.url,
            start=self.start,
            end=self.end,
            quote=self.text,
            sha256=article.sha256,
        )


def sentences_of(hits: Sequence[Hit]) -> list[Sentence]:
    """Every sentence of these passages once, in the order of the passages; a line of a date tells of nothing."""
    seen: set[tuple[str, int, int]] = set()
    found = []
    for rank, hit in enumerate(hits):
        passage, article = hit.passage, hit.article
        spans = [(passage.start + start, passage.start + end) for start, end in split_sentences(passage.text)]
        words = [tuple(tokens(article.text[start:end])) for start, end in spans]
        title = tuple(tokens(article.title or ""))
        for place, (start, end) in enumerate(spans):
            key = (article.id, start, end)
            if key in seen or is_date_line(article.text[start:end]):
                continue
            seen.add(key)
            before = words[place - 1] if place else ()
            after = words[place + 1] if place + 1 < len(words) else ()
            found.append(
                Sentence(
                    hit=hit,
                    rank=rank,
                    start=start,
                    end=end,
                    text=article.text[start:end],
                    tokens=words[place],
                    context=(*title, *before, *after),
                )
            )
    return found


@lru_cache(maxsize=256)
def words_of(article: Article) -> tuple[Token, ...]:
    """The words of an article with its title; the articles found for one question come again for the next."""
    return tuple(tokens(f"{article.title or ''}\n{article.text}"))
