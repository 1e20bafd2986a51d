"""Where the articles that bear on a question give different answers to it.

Each passage is searched for values of the kind asked for: a number for "how many", a day for "when", a name for "who",
yes or no for "did". A value weighs as much as its sentence answers the question (the reader) and as near as it
stands to the words of the question. The value with the most weight over all articles is one side; the other sides are
values that weigh enough in articles that do not have the first at all. So one article that names several people is no
conflict, and two that name different ones are.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from rag.answering.comparing import compares, read_of_one
from rag.answering.cues import DEAD, HURT
from rag.answering.kinds import Fitness, new_names
from rag.answering.lexicon import Lexicon
from rag.answering.origins import origins_of
from rag.answering.polarity import stance
from rag.answering.proposition import Proposition, read_proposition
from rag.answering.sentences import Sentence, sentences_of
from rag.answering.values import Amount, Day, Typed, YesNo, agree, amount, name, written
from rag.dates import find_dates
from rag.domain import Article, Citation, Conflict, Hit, Value
from rag.header import dateline_length
from rag.language import Number, numbers, tokens
from rag.question import Kind, Question, read_question
from rag.reader import Reader
from rag.telling import day_in_words

# Weight from which a value is another side: among passages that all bear on the question, as a benchmark gives them, or
# for a name that an article of the story calls by the very noun asked for ("X village"); among articles of one story,
# which tell of much else; and among articles of which nothing is known. The first was chosen on RGB and RAMDocs,
# development halves, the others on FA-KES (docs/benchmarks.md).
SIDE, SIDE_IN_STORY, SIDE_ELSEWHERE = 0.1, 0.3, 0.5
SIDES = 4
CITED = 3  # sentences for one value
READ = 40  # sentences that the reader reads
NEAR = 40  # characters over which nearness to the question's words falls to a third
HALF = 2.0  # logit at which a sentence counts half
PLACED = 0.3  # weight of a name that stands where places do, when a person is asked for
LONGEST_ASPECT = 90  # characters of the question that a sentence about its answers repeats
_MEASURES = frozenset(
    "population age length height area distance elevation size weight cost price depth number".split()
)
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_DATED = re.compile(r"\d{4}(?:-\d\d){0,2}")
# What names a body of people rather than a place.
_BODIES = frozenset(
    """council ministry minister nations army force forces observatory agency committee front party coalition government
    union organization organisation group command network news tv radio""".split()
)
# Stems of what befalls those counted, by what is the same.
_DEEDS = {
    stem: deed
    for deed, stems in {
        "dead": DEAD | frozenset("martyr claim toll live behead".split()),
        "hurt": HURT,
        "held": frozenset("arrest detain captur kidnap abduct hostag held seiz".split()),
        "gone": frozenset("flee fled displac evacu left cross return".split()),
        "lost": frozenset("miss unaccount".split()),
    }.items()
    for stem in stems
}
# A number behind this counts some of them, or others.
_PART = re.compile(
    r"\b(?:another|a further|further|includ\w+|among (?:them|the (?:dead|victims))(?: \w+){0,2}|of (?:whom|them|which))"
    r"(?: at least| some| about)?\s+$",
    re.IGNORECASE,
)
_COUNTS_NEXT = re.compile(
    r"\s+(?:at least |more than |about |some |another )?(?:\d|(?:one|two|three|four|five|six|seven|eight"
    r"|nine|ten|eleven|twelve|dozens|scores|hundreds)\b)"
)
_PLACE_BEFORE = re.compile(r"\b(?:in|at|near|outside|across)\s+(?:the\s+)?$")
_PEOPLE = re.compile(
    r"^(?:Arab|Kurdish|French|Greek|Dutch|\w{2,}(?:ian|ians|ish|ese|iot|qi|eli|emeni|audi))$"
)
# A question whose subject is asked for reads on as it stands: "who won the vote", "which village was hit".
_SUBJECT_ASKED = re.compile(
    r"^(?:who (?!did|does|do|has|have|had)|(?:which|what|how many) (?!is|was|are|were|did|does|do)\w+ (?:\w+ )?"
    r"(?:(?:was|were|is|are|has|have|had) (?:been )?[a-z]+(?:ed|en|t|n)\b|[a-z]{3,}ed\b"
    r"|(?:won|lost|fell|took|hit|left|led|held|struck)\b))",
    re.IGNORECASE,
)
_NOUNS: dict[Kind, str] = {
    "count": "the number", "amount": "the figure", "date": "the date", "place": "the place", "person": "the name",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A value that a sentence gives."""

    value: Typed
    text: str  # as the sentence has it between `start` and `end`, or "yes" or "no"
    start: int  # of the words that give the value
    end: int
    sentence: Sentence
    weight: float = 0.0  # 0–1: how far it answers the question
    is_called: bool = False  # by the noun asked for: "X village" for "which village"

    @property
    def article(self) -> Article:
        return self.sentence.hit.article


