"""Examples to train the judge of entailment on: a passage, a claim, and whether the passage says so.

    python -m tools.entailment_examples --written DIR --qamr dev.tsv test.tsv --sentences wiki-sentences.tsv \
        --squad squad2.json newwiki.json xquad.json --out FILE

rag/models/entailment/README.md names the files. The claims come from three sources, the first written by people, the
others made by rule:

- the entailment pairs of Bowman et al. (2020), many of which are a sentence with one detail edited;
- a question about the subject of a sentence, with its answer put in its place (a claim that holds) or with another
  name or number of the same passage (who did it to whom is what fails), or with a word of the question exchanged;
- a sentence of the passage shortened, as it is or with two of its names exchanged, with a name or number of a
  neighbouring sentence, or with a place or time from elsewhere added.
"""

import argparse
import csv
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.language import aliases, fold, names, stems
from tools.reader_examples import (
    HELD_OUT,
    Maker,
    article_names,
    document,
    hash_share,
    joined,
    paragraph_of,
)

WRITTEN = ("base", "contrast", "edit_other", "edit_premise")
NEIGHBOURS = 0.4  # how often a passage has the sentences beside the one that a claim is about
SHORTEST = 5  # words of a claim
_VERB_FIRST = re.compile(r"(?P<asked>who|what|how many [a-z]+) (?P<rest>.+?)\?", re.IGNORECASE)
_NEVER = set("do does did 's s am".split())
_BE = set("is are was were".split())
_HELPERS = set("has have had will would can could may might must should".split())
_PARTICIPLES = set("born hit sent held built found put shot hurt set told paid sold lost won".split())
_DETERMINERS = set(
    "the a an this that these those his her its their our my your each every any some all both".split()
)
_HANGING = set("of in on at to for with by from about as into than like over under after before".split())
_TAIL = re.compile(
    r",? (?:which|who|whose|where|while|although|though|but|because|since|after|before|as|when|and)\b.*$"
)
_CONDITION = re.compile(
    r"\b(?:if|unless|whether|according to|would|could|might|may|said|says|claim\w*|alleg\w*)\b", re.I
)
_CIRCUMSTANCE = re.compile(
    r"\b(?:in|on|at|during|near|since|until|from) (?:the )?"
    r"(?:[A-Z][\w.-]+|\d{4})(?: [A-Z][\w.-]+| \d+)*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Whether `passage` says what `claim` does."""

    passage: str
    claim: str
    entailed: bool
    origin: str
    held_out: bool


def written(folder: Path) -> Iterator[Claim]:
    """What people wrote, of both parts of the four sets."""
    for name in WRITTEN:
        for part in ("train", "val"):
            with (folder / f"{name}_{part}.tsv").open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file, delimiter="\t"):
                    if row["gold_label"] in ("entailment", "neutral", "contradiction"):
                        yield Claim(
                            passage=row["sentence1"].strip(), claim=row["sentence2"].strip(),
                            entailed=row["gold_label"] == "entailment", origin=f"{name}/{row['gold_label']}",
                            held_out=part == "val",
                        )  # fmt: skip


