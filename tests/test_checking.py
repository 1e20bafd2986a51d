"""A drafted sentence against the passages."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rag.answering.checking import AskedBack, Checker, ModelVerifier
from rag.answering.citations import DraftSentence
from rag.answering.verification.verifier import Verification
from rag.domain import Article, Hit, Passage
from rag.prompts import Prompt
from rag.sentences import Span


class Said:
    """Supports what stands in a text, and contradicts what the text denies. Remembers what it was asked."""

    def __init__(self) -> None:
        self.claims: list[str] = []
        self.background: list[str] = []

    def read(self, contexts: Sequence[str]) -> None:
        """Nothing to read ahead."""

    def verify(self, claim: str, contexts: Sequence[str], *, background: Sequence[str] = ()) -> Verification:
        self.claims.append(claim)
        self.background = list(background)
        if any(f"not: {claim}" in context for context in contexts):
            return Verification(verdict="contradicted", score=0.05, reason="the passage says the opposite")
        if any(claim in context for context in contexts):
            return Verification(verdict="supported", score=0.9, reason="it says so")
        return Verification(verdict="unsupported", score=0.2, reason="nothing of the kind")

    def locate(self, claim: str, context: str, *, supported: bool = True) -> Span | None:
        start = context.find(claim)
        return (start, start + len(claim)) if start >= 0 else None

    def rank(self, claim: str, sentences: Sequence[str]) -> list[int]:
        return sorted(range(len(sentences)), key=lambda place: claim.split()[-1] not in sentences[place])


def hit(text: str, article_id: str = "a") -> Hit:
    article = Article(id=article_id, text=f"Header. {text}", sha256="0", title="Title", source="AP")
    passage = Passage(id=article_id, article_id=article_id, start=8, end=8 + len(text), text=text)
    return Hit(passage=passage, article=article, score=1)


RAID, TALKS = (
    hit("Rain fell. Twenty civilians were killed.", "raid"),
    hit("The two sides held talks.", "talks"),
)
KILLED = "Twenty civilians were killed."


def test_the_citation_is_the_narrowest_span_in_the_articles_own_offsets():
    checked = Checker(Said(), others=5).check(DraftSentence(KILLED, (1,)), [RAID, TALKS], question="Who?")

    (citation,) = checked.statement.citations
    assert RAID.article.text[citation.start : citation.end] == citation.quote == KILLED
    assert checked.hits == (RAID,)


def test_where_no_span_is_found_the_passage_is_cited():
    class Nowhere(Said):
        def locate(self, claim: str, context: str, *, supported: bool = True) -> Span | None:
            return None

    checked = Checker(Nowhere(), others=5).check(DraftSentence(KILLED, (1,)), [RAID], question="Who?")

    assert checked.statement.citations[0].quote == RAID.passage.text


@pytest.mark.parametrize(
    ("text", "verdict", "reason"),
    [
        ("Civilians killed: twenty.", "supported", "it says so"),
        ("AP: twenty civilians killed.", "supported", "it says so"),
        ("Twenty civilians were killed recently.", "partly", "what it cites has no 'recently'"),
        ("Several civilians were killed.", "partly", "what it cites has no 'Several'"),
    ],
)
def test_a_word_of_its_own_makes_a_sentence_partly_supported_where_that_is_asked(
    text: str, verdict: str, reason: str
) -> None:
    class Lenient(Said):
        def verify(self, *_: object, **__: object) -> Verification:
            return Verification(verdict="supported", score=0.9, reason="it says so")

    found = [
        Checker(Lenient(), others=5, literal=literal)
        .check(DraftSentence(text, (1,)), [RAID], question="Who?")
        .statement
        for literal in (True, False)
    ]

    assert [(one.verdict, one.reason) for one in found] == [(verdict, reason), ("supported", "it says so")]


def test_what_it_does_not_quite_say_can_be_had_in_its_own_words():
    checker = Checker(Said(), others=5)
    one = checker.check(DraftSentence("Some were killed.", (1,)), [RAID, TALKS], question="Who?")

    (quote,) = checker.quotes(one, question="Who?")

    assert one.statement.verdict == "unsupported"
    assert (quote.statement.text, quote.statement.verdict) == (KILLED, "supported")
    assert quote.statement.reason is None
    (citation,) = quote.statement.citations
    assert RAID.article.text[citation.start : citation.end] == citation.quote == KILLED


def test_the_nearest_sentence_comes_before_the_run_that_was_located():
    class Both(Said):
        def locate(self, claim: str, context: str, *, supported: bool = True) -> Span | None:
            return 0, len(context)

    checker = Checker(Both(), others=5)
    one = checker.check(DraftSentence("Some were killed.", (1,)), [RAID], question="Who?")

    assert [quote.statement.text for quote in checker.quotes(one, question="Who?")] == [
        KILLED,
        "Rain fell. Twenty civilians were killed.",
    ]


def test_a_sentence_has_a_word_of_its_own_when_it_stands_elsewhere_in_the_passage():
    class Lenient(Said):
        def verify(self, *_: object, **__: object) -> Verification:
            return Verification(verdict="supported", score=0.9, reason="it says so")

        def locate(self, claim: str, context: str, *, supported: bool = True) -> Span | None:
            return 0, len("Rain fell.")

    draft = DraftSentence("Rain fell on civilians there.", (1,))
    one = Checker(Lenient(), others=5, literal=True).check(draft, [RAID], question="Who?")

    assert (one.statement.verdict, one.statement.reason) == ("partly", "what it cites has no 'civilians'")


def test_a_wrong_mark_is_repaired():
    checked = Checker(Said(), others=5).check(DraftSentence(KILLED, (2,)), [RAID, TALKS], question="Who?")

    assert [citation.article_id for citation in checked.statement.citations] == ["raid"]


@pytest.mark.parametrize("marks", [(1,), ()])
@pytest.mark.parametrize(
    ("claim", "verdict"), [(KILLED, "contradicted"), ("The two sides held talks.", "supported")]
)
def test_no_other_passage_is_cited_for_what_some_passage_contradicts(
    claim: str, verdict: str, marks: tuple[int, ...]
):
    denial = hit(f"It is not: {KILLED}", "denial")

    statement = (
        Checker(Said(), others=5)
        .check(DraftSentence(claim, marks), [denial, RAID, TALKS], question="?")
        .statement
    )

    assert statement.verdict == verdict


class Quoting(Said):
    def verify(self, claim: str, contexts: Sequence[str], *, background: Sequence[str] = ()) -> Verification:
        found = super().verify(claim, contexts, background=background)
        return replace(found, score=1.0) if found.verdict == "supported" else found


@pytest.mark.parametrize("text", [KILLED, "Twenty killed."])
def test_for_what_its_own_passage_contradicts_only_passages_that_have_it_word_for_word_are_tried(text: str):
    verifier = Quoting()
    claim = text if text == KILLED else f"Who? {text}"
    denial, quoting = hit(f"It is not: {claim}", "denial"), hit(f"Rain fell. {claim}", "quoting")

    checked = Checker(verifier, others=3).check(
        DraftSentence(text, (1,)), [denial, TALKS, TALKS, quoting], question="Who?"
    )

    assert checked.hits == (quoting,)
    assert len(verifier.claims) == 2


def test_a_quote_behind_the_passages_that_may_be_tried_is_not_looked_for():
    denial = hit(f"It is not: {KILLED}", "denial")

    checked = Checker(Quoting(), others=2).check(
        DraftSentence(KILLED, (1,)), [denial, TALKS, TALKS, RAID], question="Who?"
    )

    assert checked.statement.verdict == "contradicted"


def test_no_more_passages_are_tried_than_allowed():
    verifier = Said()

    checked = Checker(verifier, others=1).check(
        DraftSentence(KILLED, (2,)), [TALKS, TALKS, hit("A.", "b"), RAID], question="Who?"
    )

    assert checked.statement.verdict == "unsupported"
    assert len(verifier.claims) == 2


def test_a_contradicted_sentence_shows_what_contradicts_it():
    against = hit(f"It is not: {KILLED} That was denied.", "denial")

    statement = (
        Checker(Said(), others=5).check(DraftSentence(KILLED, (1,)), [against], question="Who?").statement
    )

    assert statement.verdict == "contradicted"
    assert statement.reason == "the passage says the opposite"
    assert [citation.article_id for citation in statement.citations] == ["denial"]


@pytest.mark.parametrize(("text", "claim"), [("Friday.", "When? Friday."), (KILLED, KILLED)])
def test_a_fragment_is_read_together_with_the_question(text: str, claim: str):
    verifier = Said()

    Checker(verifier, others=0).check(DraftSentence(text, (1,)), [RAID], question="When?")

    assert verifier.claims == [claim]


def test_the_articles_title_and_source_are_background():
    verifier = Said()

    Checker(verifier, others=0).check(DraftSentence(KILLED, (1,)), [RAID], question="Who?")

    assert verifier.background == ["Title", "AP"]


@pytest.mark.parametrize(
    ("chance", "verdict"), [(0.9, "supported"), (0.6, "supported"), (0.5, "partly"), (0.1, "unsupported")]
)
def test_a_model_supports_what_it_is_sure_of(chance: float, verdict: str):
    prompts: list[Prompt] = []

    def answer(prompt: Prompt) -> float:
        prompts.append(prompt)
        return chance

    found = ModelVerifier(Said(), answer).verify(KILLED, [RAID.passage.text], background=["Title"])

    assert (found.verdict, found.score) == (verdict, chance)
    assert f"<passage>\n{KILLED}\n</passage>" in prompts[0].user
    assert "Title" not in prompts[0].user


@pytest.mark.parametrize(
    ("claim", "chance", "verdict", "asked"),
    [
        (KILLED, 0.9, "supported", 1),
        (KILLED, 0.5, "partly", 1),
        (KILLED, 0.1, "unsupported", 1),
        ("France won.", 0.9, "unsupported", 0),
    ],
)
def test_what_the_rules_let_pass_must_be_confirmed(claim: str, chance: float, verdict: str, asked: int):
    prompts: list[Prompt] = []

    def answer(prompt: Prompt) -> float:
        prompts.append(prompt)
        return chance

    rules = Said()
    found = AskedBack(rules, ModelVerifier(rules, answer)).verify(claim, [RAID.passage.text])

    assert found.verdict == verdict
    assert len(prompts) == asked


@pytest.mark.parametrize(("entailed", "verdict", "asked"), [(0.9, "partly", 0), (1.0, "supported", 1)])
def test_what_is_not_plainly_entailed_is_not_asked_about(entailed: float, verdict: str, asked: int):
    class Judged(Said):
        def verify(
            self, claim: str, contexts: Sequence[str], *, background: Sequence[str] = ()
        ) -> Verification:
            return replace(super().verify(claim, contexts), entailed=entailed)

    prompts: list[Prompt] = []
    rules = Judged()
    asking = AskedBack(rules, ModelVerifier(rules, lambda prompt: prompts.append(prompt) or 0.9))

    assert asking.verify(KILLED, [RAID.passage.text]).verdict == verdict
    assert len(prompts) == asked