class Conflicts:
    """Compares what articles say."""

    def __init__(self, reader: Reader, lexicon: Lexicon) -> None:
        self._reader = reader
        self._lexicon = lexicon

    def find(self, question: str, hits: Sequence[Hit]) -> tuple[Conflict, ...]:
        """The conflict of these articles over the answer to a question, if there is one.

        Where stories are known only articles of one story are compared, or, with more caution, all.
        """
        asked = read_of_one(question) if compares(question) else read_question(question)
        given = self._weighed(asked, hits)
        groups = [(hits, SIDE)]
        if any(hit.story for hit in hits):
            stories = dict.fromkeys(hit.story for hit in hits if hit.story)
            groups = [([hit for hit in hits if hit.story == story], SIDE_IN_STORY) for story in stories]
            groups.append((hits, SIDE_ELSEWHERE))
        for some, least in groups:
            articles = {hit.article.id for hit in some}
            sides = _sides([each for each in given if each.article.id in articles], least)
            if len(sides) > 1:
                return (_conflict(asked, sides, hits),)
        return ()

    def _weighed(self, question: Question, hits: Sequence[Hit]) -> list[Given]:
        kind = _kind(question)
        fitness = Fitness(question, self._lexicon)
        find = _FINDERS.get(kind, _nothing)
        if kind == "yes_no":
            find = partial(_stances, proposition=read_proposition(question.text), lexicon=self._lexicon)
        given = [
            each
            for sentence in sentences_of(hits)
            for each in _given(question, kind, sentence, find(question, sentence, fitness))
        ]
        best: dict[int, tuple[float, Sentence]] = {}
        for each in given:
            near = max(_nearness(question, each), best.get(id(each.sentence), (0.0,))[0])
            best[id(each.sentence)] = near, each.sentence
        read = sorted(best.values(), key=lambda found: -found[0])[:READ]
        scores = self._reader.relevance(question.text, [sentence.text for _, sentence in read])
        answers = {
            id(sentence): 1 / (1 + math.exp((HALF - float(score)) / 2))
            for (_, sentence), score in zip(read, scores, strict=True)
        }
        return [
            replace(
                each,
                weight=each.weight * answers[id(each.sentence)] * (0.4 + 0.6 * _nearness(question, each)),
            )
            for each in given
            if id(each.sentence) in answers
        ]


def _kind(question: Question) -> Kind:
    measured = any(word.text.lower() in _MEASURES for word in question.terms)
    return "amount" if question.kind == "thing" and measured else question.kind


# Of each value found: where it stands, and how far it is bound to what is asked.
Found = Iterator[tuple[Typed, tuple[int, int], float]]


def _given(question: Question, kind: Kind, sentence: Sentence, found: Found) -> Iterator[Given]:
    """The values of a sentence that can answer a question, weighed by how they are bound to what it asks for."""
    opening = dateline_length(sentence.text)  # says where and when the report was written
    for value, (start, end), bound in found:
        if start < opening:
            continue
        yield Given(
            value=value,
            text=str(value) if isinstance(value, YesNo) else sentence.text[start:end],
            start=start,
            end=end,
            sentence=sentence,
            weight=bound,
            is_called=kind == "place" and bool(question.focus) and bound == 1.0,
        )


