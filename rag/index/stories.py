"""Articles that tell of one event, kept up to date beside the record and derived from it.

`update` signs the articles that are new, links them to those like them, and groups anew only what a new or a
removed article is linked to, however indirectly. What it finds depends on what the collection holds, not on the
order in which it came in, but for one thing: links that were made keep the weights which words had then. So all
are made anew once the collection has grown by half.

An article is a row of `signatures` from its signing on; one whose links are null is linked by the next `update`.
So an update that is stopped anywhere is finished by the next one.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, bindparam, delete, insert, or_, select, update

from rag.domain import Filters, Story
from rag.index.database import Database, chunked, write_meta
from rag.index.grouping import JOINED_FROM, connected, grouped
from rag.index.linking import Linking, Links, Numbers
from rag.index.rows import Notes, article_of, passing, with_text
from rag.index.signature import Signature
from rag.index.tables import LIVE, articles, signatures, stories

SIGNED_AT_ONCE = 200  # articles read into memory together
# Growth of the collection after which words weigh so differently that all links are made anew.
GROWN = 1.5
_LINK = np.dtype([("key", "<i8"), ("likeness", "<f4"), ("copies", "?")])

# Read for each search, so built once: that takes as long as running it.
_STORIES_OF = select(articles.c.id, stories.c.story).where(
    stories.c.article_key == articles.c.key,
    articles.c.state == LIVE,
    articles.c.id.in_(bindparam("ids", expanding=True)),
)


class Stories:
    """The stories of one collection. Changing them is for the process that holds the home's lock."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def update(self) -> None:
        """Take in the articles that are new, and let go of those that are gone; else without effect."""
        with self._database.begin() as connection:
            live = select(articles.c.key, articles.c.published).where(articles.c.state == LIVE)
            # By id and not by key, so that ties are decided by what the articles are.
            days = {row.key: row.published for row in connection.execute(live.order_by(articles.c.id))}
            known = select(signatures.c.article_key, signatures.c.links.is_(None))
            unlinked = {row[0]: bool(row[1]) for row in connection.execute(known)}
        gone = unlinked.keys() - days.keys()
        fresh = sorted(days.keys() - unlinked.keys())
        if fresh or gone or any(unlinked.values()):
            for some in chunked(fresh, SIGNED_AT_ONCE):
                self._sign(some)
            self._link(days, gone)

    def forget(self) -> None:
        """Drop everything: the next `update` makes it anew."""
        with self._database.begin() as connection:
            connection.execute(delete(stories))
            connection.execute(delete(signatures))

    def listed(self, filters: Filters, *, limit: int | None = None, offset: int = 0) -> list[Story]:
        """Stories with an article that passes the filters, the latest first; see Newsroom.stories."""
        published = articles.c.published
        until_then = [] if filters.as_of is None else [or_(published.is_(None), published <= filters.as_of)]
        told = select(stories.c.story).join_from(stories, articles, stories.c.article_key == articles.c.key)
        rows = (
            select(
                stories,
                *(articles.c[name] for name in ("id", "title", "published", "source", "source_key")),
            )
            .where(stories.c.article_key == articles.c.key, articles.c.state == LIVE, *until_then)
            .where(stories.c.story.in_(told.where(articles.c.state == LIVE, *until_then, *passing(filters))))
        )
        members: dict[int, list[Row[Any]]] = defaultdict(list)
        with self._database.begin() as connection:
            for row in connection.execute(rows.order_by(articles.c.id)):
                members[row.story].append(row)
        found = sorted((_story(some) for some in members.values() if len(some) > 1), key=_latest_first)
        return found[offset : None if limit is None else offset + limit]

    def of(self, ids: Iterable[str]) -> dict[str, str]:
        """For each of these articles that is in a story, what is the same for all of that story."""
        found: dict[str, str] = {}
        with self._database.begin() as connection:
            for some in chunked(sorted(set(ids))):
                rows = connection.execute(_STORIES_OF, {"ids": some}).all()
                found.update((article_id, str(story)) for article_id, story in rows)
        return found

    def _sign(self, keys: Sequence[int]) -> None:
        from rag.embeddings import word_rank  # brings llama_index with it, which reading need not pay for

        with self._database.begin() as connection:
            rows = connection.execute(with_text().where(articles.c.key.in_(keys))).all()
            signed = [
                {"article_key": row.key, "signature": Signature.of(article_of(row), word_rank).to_bytes()}
                for row in rows
            ]
            connection.execute(insert(signatures), signed)

    def _link(self, days: Mapping[int, date | None], gone: set[int]) -> None:
        with self._database.begin() as connection:
            rows = {row.article_key: row for row in connection.execute(select(signatures))}
            grown = len(days) > GROWN * Notes.read(connection).linked
        keys = np.array(list(days), np.int64)
        ordinals = np.array([day.toordinal() if day else 0 for day in days.values()], np.int64)
        new = np.array([grown or rows[key].links is None for key in days], np.bool_)
        stored = {} if grown else {key: row.links for key, row in rows.items() if row.links is not None}
        linking = Linking([Signature.from_bytes(rows[key].signature) for key in days], ordinals)
        fresh = linking.links(np.flatnonzero(new))
        links, touched = _with_stored(fresh, keys, new, stored)
        changes = _Changes(
            links=_by_article(fresh, keys, new),
            gone=gone,
            **_regrouped(links, touched, keys),
        )
        self._write(changes, linked=len(days) if grown else None)

    def _write(self, changes: "_Changes", *, linked: int | None) -> None:
        with self._database.begin() as connection:
            for some in chunked({*changes.members, *changes.gone}):
                connection.execute(delete(stories).where(stories.c.article_key.in_(some)))
            for some in chunked(changes.gone):
                connection.execute(delete(signatures).where(signatures.c.article_key.in_(some)))
            if changes.rows:
                connection.execute(insert(stories), changes.rows)
            if changes.links:
                its = update(signatures).where(signatures.c.article_key == bindparam("its_key"))
                connection.execute(
                    its, [{"its_key": key, "links": links} for key, links in changes.links.items()]
                )
            if linked is not None:
                write_meta(connection, linked=linked)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """What one update has to write; articles by their keys."""

    links: Mapping[int, bytes]
    members: Sequence[int]  # all whose story may be another one now
    rows: Sequence[dict[str, Any]]  # of those that are in a story
    gone: set[int]