class Claims:
    """Makes claims by rule; the same seed gives the same."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable
        self._maker = Maker(seed)

    def squad(self, file: Path) -> Iterator[Claim]:
        articles = json.loads(file.read_text("utf-8"))["data"]
        elsewhere = [name for article in articles for name in article_names(article)]
        for number, article in enumerate(articles):
            held_out = number % HELD_OUT == HELD_OUT - 1
            for row in article["paragraphs"]:
                paragraph = paragraph_of("", row)
                for question, spans, answered in paragraph.questions:
                    if answered and spans:
                        passage, _ = self._maker.around(paragraph, spans[0])
                        answer = paragraph.text[spans[0][0] : spans[0][1]]
                        yield from self._answered(passage, question, answer, file.stem, held_out, elsewhere)
                sentences = [paragraph.text[start:end] for start, end in paragraph.spans]
                yield from self._edited(sentences, file.stem, held_out)

    def qamr(self, rows: Sequence[Sequence[str]], sentences: Mapping[str, str]) -> Iterator[Claim]:
        printed = {key: joined(text.split(" ")) for key, text in sentences.items()}
        elsewhere = [
            text[start:end] for text, _ in list(printed.values())[:2000] for start, end in names(text)
        ]
        pages: dict[str, list[str]] = defaultdict(list)
        for key in printed:
            pages[document(key)].append(key)
        asked: set[tuple[str, str]] = set()
        for key, *_, question, answer, _first, _second in rows:
            if key not in printed or (key, question) in asked:
                continue
            asked.add((key, question))
            text, places = printed[key]
            tokens = [int(token) for token in answer.split()]
            held_out = hash_share(document(key)) % HELD_OUT == 0
            said = text[places[tokens[0]][0] : places[tokens[-1]][1]]
            passage = self._beside(
                text, [printed[other][0] for other in pages[document(key)] if other != key]
            )
            yield from self._answered(passage, question, said, "qamr", held_out, elsewhere)
        for page, keys in pages.items():
            held_out = hash_share(page) % HELD_OUT == 0
            yield from self._edited([printed[key][0] for key in keys], "qamr", held_out)

    def _beside(self, text: str, others: Sequence[str]) -> str:
        if others and self._random.random() < NEIGHBOURS:
            pair = [text, self._random.choice(others)]
            self._random.shuffle(pair)
            return " ".join(pair)
        return text

    def _answered(
        self, passage: str, question: str, answer: str, origin: str, held_out: bool, elsewhere: Sequence[str]
    ) -> Iterator[Claim]:
        claim = statement(question, answer)
        if not claim:
            return
        yield Claim(passage=passage, claim=claim, entailed=True, origin=f"{origin}/answer", held_out=held_out)
        other = self._other(answer, passage, question)
        wrong = statement(question, other) if other else None
        if wrong:
            yield Claim(
                passage=passage, claim=wrong, entailed=False, origin=f"{origin}/other", held_out=held_out
            )
        inside = [passage[start:end] for start, end in names(passage)]
        put = (
            self._maker.exchange(question, passage, inside, elsewhere)
            if self._random.random() < 0.5
            else None
        )
        exchanged = statement(put, answer) if put else None
        if exchanged:
            yield Claim(
                passage=passage, claim=exchanged, entailed=False, origin=f"{origin}/exchanged",
                held_out=held_out,
            )  # fmt: skip

    def _other(self, answer: str, passage: str, beside: str) -> str | None:
        """Another name, or another number, of the passage that could stand in the answer's place."""
        if re.fullmatch(r"[\d,.]+", answer):
            found = [each for each in re.findall(r"\b\d[\d,.]*\d\b|\b\d\b", passage) if each != answer]
        elif answer[:1].isupper() and len(answer.split()) < 6:
            known = set(stems(answer)) | set(stems(beside))
            spans = [passage[start:end] for start, end in names(passage)]
            found = [each for each in spans if len(each) > 2 and not known & set(stems(each))]
        else:
            return None
        return self._random.choice(found) if found else None

    def _edited(self, sentences: Sequence[str], origin: str, held_out: bool) -> Iterator[Claim]:
        """Of every other sentence the shortened form, and one that is wrong."""
        for place, sentence in enumerate(sentences):
            short = shortened(sentence)
            if not short or self._random.random() < 0.5:
                continue
            near = [each for each in sentences[max(0, place - 1) : place + 2] if each != sentence]
            together = " ".join(sentences[max(0, place - 1) : place + 2])
            passage = together if self._random.random() < NEIGHBOURS else sentence
            yield Claim(
                passage=passage, claim=short, entailed=True, origin=f"{origin}/short", held_out=held_out
            )
            ways = [
                ("swapped", self._swapped(short)),
                ("replaced", self._replaced(short, passage)),
                ("added", self._added(short, passage, near if passage == sentence else [])),
            ]
            made = [(kind, text) for kind, text in ways if text]
            if made:
                kind, text = self._random.choice(made)
                yield Claim(
                    passage=passage, claim=text, entailed=False, origin=f"{origin}/{kind}", held_out=held_out
                )

    def _swapped(self, text: str) -> str | None:
        """Two names of the text in each other's places, unless they are listed side by side."""
        spans = [(start, end) for start, end in names(text) if start or " " in text[start:end]]
        pairs = [
            (first, second)
            for number, first in enumerate(spans)
            for second in spans[number + 1 :]
            if not re.fullmatch(r",?\s*(?:and|or|,|of|the|'s|’s|\(|in|\s)*", text[first[1] : second[0]])
            and not set(stems(text[first[0] : first[1]])) & set(stems(text[second[0] : second[1]]))
        ]
        if not pairs:
            return None
        (a, b), (c, d) = self._random.choice(pairs)
        return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]

    def _replaced(self, text: str, passage: str) -> str | None:
        """A name or number of the text replaced by another of the passage that the text does not have."""
        ways = []
        for start, end in names(text):
            other = self._other(text[start:end], passage, text) if start or " " in text[:end] else None
            if other:
                ways.append(text[:start] + other + text[end:])
        for match in re.finditer(r"\b\d[\d,.]*\d\b|\b\d\b", text):
            other = self._other(match[0], passage, text)
            if other:
                ways.append(text[: match.start()] + other + text[match.end() :])
        return self._random.choice(ways) if ways else None

    def _added(self, text: str, passage: str, near: Sequence[str]) -> str | None:
        """The text with a place or time that only a sentence beside the passage has."""
        folded = fold(passage)
        found = [
            match[0]
            for sentence in near
            for match in _CIRCUMSTANCE.finditer(sentence)
            if not any(alias in folded for alias in aliases(match[0].rpartition(" ")[2]))
        ]
        if not found:
            return None
        return text.rstrip(".") + " " + self._random.choice(found) + "."


