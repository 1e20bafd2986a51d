"""How many independent reports stand behind an answer."""

from collections.abc import Iterable, Mapping, Sequence

from rag.answering.attribution import claim_credits
from rag.credits import is_agency, outlet_of
from rag.domain import Article, Citation, Hit, Origins


def count_origins(citations: Iterable[Citation], hits: Sequence[Hit]) -> Origins:
    """Group the cited articles by whom they credit for what is cited, and with the copies of their texts.

    Articles that credit a common agency or outlet, directly or through others, and texts that copy each other are one
    origin. A group that credits nobody is unknown, not independent: it may well be a copy that hides its source. An
    agency's own report that credits nobody is of that agency.
    """
    articles = {hit.article.id: hit.article for hit in hits}
    names: dict[str, dict[str, str]] = {}  # article id → outlet → its name as spelled
    for citation in citations:
        article = articles[citation.article_id]
        names.setdefault(article.id, {}).update(_credits(article, citation))
    copies = _copies(names, hits)
    groups = _joined([{*names[key], f"={key}", *(f"={copy}" for copy in copies[key])} for key in names])
    known = [_named(group, names) for group in groups]
    return Origins(
        articles=len({*names, *(copy for each in copies.values() for copy in each)}),
        independent=sum(bool(shared) for shared in known),
        unknown=sum(_size(group) for group, shared in zip(groups, known, strict=True) if not shared),
        names=tuple(name for shared in known for name in shared),
    )


def origins_of(citations: Iterable[Citation], hits: Sequence[Hit]) -> tuple[str, ...]:
    """The known origins behind some citations, by name."""
    return count_origins(citations, hits).names


def _credits(article: Article, citation: Citation) -> dict[str, str]:
    found = claim_credits(article, citation.start, citation.end)
    if not found and article.source and is_agency(article.source):
        found = (article.source,)
    return {outlet_of(name): name for name in found}


def _copies(cited: Mapping[str, object], hits: Sequence[Hit]) -> dict[str, set[str]]:
    """For each cited article those that print nearly the same passage."""
    found: dict[str, set[str]] = {key: set() for key in cited}
    for hit in hits:
        alike = {hit.article.id, *hit.copies}
        for key in alike & found.keys():
            found[key] |= alike - {key}
    return found


def _joined(sets: Iterable[set[str]]) -> list[set[str]]:
    """Sets that share an element, directly or through others, become one; in the order they begin."""
    groups: list[set[str]] = []
    for each in sets:
        group = set(each)
        for other in [other for other in groups if other & group]:
            groups.remove(other)
            group |= other
        groups.append(group)
    return groups


def _size(group: set[str]) -> int:
    return sum(key.startswith("=") for key in group)


def _named(group: set[str], names: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The names of a group that most of its articles credit; one name stands for the rest."""
    inside = [credited for key, credited in names.items() if f"={key}" in group]
    counts = {key: sum(key in credited for credited in inside) for credited in inside for key in credited}
    most = max(counts.values(), default=0)
    return [
        next(credited[key] for credited in inside if key in credited)
        for key, count in counts.items()
        if count == most
    ]