def _counts(question: Question, sentence: Sentence, fitness: Fitness) -> Found:
    wanted = [word for word in question.terms if word.stem in _DEEDS]
    for number, bound in fitness.counts(sentence):
        deed = _deed(sentence, number)
        kin = not wanted or deed is None or any(_DEEDS[deed] == _DEEDS[word.stem] for word in wanted)
        if _PART.search(sentence.text[: number.start]) or not kin:
            continue
        yield amount(sentence.text, number), written(sentence.text, number), bound


def _deed(sentence: Sentence, number: Number) -> str | None:
    """What befell those counted: the stem right before the number, else behind it, else further before."""
    words = sentence.tokens
    first = next((place for place, word in enumerate(words) if word.start >= number.start), len(words))
    behind = next((place for place, word in enumerate(words) if word.start >= number.end), len(words))
    close = [word.stem for word in words[max(0, first - 4) : first]]
    after: list[str] = []
    for place in range(behind, min(behind + 7, len(words))):
        # "20 people and wounded 30": what stands right before another number belongs to that one
        if words[place].stem in _DEEDS and _COUNTS_NEXT.match(sentence.text, words[place].end):
            break
        after.append(words[place].stem)
    before = [word.stem for word in words[max(0, first - 8) : first]]
    for stems in (close[::-1], after, before[::-1]):
        if found := next((stem for stem in stems if stem in _DEEDS), None):
            return found
    return None


def _amounts(question: Question, sentence: Sentence, fitness: Fitness) -> Found:
    for number in numbers(sentence.text):
        if not math.isnan(number.value) and not _YEAR.fullmatch(sentence.text[number.start : number.end]):
            yield amount(sentence.text, number), written(sentence.text, number), 1.0


def _days(question: Question, sentence: Sentence, fitness: Fitness) -> Found:
    for time in find_dates(sentence.text, sentence.hit.article.published):
        if _DATED.fullmatch(time.value):
            yield Day(time.value), (time.start, time.end), 1.0


def _places(question: Question, sentence: Sentence, fitness: Fitness) -> Found:
    for (start, end), called in fitness.places(sentence):
        words = tokens(sentence.text[start:end])
        other = any(word.text.lower() in _BODIES for word in words) or all(
            _PEOPLE.search(word.text) for word in words
        )
        if not other and (value := name(sentence.text[start:end], question.terms)):
            yield value, (start, end), called


def _names(question: Question, sentence: Sentence, fitness: Fitness) -> Found:
    for start, end in new_names(question, sentence.text):
        if value := name(sentence.text[start:end], question.terms):
            is_place = question.kind == "person" and _PLACE_BEFORE.search(sentence.text[:start])
            yield value, (start, end), PLACED if is_place else 1.0


def _stances(
    question: Question,
    sentence: Sentence,
    fitness: Fitness,
    *,
    proposition: Proposition | None,
    lexicon: Lexicon,
) -> Found:
    if proposition and (found := stance(proposition, sentence, lexicon)):
        yield YesNo(found.is_yes), (found.start, found.end), found.bound


def _nothing(question: Question, sentence: Sentence, fitness: Fitness) -> Found:
    return iter(())


_FINDERS: dict[Kind, Callable[[Question, Sentence, Fitness], Found]] = {
    "count": _counts,
    "amount": _amounts,
    "date": _days,
    "place": _places,
    "person": _names,
    "thing": _names,
}


def _nearness(question: Question, given: Given) -> float:
    """0–1: how near a value stands to the words of the question, on average."""
    stems = {word.stem for word in question.terms}
    far = dict.fromkeys(stems, math.inf)
    for word in given.sentence.tokens:
        if word.stem in far:
            apart = min(abs(word.start - given.end), abs(given.start - word.end))
            far[word.stem] = min(far[word.stem], apart)
    return sum(math.exp(-each / NEAR) for each in far.values()) / len(far) if far else 0.0


