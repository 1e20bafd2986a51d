"""Checking sentences against what they cite, with the bundled models."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answering.verification import THRESHOLD, Verification, Verifier
from rag.answering.verification.reading import Reader
from rag.answering.verification.scorer import Scorer
from rag.answering.verification.speech import listen, other_speaker, same_speaker, speeches, subject
from rag.answering.verification.thesaurus import ADJECTIVE, NOUN, VERB, Thesaurus, thesaurus
from rag.answering.verification.verifier import is_quote
from rag.embeddings import MiniLMEmbedder
from rag.entailment import Entailment
from rag.sentences import split_sentences

SEEDS = Path(__file__).parent.parent / "seeds"
LETTERS = (SEEDS / "000_78fe00e81fe7418c.txt").read_text("utf-8").split("date 2019-01-20 ", 1)[1]
TOLL = (
    "Local sources, speaking on condition of anonymity, told Syria’s official news agency SANA on Friday that "
    "20 people were killed when US-led warplanes bombarded residential buildings in the village, Presstv reported."
)


@pytest.fixture(scope="module")
def encoder() -> MiniLMEmbedder:
    return MiniLMEmbedder()


@pytest.fixture(scope="module")
def verifier(encoder: MiniLMEmbedder) -> Verifier:
    return Verifier(encoder, Entailment())


# What must never be shown as supported


def test_a_true_sentence_that_the_passage_is_not_about_is_unsupported(verifier: Verifier) -> None:
    found = verifier.verify("The 2018 World Cup was won by France.", [LETTERS])

    assert found.verdict == "unsupported"
    assert found.score < THRESHOLD


@pytest.mark.parametrize(
    "claim",
    [
        "The US said in response that the airstrikes were targeting civilian and critical infrastructure",
        "The US said the coalition was 'rogue'",
    ],
)
def test_words_given_to_another_speaker_are_not_supported(verifier: Verifier, claim: str) -> None:
    found = verifier.verify(claim, [LETTERS])

    assert found.verdict == "contradicted"
    assert found.score < THRESHOLD
    assert "'The US'" in found.reason


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("SANA said that 23 people were killed in the village.", "the passage gives 20, the sentence 23"),
        ("SANA said that 20 people were killed on Monday.", "the passage gives Friday, the sentence Monday"),
        ("20 people were killed in Aleppo.", "the passage does not name 'Aleppo'"),
        ("US-led warplanes spared residential buildings in 1987.", "the passage does not give 1987"),
        ("Russia's warplanes bombarded residential buildings.", "the passage does not name 'Russia'"),
        ("SANA said that 20 people were injured.", "the passage says 'killed', the sentence 'injured'"),
    ],
)
def test_the_reason_says_what_is_wrong(verifier: Verifier, claim: str, reason: str) -> None:
    found = verifier.verify(claim, [TOLL])

    assert found.reason == reason
    assert found.verdict != "supported"
    assert found.score < THRESHOLD


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        (
            "The carmaker last week recalled thousands of cars.",
            "the passage says 'last week', the sentence 'this week'",
        ),
        ("In September the carmaker recalled thousands of cars.", "the passage does not say 'this week'"),
        ("The carmaker recalled thousands of cars on Tuesday.", None),
    ],
)
def test_this_week_is_not_last_week(verifier: Verifier, context: str, reason: str | None) -> None:
    found = verifier.verify("The carmaker recalled thousands of cars this week.", [context])

    if reason is None:  # Tuesday may be of this week; it is left to the scorer
        assert "'this week'" not in found.reason
    else:
        assert (found.verdict, found.reason) == ("partly", reason)


def test_an_opposite_contradicts(verifier: Verifier) -> None:
    found = verifier.verify(
        "Oil prices fell sharply on Monday.", ["Oil prices rose sharply on Monday, traders said."]
    )

    assert found == Verification(
        verdict="contradicted", score=found.score, reason="the passage says 'rose', the sentence 'fell'"
    )


NO_HITTER = "Four pitchers threw the first combined no-hitter in World Series history on Wednesday."


def test_a_superlative_of_more_than_the_passage_says_is_not_supported(verifier: Verifier) -> None:
    claim = "Four pitchers threw the first no-hitter in World Series history."

    found = verifier.verify(claim, [NO_HITTER])

    assert found.verdict != "supported"
    assert found.reason == "the passage says 'first combined no-hitter', the sentence 'first no-hitter'"


def test_a_superlative_since_some_time_is_not_one_of_all_time(verifier: Verifier) -> None:
    found = verifier.verify(
        "It was the first rise in rates.",
        ["It was the first monthly rise in rates since 2008, the bank said."],
    )

    assert found.verdict != "supported"
    assert (
        found.reason == "the passage says 'first monthly rise in rates since 2008', the sentence 'first rise'"
    )


FUND = (
    "She launched the fund, which raised £1m in less than 24 hours, and has gone on to raise more than £7m."
)


def test_what_came_together_in_some_time_is_not_the_whole(verifier: Verifier) -> None:
    found = verifier.verify("The fund raised £1m.", [FUND])

    assert found.verdict != "supported"
    assert found.reason == "the passage gives £1m in less than 24 hours and £7m besides, the sentence £1m"
    assert verifier.verify("The fund raised £1m in less than 24 hours.", [FUND]).verdict == "supported"


@pytest.mark.parametrize(
    ("claim", "context"),
    [
        ("Four pitchers threw the first combined no-hitter in World Series history.", NO_HITTER),
        (
            "She is the first woman to lead the bank.",
            "She became the first woman ever to lead the central bank.",
        ),
    ],
)
def test_a_superlative_of_as_much_is_supported(verifier: Verifier, claim: str, context: str) -> None:
    assert verifier.verify(claim, [context]).verdict == "supported"


@pytest.mark.parametrize(
    ("claim", "context"),
    [
        (
            "The storm killed 20 people in Homs.",
            "The storm in Homs killed 20 people in two days. A similar storm killed 50 people in 2015.",
        ),
        (
            "The attack killed 20 people and wounded 30.",
            "The attack claimed 20 lives and left 30 people wounded.",
        ),
        ("At least 20 people were killed.", "At least another 20 people were killed in the raid."),
    ],
)
def test_the_checks_leave_what_is_said_alone(verifier: Verifier, claim: str, context: str) -> None:
    assert not verifier.refuses(claim, [context])


def test_nothing_cited_supports_nothing(verifier: Verifier) -> None:
    assert verifier.verify("Twenty people died.", []).reason == "nothing is cited"
    assert verifier.verify("Twenty people died.", ["", "…"]).verdict == "unsupported"
    assert verifier.verify("  ", [TOLL]).verdict == "unsupported"


# What is supported


@pytest.mark.parametrize("text", [LETTERS, TOLL])
def test_every_sentence_of_a_passage_is_supported_by_it(verifier: Verifier, text: str) -> None:
    for start, end in split_sentences(text):
        assert verifier.verify(text[start:end], [text]) == Verification(
            verdict="supported", score=1.0, reason="the passage says so word for word"
        )


@pytest.mark.parametrize(
    ("claim", "context", "expected"),
    [
        ("20 people were killed.", "He said 20 people were killed.", True),
        ('It was a "rogue" state', "He said it was: “It was a “rogue” state”.", True),
        ("US-led raids,", "The US‑led\n raids", True),
        ("20 people were killed", "120 people were killed", False),
        ("20 people were killed", "20 people were not killed", False),
        ("", "text", False),
        ("...", "text ...", False),
    ],
)
def test_a_quote_is_known_by_its_words(claim: str, context: str, expected: bool) -> None:
    assert is_quote(claim, context) is expected


@pytest.mark.parametrize(
    "claim",
    [
        "Twenty people were killed when US-led warplanes bombarded residential buildings.",
        "According to SANA, 20 people were killed in the village.",
        "US-led warplanes bombarded residential buildings in the village, killing 20 people, local sources said.",
    ],
)
def test_the_same_in_other_words_is_supported(verifier: Verifier, claim: str) -> None:
    assert verifier.verify(claim, [TOLL]).verdict == "supported"


def test_contexts_are_taken_together(verifier: Verifier) -> None:
    parts = ["Oil prices rose sharply on Monday.", "Gold was unchanged on Monday, traders said."]

    assert (
        verifier.verify("Oil prices rose sharply on Monday, and gold was unchanged.", parts).verdict
        == "supported"
    )
    assert verifier.verify("Oil prices rose sharply on Monday, and gold was unchanged.", parts[:1]).score < 1


def test_background_may_name_what_the_passage_does_not(verifier: Verifier) -> None:
    claim = "Twenty people were killed in Baghouz when US-led warplanes bombarded residential buildings."

    assert "Baghouz" in verifier.verify(claim, [TOLL]).reason
    assert "Baghouz" not in verifier.verify(claim, [TOLL], background=["Air raid on Baghuz kills 20"]).reason


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("SANA said 20 people were killed on 18 January 2019.", None),
        ("SANA said 20 people were killed on January 18.", None),
        ("SANA said 20 people were killed on 17 January 2019.", "the passage does not give 17"),
        ("SANA said 20 people were killed on 31 February 2019.", "the passage does not give 31"),
    ],
)
def test_a_weekday_may_be_spelled_out_as_its_date(verifier: Verifier, claim: str, reason: str | None) -> None:
    found = verifier.verify(claim, [TOLL], background=["2019-01-20"])

    assert found.verdict == "supported" if reason is None else found.reason == reason


@settings(max_examples=30, deadline=None)
@given(claim=st.text(max_size=60), context=st.text(max_size=120))
def test_any_text_gets_a_verdict(verifier: Verifier, claim: str, context: str) -> None:
    found = verifier.verify(claim, [context])

    assert 0 <= found.score <= 1
    assert found.reason
    assert (found.verdict == "supported") == (found.score >= THRESHOLD)


# Where the support is


def test_the_span_is_the_sentence_that_says_it(verifier: Verifier) -> None:
    start, end = verifier.locate("Twenty people died in the village, SANA reported.", LETTERS) or (0, 0)

    assert LETTERS[start:end] == TOLL


def test_the_span_grows_to_neighbours_that_are_needed(verifier: Verifier) -> None:
    text = (
        "The weather was fine. Maria Keller was elected mayor of Bern in March. She resigned on Tuesday over a housing "
        "scandal. Trams ran as usual."
    )
    start, end = verifier.locate(
        "Maria Keller, mayor of Bern, resigned on Tuesday over a housing scandal.", text
    ) or (0, 0)

    assert text[start:end] == text[22:118]


PASTRY = (
    "The chain's newest item for fall has no pumpkin in it. Rather, it is a treat from three decades ago. From 14 "
    "September the chain is bringing back the cheese Danish, filled with cream cheese. Rivals sell waffles. The "
    "chain's cheese Danish goes on sale next week."
)
DELAYS = (
    "Airports that are seeing the most delays include Northfield, Easton and Marley. Friday was one of the worst days "
    "of the summer."
)


def test_the_span_moves_to_where_all_of_it_is_said(verifier: Verifier) -> None:
    start, end = verifier.locate("The chain added a new treat for fall, the cheese Danish.", PASTRY) or (0, 0)

    assert "newest item for fall" in PASTRY[start:end]
    assert "bringing back the cheese Danish" in PASTRY[start:end]


def test_one_of_those_with_the_most_is_not_the_one_with_the_most(verifier: Verifier) -> None:
    found = verifier.verify("Easton has the most delays.", [DELAYS])

    assert found.verdict != "supported"
    assert verifier.verify("Easton is seeing delays.", [DELAYS]).verdict == "supported"


REPLAY = (
    "Berg will miss Leeds's quarter-final replay with Hull because of suspension. He leaves at the end of the season. "
    "But ahead of Wednesday night's quarter-final replay with Hull, Lee has warned his team-mates. Hull won the title."
)


def test_a_likelier_span_that_does_not_say_it_is_passed_over(
    verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = "Wednesday's match is the quarter-final replay of Leeds against Hull."

    start, end = verifier.locate(claim, REPLAY) or (0, 0)
    monkeypatch.setattr("rag.answering.verification.verifier.PLAINLY", -9.0)
    likeliest = verifier.locate(claim, REPLAY)

    assert "Leeds" in REPLAY[start:end]
    assert "Wednesday" in REPLAY[start:end]
    assert likeliest == (0, REPLAY.index(" He leaves"))


class Asked(Entailment):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.claims: list[str] = []

    def _judge(self, claim: str, passage: str) -> float:
        self.claims.append(claim)
        return super()._judge(claim, passage)


def test_where_a_claim_is_not_supported_no_span_is_looked_for_that_says_it() -> None:
    judge = Asked()
    verifier = Verifier(MiniLMEmbedder(), judge)
    claim = "Wednesday's match is the quarter-final replay of Leeds against Hull."

    assert verifier.locate(claim, REPLAY, supported=False)
    assert judge.claims == []
    assert verifier.locate(claim, REPLAY)
    assert judge.claims


def test_no_words_no_span(verifier: Verifier) -> None:
    assert verifier.locate("Twenty people died.", " … ") is None
    assert verifier.rank("Twenty people died.", ["…", "Twenty people died.", "It rained."])[0] == 1


# Who says what


@pytest.mark.parametrize(
    ("sentence", "speakers"),
    [
        ("The ministry said that twenty people died.", ["The ministry"]),
        ("Twenty people died, the ministry has also said.", ["the ministry"]),
        ("“Twenty people died,” said Foreign Minister Ada Lund.", ["Foreign Minister Ada Lund"]),
        ("According to police, twenty people died.", ["police"]),
        ("The army denied the report, saying nobody was hurt.", ["The army", "The army"]),
        ("On Friday, the army denied this.", ["the army"]),
        ("Client: How much does it cost?", ["Client"]),
        ("The demands of the strikers were met.", []),
        ("Twenty people died.", []),
    ],
)
def test_speakers_are_found(sentence: str, speakers: list[str]) -> None:
    assert [speech.speaker for speech in speeches(sentence)] == speakers


def test_a_pronoun_stands_for_whoever_spoke_before() -> None:
    heard = listen(["The ministry condemned the raid.", "It also called the coalition “rogue”."])

    assert heard[1].speakers == ("The ministry",)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Turkey said the dam was safe.", ("Turkey", "Iraq’s water minister")),
        ("Iraq said the dam was safe.", None),
        ("The water minister said the dam was safe.", None),
        ("The dam was safe.", None),
        ("It said the dam was safe.", None),  # not named
        ("Turkey announced that the dam was safe.", None),  # a deed as well: left to the scorer
        ("Turkey said the harvest would fail.", None),  # not about speakers: nobody says so
    ],
)
def test_another_speaker_is_named(claim: str, expected: tuple[str, str] | None) -> None:
    heard = listen(["Iraq’s water minister said on Monday that the dam was safe.", "Turkey did not comment."])

    assert other_speaker(claim, heard) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("The US", "Washington", True),
        ("The US", "the United States", True),
        ("The US", "the US-led coalition", False),
        ("Syria", "The Syrian government", True),
        ("The ministry", "Syria’s foreign ministry", True),
        ("The US", "The ministry", False),
    ],
)
def test_speakers_are_compared_by_name(one: str, other: str, expected: bool) -> None:
    assert same_speaker(one, other) is expected


def test_the_subject_comes_before_the_verb() -> None:
    assert subject("On Friday, the Syrian army denied the report.") == "the Syrian army"


# Words


@pytest.mark.parametrize(
    ("left", "right", "kinship"),
    [
        ("purchased", "buy", "synonym"),
        ("rose", "fell", "opposite"),
        ("legal", "illegal", "opposite"),
        ("useful", "useless", "opposite"),
        ("decision", "decide", "derived"),
        ("met", "meeting", "same"),
        ("butter", "milk", "sibling"),
        ("poodle", "dog", "narrower"),
        ("village", "xyzzy", "none"),
    ],
)
def test_the_thesaurus_knows_how_words_relate(left: str, right: str, kinship: str) -> None:
    assert thesaurus().kinship(left, right) == kinship


def test_the_thesaurus_knows_parts_of_speech_and_weights() -> None:
    words = Thesaurus()

    assert words.parts("quickest") & ADJECTIVE
    assert words.parts("strikes") & NOUN
    assert words.parts("struck") & VERB
    assert words.parts("xyzzy") == 0
    assert words.weight("said") < words.weight("village") < words.weight("xyzzy") == 1


def test_words_are_read_by_kind(encoder: MiniLMEmbedder) -> None:
    reading = Reader(encoder, thesaurus()).read("Police did not say that 20 people died in Aleppo.")

    kinds = dict(zip(reading.lower, reading.kinds, strict=True))
    assert kinds["police"] == kinds["died"] == "content"
    assert kinds["not"] == "turn"
    assert kinds["20"] == "number"
    assert kinds["aleppo"] == "name"
    assert kinds["that"] == "function"
    assert reading.values[kinds_place(reading.lower, "20")] == 20
    assert reading.negated[kinds_place(reading.lower, "say")]
    np.testing.assert_allclose(np.linalg.norm(reading.vectors, axis=1), 1, rtol=1e-5)


def kinds_place(words: tuple[str, ...], word: str) -> int:
    return words.index(word)


def test_a_scorer_survives_saving(tmp_path: Path) -> None:
    scorer = Scorer.load()
    scorer.save(tmp_path / "copy.npz")
    again = Scorer.load(tmp_path / "copy.npz")
    rows, pairs, whole = some_features(scorer)

    assert again.logit(rows, pairs, whole)[0] == pytest.approx(scorer.logit(rows, pairs, whole)[0])


def some_features(scorer: Scorer) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    row, whole, axes = scorer.sizes
    return (
        random.random((5, row), dtype=np.float32),
        random.random((5, 2, axes), dtype=np.float32),
        random.random(whole, dtype=np.float32),
    )
