"""Does a sentence answer the question? It may be true of what it cites and be beside the point."""

from rag.answering.extractive import MUST_BE_THERE
from rag.answering.kinds import Fitness
from rag.answering.lexicon import Lexicon
from rag.answering.sentences import Sentence
from rag.domain import Hit
from rag.language import tokens
from rag.question import read_question
from rag.reader import Reader

# Logit of the reader below which a sentence is about another matter. A sentence that a model wrote repeats the
# question's words and has 2 to 11 even when it is false; quotes that answer in words of their own go down to -2.8.
OTHER_MATTER = -3.0


class Relevance:
    """Reads question and sentence together, and looks for the kind of thing asked for: a day for "when"."""

    def __init__(self, reader: Reader, lexicon: Lexicon) -> None:
        self._reader = reader
        self._lexicon = lexicon

    def answers(self, question: str, text: str, hit: Hit) -> bool:
        """Whether the text answers the question; `hit` is what it cites."""
        asked = read_question(question)
        sentence = Sentence(
            hit=hit, rank=0, start=0, end=len(text), text=text, tokens=tuple(tokens(text)), context=()
        )
        if asked.kind in MUST_BE_THERE and Fitness(asked, self._lexicon).of(sentence) == 0.0:
            return False
        return bool(self._reader.rank(question, [text])[0] >= OTHER_MATTER)
