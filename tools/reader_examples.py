"""Examples to train the reader on: a question, a text, and where the text answers it, if it does.

    python -m tools.reader_examples --squad DIR/*.json --qamr dev.tsv test.tsv --sentences wiki-sentences.tsv --out FILE

SQuAD's form covers SQuAD 2.0, SQuADShifts and XQuAD. rag/models/reader/README.md names the files. Half of the
examples have no answer in their text. They come from four sources, the first made by people, the others by rule:

- questions that SQuAD's writers made unanswerable, with the sentences that seem to answer them;
- a sentence near the one that answers, from the same article, as like the question as possible;
- a question with a name, number, month or weekday exchanged for another of the article or of another one;
- a question with a word exchanged for its opposite.
"""

import argparse
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.answering.verification.thesaurus import thesaurus
from rag.language import STOPWORDS, aliases, fold, names, stems
from rag.sentences import split_sentences

LONGEST = 110  # words of a text
HELD_OUT = 8  # every so many articles are kept for checking
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """`text[start:end]` answers the question; both are -1 where nothing in the text does."""

    question: str
    text: str
    start: int
    end: int
    origin: str
    held_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph with its sentences and the article's title; `questions` hold the answers' spans in it."""

    title: str
    text: str
    spans: list[tuple[int, int]]
    questions: list[
        tuple[str, list[tuple[int, int]], bool]
    ]  # question, spans of answers or of what seems one, answered


class Maker:
    """Draws texts and exchanges words; the same seed gives the same examples."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable
        self._opposites = opposites()

    def squad(self, file: Path) -> Iterator[Example]:
        """Examples of every article of a file in SQuAD's form."""
        articles = json.loads(file.read_text("utf-8"))["data"]
        names_elsewhere = [name for article in articles for name in article_names(article)]
        for number, article in enumerate(articles):
            paragraphs = [paragraph_of(article.get("title", ""), each) for each in article["paragraphs"]]
            origin, held_out = file.stem, number % HELD_OUT == HELD_OUT - 1
            for paragraph in paragraphs:
                for question, answers, answered in paragraph.questions:
                    for text, start, end, asked, kind in self._of(
                        paragraph, paragraphs, question, answers, answered, names_elsewhere
                    ):
                        yield Example(
                            question=asked, text=text, start=start, end=end, origin=f"{origin}/{kind}",
                            held_out=held_out,
                        )  # fmt: skip

    def qamr(
        self, rows: Sequence[Sequence[str]], sentences: Mapping[str, str], share: float
    ) -> Iterator[Example]:
        """Examples of QAMR's questions on single sentences."""
        by_document: dict[str, list[str]] = defaultdict(list)
        for key in sentences:
            by_document[document(key)].append(key)
        names_elsewhere = [text[a:b] for text in list(sentences.values())[:2000] for a, b in names(text)]
        asked: set[tuple[str, str]] = set()
        for key, *_, question, answer, _first, _second in rows:
            if (key, question) in asked or key not in sentences or self._random.random() > share:
                continue
            asked.add((key, question))
            text, places = joined(sentences[key].split(" "))
            tokens = [int(token) for token in answer.split()]
            span = (places[tokens[0]][0], places[tokens[-1]][1])
            near = [
                joined(sentences[other].split(" "))[0] for other in by_document[document(key)] if other != key
            ]
            page = "\n".join([text, *near])
            paragraph = Paragraph(
                title="", text=page, spans=line_spans(page), questions=[(question, [span], True)]
            )
            held_out = hash_share(document(key)) % HELD_OUT == 0
            for chosen, start, end, put, kind in self._of(
                paragraph, [paragraph], question, [span], True, names_elsewhere
            ):
                yield Example(
                    question=put, text=chosen, start=start, end=end, origin=f"qamr/{kind}", held_out=held_out
                )

    def _of(
        self, paragraph: Paragraph, paragraphs: Sequence[Paragraph], question: str,
        answers: list[tuple[int, int]], answered: bool, elsewhere: Sequence[str],
    ) -> Iterator[tuple[str, int, int, str, str]]:  # fmt: skip
        if not answers:
            return
        span = self._random.choice(answers)
        text, offset = self.around(paragraph, span)
        if not answered:
            yield text, -1, -1, question, "written"
            return
        yield text, span[0] - offset, span[1] - offset, question, "answered"
        if self._random.random() < 0.5:
            near = self._near(paragraph, paragraphs, question, [paragraph.text[a:b] for a, b in answers])
            if near:
                yield near, -1, -1, question, "near"
        if self._random.random() < 0.65:
            inside = [paragraph.text[a:b] for a, b in names(paragraph.text)]
            exchanged = self.exchange(question, text, inside, elsewhere)
            if exchanged:
                yield text, -1, -1, exchanged, "exchanged"

    def around(self, paragraph: Paragraph, span: tuple[int, int]) -> tuple[str, int]:
        """A text that holds the span, and the offset of the paragraph's text in it."""
        places = [n for n, (a, b) in enumerate(paragraph.spans) if a < span[1] and span[0] < b] or [0]
        first, last = places[0], places[-1]
        draw = self._random.random()
        if draw > 0.45:
            first, last = max(0, first - 1), min(len(paragraph.spans) - 1, last + 1)
        if draw > 0.8:
            first, last = max(0, first - 2), min(len(paragraph.spans) - 1, last + 2)
        while last > first and words(paragraph, first, last) > LONGEST:
            if first < places[0]:
                first += 1
            elif last > places[-1]:
                last -= 1
            else:
                break
        start, end = paragraph.spans[first][0], paragraph.spans[last][1]
        title = f"{paragraph.title}. " if paragraph.title and self._random.random() < 0.6 else ""
        return title + paragraph.text[start:end], start - len(title)

    def _near(
        self, paragraph: Paragraph, paragraphs: Sequence[Paragraph], question: str, answers: Sequence[str]
    ) -> str | None:
        """The sentences most like the question that hold no answer, one of the best three."""
        wanted = set(stems(question)) - STOPWORDS
        found: list[tuple[float, str]] = []
        for other in [paragraph, *self._random.sample(paragraphs, min(3, len(paragraphs)))]:
            for place, (start, end) in enumerate(other.spans):
                wide = self._random.random() < 0.4 and place + 1 < len(other.spans)
                text = other.text[start : other.spans[place + 1][1] if wide else end]
                folded = fold(text)
                if len(text.split()) > 5 and not any(fold(answer) in folded for answer in answers):
                    title = f"{other.title}. " if other.title and self._random.random() < 0.6 else ""
                    found.append((len(wanted & set(stems(text))) / (len(wanted) or 1), title + text))
        best = sorted(found, reverse=True)[:3]
        return self._random.choice(best)[1] if best else None

    def exchange(
        self, question: str, text: str, inside: Sequence[str], elsewhere: Sequence[str]
    ) -> str | None:
        """The question with one thing that the text has exchanged for another, so that it asks of something else."""
        folded = fold(text)
        ways: list[str] = []
        for start, end in names(question):
            name = question[start:end]
            if start == 0 or not any(alias in folded for alias in aliases(name)):
                continue
            if name in MONTHS or name in WEEKDAYS:
                others = [each for each in (MONTHS if name in MONTHS else WEEKDAYS) if each != name]
            else:
                known = set(stems(question))
                pool = inside if self._random.random() < 0.6 else elsewhere
                others = [each for each in pool if len(each) > 2 and not known & set(stems(each))]
            if others:
                ways.append(question[:start] + self._random.choice(others) + question[end:])
        ways += [
            question[: match.start()] + self._other_number(match[0]) + question[match.end() :]
            for match in re.finditer(r"\b\d[\d,.]*\b", question)
            if match[0] in text
        ]
        for match in re.finditer(r"\b[a-z]{3,}\b", question):
            opposite = self._opposites.get(match[0])
            if opposite and opposite not in folded:
                ways.append(question[: match.start()] + opposite + question[match.end() :])
        return self._random.choice(ways) if ways else None

    def _other_number(self, number: str) -> str:
        digits = [place for place, character in enumerate(number) if character.isdigit()]
        place = digits[-1] if len(digits) > 1 else digits[0]
        other = self._random.choice([digit for digit in "123456789" if digit != number[place]])
        return number[:place] + other + number[place + 1 :]


