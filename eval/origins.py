"""What is said of origins and differences in a collection: `python -m eval.origins --articles F [--home H] [--show]`.

There is no annotation to count against: `--show` lists what a reader would be told, to be checked by hand. Articles of
one day and place (fields `date` and `location`) that come from two or more outlets are a group; the questions below are
asked of the articles of a group, each with the story that the collection puts it in.

groups       groups of two or more outlets
conflicts    answers of these groups in which sources are said to differ, or a count to have been revised
articles     articles in these groups
independent  known independent origins, summed over the groups
unknown      articles of unknown origin
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from eval.claims import read_claims
from eval.dataset import newsroom_of
from rag import Article, Conflict, Hit, Newsroom, Origins, Passage
from rag.answering.conflicts import Conflicts
from rag.answering.lexicon import Lexicon
from rag.answering.origins import count_origins
from rag.answering.sentences import sentences_of
from rag.embeddings import StaticEmbedder
from rag.errors import ArticleNotFound, DatelineError, UsageError
from rag.reader import Reader

QUESTIONS = (
    "How many people were killed?",
    "How many people were wounded?",
    "Who carried out the attack?",
    "Which town was hit?",
)
Key = tuple[date, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Articles of one day and place, and what is said of them."""

    key: Key
    hits: tuple[Hit, ...]
    origins: Origins
    conflicts: tuple[Conflict, ...]


def ids_of(path: Path) -> dict[Key, list[str]]:
    """The articles of each day and place of which two or more outlets tell."""
    ids: dict[Key, list[str]] = defaultdict(list)
    outlets: dict[Key, set[str]] = defaultdict(set)
    for row in read_claims(path, "id", "text", "date", "source"):
        if row["date"] and row.get("location") and row["source"]:
            key = date.fromisoformat(row["date"]), row["location"]
            ids[key].append(str(row["id"]))
            outlets[key].add(row["source"])
    return {key: ids[key] for key in sorted(ids) if len(outlets[key]) > 1}


def groups_in(newsroom: Newsroom, ids: dict[Key, list[str]], conflicts: Conflicts) -> Iterator[Group]:
    """Each group as the product sees it; an article that is a copy of another under its id is left out."""
    stories = {key: story.id for story in newsroom.stories() for key in story.article_ids}
    for key, names in ids.items():
        hits = tuple(
            _whole(article, stories.get(article.id)) for name in names for article in _known(newsroom, name)
        )
        cited = [sentence.cite() for sentence in sentences_of(hits)]
        found = tuple(conflict for question in QUESTIONS for conflict in conflicts.find(question, hits))
        yield Group(key=key, hits=hits, origins=count_origins(cited, hits), conflicts=found)


def _known(newsroom: Newsroom, name: str) -> Iterator[Article]:
    try:
        yield newsroom.article(name)
    except ArticleNotFound:  # the same text under another id
        return


def _whole(article: Article, story: str | None) -> Hit:
    body = article.text[article.body_start :]
    passage = Passage(
        id=f"{article.id}:0",
        article_id=article.id,
        start=article.body_start,
        end=len(article.text),
        text=body,
    )
    return Hit(passage=passage, article=article, score=1.0, story=story)


def measure(groups: Sequence[Group]) -> dict[str, int]:
    """The figures named above."""
    return {
        "groups": len(groups),
        "conflicts": sum(len(group.conflicts) for group in groups),
        "articles": sum(group.origins.articles for group in groups),
        "independent": sum(group.origins.independent for group in groups),
        "unknown": sum(group.origins.unknown for group in groups),
    }


def show(group: Group) -> str:
    """One group, for checking by hand."""
    articles = [f"{hit.article.source} {hit.article.id} {list(hit.article.origins)}" for hit in group.hits]
    lines = [f"{group.key[0]} {group.key[1]}: {group.origins}", *(f"  {each}" for each in articles)]
    for conflict in group.conflicts:
        lines.append(f"  {conflict.kind}: {conflict.sentence}")
        for value in conflict.values:
            lines += [
                f"    {value.text} [{each.source} {each.article_id}] {each.quote}" for each in value.citations
            ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, count and print; 2 where a file cannot be used, 1 where the collection fails."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.origins",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--articles", type=Path, required=True)
    parser.add_argument("--home", type=Path, help="keep the index here; a second run does not embed again")
    parser.add_argument(
        "--show", action="store_true", help="print every group with its origins and conflicts"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    options = parser.parse_args(arguments)
    conflicts = Conflicts(Reader(), Lexicon(StaticEmbedder()))
    try:
        ids = ids_of(options.articles)
        with newsroom_of(options.articles, options.home) as newsroom:
            groups = list(groups_in(newsroom, ids, conflicts))
    except DatelineError as exc:
        print(exc, file=sys.stderr)
        return 2 if isinstance(exc, UsageError) else 1
    if options.show:
        print("\n".join(map(show, groups)))
    scores = measure(groups)
    print(
        json.dumps(scores)
        if options.json
        else "\n".join(f"{name:<12} {value}" for name, value in scores.items())
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
