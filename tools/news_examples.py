"""Examples to train the reader on, of questions that were written on news articles to be easy to take for answered.

    python -m tools.news_examples --bbc DIR --cliff CLIFF_error_types.csv --reader DIR --out news.jsonl

tools/news_questions.jsonl has the questions: half are answered, at `start` of the article's text; the others are
not, though they ask of what is told there. rag/models/reader/README.md says where the articles are to be had. A text
is one sentence under its headline, as the product reads it, or two. Those that do not answer are the ones in which a
reader trained on `tools.reader_examples` alone is surest to see an answer.
"""

import argparse
import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.answering.extractive import HEADLINE
from rag.language import STOPWORDS, fold, stems
from rag.reader import Reader
from rag.sentences import Span, split_sentences
from tools.reader_examples import Example, write

QUESTIONS = Path(__file__).with_name("news_questions.jsonl")
READ = 430  # words of an article that the questions were written on
LIKE = 12  # sentences most like a question that the reader is asked about
HELD_OUT = 8  # every so many articles are kept for checking
NEAR = 2  # texts without an answer, for a question that has one elsewhere
TEMPTING = 3  # for one that has none
WIDER = 0.35  # share of answers, and of the most tempting texts, given once more with the sentence before


@dataclass(frozen=True, slots=True)
class Article:
    """The part of an article that the questions are about."""

    title: str
    text: str
    sentences: tuple[Span, ...]

    @classmethod
    def of(cls, title: str, text: str) -> "Article":
        shown = beginning(text.strip())
        return cls(title.strip()[:HEADLINE], shown, tuple(split_sentences(shown)))

    def passage(self, first: int, last: int) -> tuple[str, int]:
        """Sentences under the headline, and what is to be taken from a place in the article to get that in them."""
        start, end = self.sentences[first][0], self.sentences[last][1]
        text = self.text[start:end]
        if not self.title or text.startswith(self.title[:60]):
            return text, start
        return f"{self.title}. {text}", start - len(self.title) - 2


def beginning(text: str) -> str:
    """The first words, as many as were shown, to the end of a sentence."""
    words = text.split()
    if len(words) <= READ:
        return text
    place = 0
    for word in words[:READ]:
        place = text.index(word, place) + len(word)
    ends = [end for _, end in split_sentences(text) if end <= place]
    return text[: ends[-1]] if ends else text[:place]


def examples(
    question: dict[str, Any], article: Article, reader: Reader, draw: random.Random, *, held_out: bool
) -> Iterator[Example]:
    """What one question gives."""

    def example(first: int, last: int, kind: str, span: Span | None = None) -> Example:
        text, offset = article.passage(first, last)
        start, end = (span[0] - offset, span[1] - offset) if span else (-1, -1)
        return Example(
            question=question["question"], text=text, start=start, end=end, origin=f"news/{kind}", held_out=held_out
        )  # fmt: skip

    tempting = most_tempting(question["question"], article, reader)
    if "start" not in question:
        for place in tempting[:TEMPTING]:
            yield example(place, place, "written")
        if tempting[0] and draw.random() < WIDER:
            yield example(tempting[0] - 1, tempting[0], "written")
        return
    answer = question["answer"]
    span = (question["start"], question["start"] + len(answer))
    if article.text[slice(*span)] != answer:
        raise ValueError(f"{question['article']} is another text: {answer!r} does not stand at {span[0]}")
    places = [place for place, (a, b) in enumerate(article.sentences) if a < span[1] and span[0] < b]
    yield example(places[0], places[-1], "answered", span)
    if places[0] and draw.random() < WIDER:
        yield example(places[0] - 1, places[-1], "answered", span)
    silent = [
        place
        for place in tempting
        if place not in places and fold(answer) not in fold(article.text[slice(*article.sentences[place])])
    ]
    for place in silent[:NEAR]:
        yield example(place, place, "near")


def most_tempting(question: str, article: Article, reader: Reader) -> list[int]:
    """The places of the sentences most like the question, that in which the reader is surest of an answer first."""
    wanted = set(stems(question)) - STOPWORDS
    shared = [len(wanted & set(stems(article.text[slice(*span)]))) for span in article.sentences]
    like = sorted(range(len(shared)), key=lambda place: -shared[place])[:LIKE]
    readings = reader.read(question, [article.passage(place, place)[0] for place in like])
    margins = {place: reading.margin for place, reading in zip(like, readings, strict=True)}
    return sorted(like, key=lambda place: -margins[place])


def articles(bbc: Path, cliff: Path, wanted: Sequence[str]) -> dict[str, Article]:
    """The articles by the names that the questions give them."""
    with cliff.open(encoding="utf-8", newline="") as file:
        found = {
            f"cliff/{row['origin']}/{row['id']}": Article.of("", row["doc"]) for row in csv.DictReader(file)
        }
    for name in wanted:
        if name.startswith("bbc/"):
            title, _, text = (bbc / f"{name[4:]}.txt").read_text("utf-8").partition("\n")
            found[name] = Article.of(title, text)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bbc", type=Path, required=True, help="folder with business/, politics/ …")
    parser.add_argument("--cliff", type=Path, required=True, help="CLIFF_error_types.csv of AggreFact")
    parser.add_argument("--reader", type=Path, required=True, help="folder of a reader that was built")
    parser.add_argument("--out", type=Path, required=True, help="the file to write, JSON Lines")
    arguments = parser.parse_args()
    questions = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    names = list(dict.fromkeys(question["article"] for question in questions))
    known = articles(arguments.bbc, arguments.cliff, names)
    reader, draw = Reader(arguments.reader), random.Random(5)  # noqa: S311 - repeatable
    made = [
        example
        for question in questions
        for example in examples(
            question,
            known[question["article"]],
            reader,
            draw,
            held_out=names.index(question["article"]) % HELD_OUT == HELD_OUT - 1,
        )
    ]
    write(made, arguments.out)


if __name__ == "__main__":
    main()