def opposites() -> dict[str, str]:
    """Common words and their opposites, from the bundled thesaurus and a few that it lacks."""
    common = """good bad high low highest lowest large small largest smallest big little old young oldest youngest new
    long short longest shortest early late earlier later first last before after increase decrease rise fall rose fell
    more less fewer most least best worst better worse strong weak north south northern southern east west eastern
    western inside outside above below win lose won lost begin end began ended start stop started stopped accept
    reject accepted rejected allow forbid allowed support oppose supported opposed male female men women public
    private rich poor legal illegal possible impossible enter leave arrive depart buy sell bought sold open closed
    major minor positive negative create destroy created destroyed hot cold wet dry modern ancient import export
    success failure attack defend attacked defended agree disagree agreed disagreed victory defeat""".split()
    # Where the thesaurus links an inflected word to several, only a word of the same list is taken: it is as common.
    found = {}
    for word in common:
        opposite = thesaurus().opposed(
            word, [each for each in common if each[-2:] == word[-2:] or len(each) < 8]
        )
        if opposite and opposite != word:
            found[word] = opposite
    return found


def paragraph_of(title: str, row: Mapping[str, Any]) -> Paragraph:
    text = row["context"]
    questions = []
    for item in row["qas"]:
        marks = item["answers"] or item.get("plausible_answers", [])
        spans = [(mark["answer_start"], mark["answer_start"] + len(mark["text"])) for mark in marks]
        questions.append((item["question"].strip(), sorted(set(spans)), not item.get("is_impossible", False)))
    shown = "" if re.search(r"Amazon|Reddit", title) else title.replace("_", " ")
    return Paragraph(title=shown, text=text, spans=split_sentences(text), questions=questions)


