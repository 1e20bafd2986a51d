"""Does a statement answer the question? It may be true of what it cites and be beside the point."""

from rag.answering.extractive import MUST_BE_THERE
from rag.answering.kinds import Fitness
from rag.answering.lexicon import Lexicon
from rag.answering.sentences import Sentence
from rag.domain import Hit, Statement
from rag.language import tokens
from rag.question import Kind, read_question
from rag.reader import Reader

# Relevance below which a sentence is about another matter. A sentence that a model wrote repeats the question's words
# and has 2 to 11 even when it is false; quotes that answer in words of their own go down to -2.8.
BESIDE_THE_POINT = -3.0
# Where a value is asked for, the cited text must seem to hold the answer. With Qwen2.5-Coder-1.5B on RealTimeQA's
# development questions: -0.6 and more where it does, -2.8 for "1.25 %", a rate of interest given as one of inflation.
FOUND = -2.0
VALUES: tuple[Kind, ...] = ("count", "amount", "date")


class Relevance:
    """Reads the question with the statement and with what it cites, and looks for the kind of thing asked for."""

    def __init__(self, reader: Reader, lexicon: Lexicon) -> None:
        self._reader = reader
        self._lexicon = lexicon

    def answers(self, question: str, statement: Statement, hit: Hit) -> bool:
        """Whether the statement answers the question; `hit` is the passage that it cites."""
        asked, text = read_question(question), statement.text
        sentence = Sentence(
            hit=hit, rank=0, start=0, end=len(text), text=text, tokens=tuple(tokens(text)), context=()
        )
        # A sentence that a model wrote on what happened on a day does not repeat the day.
        if (
            asked.kind in MUST_BE_THERE
            and asked.kind != "event"
            and Fitness(asked, self._lexicon).of(sentence) == 0.0
        ):
            return False
        cited = " ".join(citation.quote for citation in statement.citations[:1])
        said, found = self._reader.read(asked.text, [text, cited])
        return said.relevance >= BESIDE_THE_POINT and (asked.kind not in VALUES or found.margin >= FOUND)