def _sides(given: Sequence[Given], least: float) -> list[list[Given]]:
    """What agrees put together: the value with the most weight, then those of articles that do not have it."""
    groups: list[list[Given]] = []
    for each in sorted(given, key=lambda each: (-each.weight, each.article.id, each.start)):
        group = next(
            (group for group in groups if any(agree(each.value, other.value) for other in group)), None
        )
        if group is None:
            groups.append([each])
        else:
            group.append(each)
    groups.sort(key=lambda group: -sum(_by_article(group).values()))
    sides = groups[:1]
    for group in groups[1:]:
        elsewhere = [
            each for each in group if not any(each.article.id in _by_article(side) for side in sides)
        ]
        one_story = least <= SIDE_IN_STORY
        called = one_story and all(any(each.is_called for each in some) for some in (sides[0], elsewhere))
        if len(sides) < SIDES and max(_by_article(elsewhere).values(), default=0.0) >= (
            SIDE if called else least
        ):
            sides.append(elsewhere)
    return sides


def _by_article(group: Sequence[Given]) -> dict[str, float]:
    """The most that a value weighs in each article."""
    weights: dict[str, float] = {}
    for each in group:
        weights[each.article.id] = max(each.weight, weights.get(each.article.id, 0.0))
    return weights


def _conflict(question: Question, sides: Sequence[Sequence[Given]], hits: Sequence[Hit]) -> Conflict:
    values = tuple(_value(side, hits) for side in sides)
    aspect = _aspect(question)
    revised = _revised(sides)
    told = " or ".join(f"{value.text} ({_reports(value.citations)})" for value in values)
    if revised:
        told = ", later ".join(f"{side[0].text} ({_day(side)})" for side in revised)
        return Conflict(
            aspect=aspect, kind="update", values=values, sentence=f"Reports revise {aspect}: {told}."
        )
    return Conflict(
        aspect=aspect, kind="contradiction", values=values, sentence=f"Sources differ on {aspect}: {told}."
    )


def _value(side: Sequence[Given], hits: Sequence[Hit]) -> Value:
    best: dict[str, Given] = {}
    for each in sorted(side, key=lambda each: -each.weight):
        best.setdefault(each.article.id, each)
    citations = tuple(each.sentence.cite() for each in best.values())[:CITED]
    return Value(text=side[0].text, citations=citations, origins=origins_of(citations, hits))


def _aspect(question: Question) -> str:
    """What is asked, as part of a sentence: "how many people were killed", or "the date"."""
    text = question.text.strip().rstrip("?").strip()
    if len(text) <= LONGEST_ASPECT and (proposition := read_proposition(question.text)):
        return proposition.aspect
    if _SUBJECT_ASKED.match(text) and len(text) <= LONGEST_ASPECT:
        return text[0].lower() + text[1:]
    focus = " ".join(word.text for word in question.focus)
    return f"the {focus}" if focus else _NOUNS.get(_kind(question), "the answer")


def _reports(citations: Sequence[Citation]) -> str:
    return ", ".join(
        dict.fromkeys(
            f"{each.source or f'article {each.article_id}'}"
            + (f", {day_in_words(each.published)}" if each.published else "")
            for each in citations
        )
    )


def _revised(sides: Sequence[Sequence[Given]]) -> list[Sequence[Given]] | None:
    """The sides in order of time where each later report gives a higher count; None: that is not so.

    A toll grows as bodies are found; reports of one day, or a later one that is lower, contradict each other.
    """
    if not all(isinstance(each.value, Amount) and not each.value.unit for side in sides for each in side):
        return None
    days = [[each.article.published for each in side] for side in sides]
    if any(day is None for side in days for day in side):
        return None
    ordered = sorted(sides, key=lambda side: _count(side))
    for earlier, later in pairwise(ordered):
        last = max(each.article.published for each in earlier if each.article.published)
        first = min(each.article.published for each in later if each.article.published)
        if first <= last:
            return None
    return ordered


def _count(side: Sequence[Given]) -> float:
    value = side[0].value
    return value.low if isinstance(value, Amount) else 0.0


def _day(side: Sequence[Given]) -> str:
    published = min(each.article.published for each in side if each.article.published)
    return day_in_words(published)