def _with_stored(
    fresh: Links, keys: Numbers, new: NDArray[np.bool_], stored: Mapping[int, bytes]
) -> tuple[Links, NDArray[np.bool_]]:
    """The fresh links with the stored ones that still hold, and the articles that lost or won one."""
    touched = new.copy()
    place = {key: number for number, key in enumerate(keys.tolist())}
    owners = np.repeat(
        np.array([place.get(key, -1) for key in stored], np.int64),
        np.array([len(links) // _LINK.itemsize for links in stored.values()], np.int64),
    )
    found = np.frombuffer(b"".join(stored.values()), _LINK)
    others = np.array([place.get(key, -1) for key in found["key"].tolist()], np.int64)
    touched[owners[(owners >= 0) & (others < 0)]] = True
    touched[others[(others >= 0) & (owners < 0)]] = True
    kept = (owners >= 0) & (others >= 0)
    return Links(
        np.concatenate([fresh.one, owners[kept]]),
        np.concatenate([fresh.other, others[kept]]),
        np.concatenate([fresh.likeness, found["likeness"][kept].astype(np.float64)]),
        np.concatenate([fresh.copies, found["copies"][kept]]),
    ), touched


def _by_article(fresh: Links, keys: Numbers, new: NDArray[np.bool_]) -> dict[int, bytes]:
    """The fresh links as they are stored, each with one of its new articles."""
    owners = np.where(new[fresh.one], fresh.one, fresh.other)
    others = np.where(new[fresh.one], fresh.other, fresh.one)
    order = np.argsort(owners, kind="stable")
    table = np.empty(len(order), _LINK)
    table["key"], table["likeness"] = keys[others[order]], fresh.likeness[order]
    table["copies"] = fresh.copies[order]
    places = np.flatnonzero(new)
    begins, ends = (np.searchsorted(owners[order], places, side) for side in ("left", "right"))
    return {
        int(keys[place]): table[begin:end].tobytes()
        for place, begin, end in zip(places.tolist(), begins.tolist(), ends.tolist(), strict=True)
    }


def _regrouped(links: Links, touched: NDArray[np.bool_], keys: Numbers) -> dict[str, Any]:
    """The stories of every article that holds together with a touched one by links strong enough to join."""
    strong = links.likeness >= JOINED_FROM
    parts = connected(
        range(len(keys)), zip(links.one[strong].tolist(), links.other[strong].tolist(), strict=True)
    )
    parts = [part for part in parts if touched[part].any()]
    part_of = np.full(len(keys), -1, np.int64)
    for number, part in enumerate(parts):
        part_of[part] = number
    inside = (part_of[links.one] == part_of[links.other]) & (part_of[links.one] >= 0)
    of_part: dict[int, list[tuple[int, int, float, bool]]] = defaultdict(list)
    columns = (links.one, links.other, links.likeness, links.copies)
    for link in zip(*(column[inside].tolist() for column in columns), strict=True):
        of_part[int(part_of[link[0]])].append(link)
    rows: list[dict[str, Any]] = []
    for number, part in enumerate(parts):
        if len(part) > 1:
            rows += _rows(part, of_part[number], keys)
    return {"members": keys[part_of >= 0].tolist(), "rows": rows}


def _rows(
    part: Sequence[int], links: Sequence[tuple[int, int, float, bool]], keys: Numbers
) -> list[dict[str, Any]]:
    """The rows of the stories among these articles."""
    groups = [group for group in grouped(part, (link[:3] for link in links)) if len(group) > 1]
    story = {member: keys[group].min() for group in groups for member in group}
    central: dict[int, float] = defaultdict(float)
    copies = []
    for one, other, likeness, copied in links:
        if one in story and story.get(other) == story[one]:
            central[one] += likeness
            central[other] += likeness
            copies += [(one, other)] if copied else []
    same = {
        member: keys[group].min() for group in connected(story, copies) if len(group) > 1 for member in group
    }
    return [
        {
            "article_key": int(keys[member]),
            "story": int(own),
            "copies": int(same[member]) if member in same else None,
            "central": central[member],
        }
        for member, own in story.items()
    ]


def _story(rows: Sequence[Row[Any]]) -> Story:
    """The story of these articles, which come in order of their ids."""
    ordered = sorted(rows, key=lambda row: (row.published is None, row.published or date.min))
    days = [row.published for row in ordered if row.published is not None]
    titled = [row for row in ordered if row.title] or ordered
    copies: dict[int, list[str]] = defaultdict(list)
    for row in ordered:
        if row.copies is not None:
            copies[row.copies].append(row.id)
    return Story(
        id=hashlib.sha256(ordered[0].id.encode()).hexdigest()[:12],
        title=max(titled, key=lambda row: row.central).title,
        article_ids=tuple(row.id for row in ordered),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        outlets=_outlets(rows),
        size=len(rows),
        copies=tuple(tuple(ids) for ids in copies.values() if len(ids) > 1),
    )


def _outlets(rows: Iterable[Row[Any]]) -> tuple[str, ...]:
    counts = Counter(row.source_key for row in rows if row.source is not None)
    names = {row.source_key: row.source for row in rows}
    return tuple(names[key] for key, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _latest_first(story: Story) -> tuple[int, int, str]:
    return -(story.last or date.min).toordinal(), -story.size, story.id