def article_names(article: Mapping[str, Any]) -> list[str]:
    texts = [each["context"] for each in article["paragraphs"][:3]]
    return [text[start:end] for text in texts for start, end in names(text)]


def words(paragraph: Paragraph, first: int, last: int) -> int:
    return len(paragraph.text[paragraph.spans[first][0] : paragraph.spans[last][1]].split())


def line_spans(text: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for line in text.split("\n"):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def document(key: str) -> str:
    return key.split(":")[2]


def hash_share(key: str) -> int:
    return sum(map(ord, key))


def joined(tokens: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """A sentence of Penn Treebank tokens as it would be printed, and the span of each token in it."""
    printed = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "``": "“", "''": "”"}
    text, spans, glued = "", [], True
    for token in tokens:
        word = printed.get(token, token)
        if not glued and not re.match(r"[,.;:?!%)\]”]|['’]\w|n['’]t$", word):
            text += " "
        spans.append((len(text), len(text) + len(word)))
        text += word
        glued = word in ("(", "[", "“", "$")
    return text, spans


def write(examples: Sequence[Example], out: Path) -> None:
    """Write them as JSON Lines, and print how many there are of each origin."""
    with out.open("w", encoding="utf-8") as file:
        for example in examples:
            file.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")
    for origin, count in sorted(Counter(example.origin for example in examples).items()):
        print(f"{origin:24}{count:7}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--squad", type=Path, nargs="+", required=True)
    parser.add_argument("--qamr", type=Path, nargs="+", required=True)
    parser.add_argument("--sentences", type=Path, required=True, help="QAMR's wiki-sentences.tsv")
    parser.add_argument("--qamr-share", type=float, default=0.25, help="of QAMR's questions that are taken")
    parser.add_argument("--out", type=Path, required=True, help="the file to write, JSON Lines")
    arguments = parser.parse_args()
    maker = Maker(seed=1)
    made = [example for file in arguments.squad for example in maker.squad(file)]
    sentences = dict(line.split("\t", 1) for line in arguments.sentences.read_text("utf-8").splitlines())
    rows = [line.split("\t") for file in arguments.qamr for line in file.read_text("utf-8").splitlines()]
    made += maker.qamr(rows, sentences, arguments.qamr_share)
    write(made, arguments.out)


if __name__ == "__main__":
    main()
