"""Does a statement answer the question? It may be true of what it cites and be beside the point."""

from rag.answering.comparing import compares, read_of_one
from rag.answering.extractive import KNOWN, MUST_BE_THERE, ExtractiveAnswerer, may_answer, share_known
from rag.answering.kinds import Fitness, new_names
from rag.answering.lexicon import Lexicon
from rag.answering.sentences import Sentence, sentences_of
from rag.domain import Hit, Statement
from rag.language import tokens
from rag.question import Kind, Question, read_question
from rag.reader import Reader

# Relevance below which a sentence is about another matter. A sentence that a model wrote repeats the question's words
# and has 2 to 11 even when it is false; quotes that answer in words of their own go down to -2.8.
BESIDE_THE_POINT = -3.0
# Where a value is asked for, the cited text must seem to hold the answer (margin), or else be of the same matter
# (relevance): 3.7 and -0.3 for "killed" where lives lost are asked for, -7.3 and -1.7 for lives that a raid cost; -9.1
# and -8.6 for "1.25%", a rate of interest, where prices are asked for.
FOUND, SAME_MATTER = -2.0, -5.0
VALUES: tuple[Kind, ...] = ("count", "amount", "date")
# Confidence from which a sentence that the model did not choose itself, but that stands where it read, is taken for an
# answer. Of 52 questions on BBC and BASIL articles with Qwen2.5-Coder-1.5B: .425, as without a model, gives 29 right
# answers and 8 wrong ones, .55 gives 28 and 7, .7 gives 28 and 4.
SURELY = 0.7


class Relevance:
    """Reads the question with the statement and with what it cites, and looks for the kind of thing asked for."""

    def __init__(self, reader: Reader, lexicon: Lexicon) -> None:
        self._reader = reader
        self._lexicon = lexicon
        self._extractive = ExtractiveAnswerer(reader, lexicon)

    def answers(self, question: str, statement: Statement, hit: Hit) -> bool:
        """Whether the statement answers the question; `hit` is the passage that it cites."""
        asked, text = _read(question), statement.text
        if share_known(asked, hit.article) < KNOWN or not self._is_of_its_kind(asked, statement, hit):
            return False
        cited = " ".join(citation.quote for citation in statement.citations[:1])
        said, found = self._reader.read(asked.text, [text, cited])
        holds = found.margin >= FOUND or found.relevance >= SAME_MATTER
        return said.relevance >= BESIDE_THE_POINT and (asked.kind not in VALUES or holds)

    def surely_answers(self, question: str, quote: Statement, hit: Hit) -> bool:
        """Whether a quotation that nobody but the house has chosen answers the question; it is one of the passage."""
        asked = _read(question)
        quoted = {sentence.start for sentence in _cited(quote, hit)}
        return self.answers(question, quote, hit) and any(
            may_answer(asked, each) and each.confidence >= SURELY
            for each in self._extractive.weigh(asked, sentences_of([hit]))
            if each.sentence.start in quoted
        )

    def _is_of_its_kind(self, asked: Question, statement: Statement, hit: Hit) -> bool:
        """Whether the statement has what is asked for; whose words it gives is read off what it cites.

        A sentence that a model wrote on what happened on a day does not repeat the day.
        """
        if asked.wants_name and not new_names(asked, statement.text):
            return False
        if asked.kind not in MUST_BE_THERE or asked.kind == "event":
            return True
        fitness = Fitness(asked, self._lexicon)
        if asked.kind == "speech":
            return any(fitness.of(sentence) > 0.0 for sentence in _cited(statement, hit))
        text = statement.text
        sentence = Sentence(
            hit=hit, rank=0, start=0, end=len(text), text=text, tokens=tuple(tokens(text)), context=()
        )
        return fitness.of(sentence) > 0.0


def _read(question: str) -> Question:
    return (read_of_one if compares(question) else read_question)(question)


def _cited(statement: Statement, hit: Hit) -> list[Sentence]:
    """The sentences of the passage that the statement cites."""
    places = [(each.start, each.end) for each in statement.citations if each.article_id == hit.article.id]
    return [
        sentence
        for sentence in sentences_of([hit])
        if any(start < sentence.end and sentence.start < end for start, end in places)
    ]