def statement(question: str, answer: str) -> str | None:
    """The claim that a question about a subject makes with its answer; None for other questions.

    >>> statement("Who was killed in the raid?", "the governor")
    'The governor was killed in the raid.'
    """
    match = _VERB_FIRST.fullmatch(question.strip())
    if not match or not answer.strip():
        return None
    words = match["rest"].split()
    first, second = words[0].lower(), (words[1].lower() if len(words) > 1 else "")
    if len(words) < 2 or first in _NEVER or words[-1].lower() in _HANGING:
        return None
    if first in _BE:
        participle = second in _PARTICIPLES or second.endswith(("ed", "en", "wn", "ght", "ade"))
        role = match["asked"].lower() == "who" and second in {"the", "a", "an"}
        if not participle and not role:
            return None
    elif first in _HELPERS:
        if second in _DETERMINERS or words[1][:1].isupper():
            return None
    elif not re.fullmatch(
        r"[a-z]+" if match["asked"].lower() == "who" else r"[a-z]+ed|took|became|led", first
    ):
        return None
    counted = match["asked"].lower().startswith("how many")
    if counted and not re.fullmatch(r"[\d,.]+|[a-z]+", answer.lower()):
        return None
    subject = f"{answer} {match['asked'].split()[-1]}" if counted else answer
    return subject[:1].upper() + subject[1:] + " " + match["rest"].strip() + "."


def shortened(sentence: str) -> str | None:
    """The sentence without what follows its first clause; None where that may change what it says."""
    if not sentence.endswith(".") or _CONDITION.search(sentence) or '"' in sentence or "“" in sentence:
        return None
    cut = _TAIL.sub("", sentence.rstrip("."))
    cut = re.sub(r" \([^)]*\)", "", cut)
    if len(cut.split()) < SHORTEST or not re.search(
        r"\b(?:is|are|was|were|has|have|had|will|\w+ed|\w{3,}s)\b", cut
    ):
        return None
    return cut + "."


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--written", type=Path, required=True, help="folder of base_train.tsv, base_val.tsv, …"
    )
    parser.add_argument("--squad", type=Path, nargs="+", required=True)
    parser.add_argument("--qamr", type=Path, nargs="+", required=True)
    parser.add_argument("--sentences", type=Path, required=True, help="QAMR's wiki-sentences.tsv")
    parser.add_argument("--out", type=Path, required=True, help="the file to write, JSON Lines")
    arguments = parser.parse_args()
    maker = Claims(seed=1)
    sentences = dict(line.split("\t", 1) for line in arguments.sentences.read_text("utf-8").splitlines())
    rows = [line.split("\t") for file in arguments.qamr for line in file.read_text("utf-8").splitlines()]
    made = [*written(arguments.written), *maker.qamr(rows, sentences)]
    made += [claim for file in arguments.squad for claim in maker.squad(file)]
    with arguments.out.open("w", encoding="utf-8") as file:
        for claim in made:
            file.write(json.dumps(asdict(claim), ensure_ascii=False) + "\n")
    for (origin, held_out), count in sorted(Counter((each.origin, each.held_out) for each in made).items()):
        print(f"{origin:28}{'held out' if held_out else '':10}{count:7}")


if __name__ == "__main__":
    main()
