"""How many independent reports stand behind an answer."""

from collections.abc import Iterable

from rag.domain import Article, Origins
from rag.language import fold


def count_origins(articles: Iterable[Article]) -> Origins:
    """Group articles that credit a common agency or outlet: each group is one origin.

    An article that credits nobody is unknown, not independent: it may well be a copy that hides its source.
    """
    cited = list({article.id: article for article in articles}.values())
    groups: list[dict[str, str]] = []  # folded name → name as the text spells it
    for article in cited:
        group = {fold(name): name for name in article.origins}
        if not group:
            continue
        for other in [other for other in groups if other.keys() & group.keys()]:
            groups.remove(other)
            group = other | group
        groups.append(group)
    return Origins(
        articles=len(cited),
        independent=len(groups),
        unknown=sum(not article.origins for article in cited),
        names=tuple(name for group in groups for name in _shared(group, cited)),
    )


def _shared(group: dict[str, str], cited: list[Article]) -> list[str]:
    """The names of a group that most of its articles credit; one name stands for the rest."""
    counts = {key: sum(key in {fold(name) for name in article.origins} for article in cited) for key in group}
    most = max(counts.values())
    return [name for key, name in group.items() if counts[key] == most]
