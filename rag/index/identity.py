"""Which article a document is: a new one, another version of one, one that is in already, or a copy.

An id that the format gives names one article: another text under it is an update. An id made from a file's
name is weaker: two files of one name in two folders are two articles, and the later one's id gets as much of
its folder in front as it needs (`monday/001`). The same text under another id is a copy and is not kept
twice. Two documents of one run that claim one id with two texts cannot both be right: the first is taken, the
second is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rag.domain import Article
from rag.index.corpus import Corpus
from rag.index.ledger import Held, name_of

Kind = Literal["added", "updated", "unchanged", "duplicate", "refused"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands."""

    path: Path
    row: int | None = None  # 1-based, as the format counts; None: the file is one document

    def __str__(self) -> str:
        return f"{self.path}" if self.row is None else f"{self.path}, row {self.row}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a document turned out to be."""

    kind: Kind
    article: Article  # under the id it is kept by
    former: Article | None = None  # the version in the collection
    holder: str | None = None  # of a duplicate: the id of the article that holds the text
    claimant: Place | None = None  # of a refused one: the document that has its id


class Identities:
    """The ids and texts met in one run, over those in the collection."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._claims: dict[str, tuple[str, Place]] = {}  # id → its text's sha256, and who brought it
        self._texts: dict[str, str] = {}  # sha256 → id
        self._known: dict[str, Article | None] = {}
        self._holders: dict[str, str] = {}
        self._own: dict[tuple[str, int | None], str] = {}
        self._unnamed: dict[str, set[str]] = {}

    def look_up(self, documents: Sequence[tuple[Article, Place]]) -> None:
        """Fetch what the collection knows of these, in a few statements instead of some for each."""
        if not documents:
            return
        ids = [article.id for article, _ in documents]
        self._known = {**dict.fromkeys(ids), **self._corpus.articles_by_id(ids)}
        self._holders = self._corpus.holders(article.sha256 for article, _ in documents)
        self._own = self._corpus.ledger.own(name_of(place.path) for _, place in documents)
        self._unnamed = self._corpus.ledger.unnamed({*ids, *self._own.values()})

    def of(self, article: Article, place: Place, *, named: bool) -> Finding:
        """What this document is; `named`: its id comes from the format, not from the file's name."""
        finding = (
            self._named(article, place) if named else self._finding(self._renamed(article, place), place)
        )
        if finding.kind in ("added", "updated", "unchanged"):
            self._claim(finding.article.id, article.sha256, place)
        return finding

    def of_held(self, held: Held, place: Place) -> Kind:
        """The same for a document of a file that has not changed."""
        if held.held_as != held.article_id or held.article_id in self._claims:
            return "duplicate"
        self._claim(held.article_id, held.sha256, place)
        return "unchanged"

    def forget(self, path: Path) -> None:
        """Drop the claims of a file that is about to be read again."""
        for article_id, (sha256, place) in list(self._claims.items()):
            if place.path == path:
                del self._claims[article_id]
                self._texts.pop(sha256, None)

    def _claim(self, article_id: str, sha256: str, place: Place) -> None:
        self._claims[article_id] = (sha256, place)
        self._texts[sha256] = article_id

    def _named(self, article: Article, place: Place) -> Finding:
        finding = self._finding(article, place)
        files = self._unnamed.get(article.id, set())
        replaces = finding.former is not None and finding.former.sha256 != article.sha256
        if replaces and files and name_of(place.path) not in files:
            return Finding("refused", article, claimant=Place(Path(min(files))))
        return finding

    def _finding(self, article: Article, place: Place) -> Finding:
        claim, former = self._claims.get(article.id), self._former(article.id)
        if claim is not None and claim[0] == article.sha256:
            return Finding("duplicate", article, holder=article.id)
        if former is not None and former.sha256 == article.sha256 and claim is None:
            return Finding("unchanged" if former == article else "updated", article, former=former)
        holder = self._holder(article.sha256)
        if holder is not None:
            return Finding("duplicate", article, holder=holder)
        if claim is not None:
            return Finding("refused", article, claimant=claim[1])
        return Finding("added" if former is None else "updated", article, former=former)

    def _holder(self, sha256: str) -> str | None:
        """The id under which this text is kept, unless that id is about to get another text."""
        if sha256 in self._texts:
            return self._texts[sha256]
        holder = self._holders.get(sha256)
        return None if holder in self._claims else holder

    def _former(self, article_id: str) -> Article | None:
        if article_id not in self._known:
            self._known[article_id] = self._corpus.articles_by_id([article_id]).get(article_id)
        return self._known[article_id]

    def _renamed(self, article: Article, place: Place) -> Article:
        """The article under the id it has had, else under the shortest one that no other document has."""
        candidates = list(_candidates(article.id, place.path))
        own = self._own.get((name_of(place.path), place.row))
        if own in candidates and own not in self._claims and not self._shared(own, place):
            return replace(article, id=own)
        for candidate in candidates:
            claim, former = self._claims.get(candidate), self._former(candidate)
            text = claim[0] if claim is not None else former and former.sha256
            if text in (None, article.sha256):
                return replace(article, id=candidate)
        return article

    def _shared(self, article_id: str, place: Place) -> bool:
        """Whether the id is also that of another file that still exists: the two began as the same text."""
        files = self._unnamed.get(article_id, set()) - {name_of(place.path)}
        return any(Path(file).exists() for file in files)


def _candidates(name: str, path: Path) -> Iterator[str]:
    yield name
    for folder in path.absolute().parents:
        name = f"{folder.name}/{name}"
        yield name
