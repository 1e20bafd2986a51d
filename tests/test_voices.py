import pytest

from rag.answering.voices import head_of, voices


@pytest.mark.parametrize(
    ("sentence", "sources"),
    [
        # before the verb
        ("The ministry said the road was closed.", ["The ministry"]),
        ("Local sources in Homs told SANA that 20 people died.", ["Local sources in Homs"]),
        ("On Friday police said two men had fled.", ["police"]),
        ("Aid groups and the mayor have repeatedly warned of hunger.", ["Aid groups and the mayor"]),
        ("Ann Wit, a fellow at the council, said the vote was close.", ["Ann Wit"]),
        ("Sen. Tom Ray (R-Utah) said he would not vote.", ["Sen. Tom Ray"]),
        ("The poll shows a close race.", ["The poll"]),
        # behind it
        ("“We will go home,” said Ann Wit, a teacher.", ["Ann Wit"]),
        ("The road is closed, according to two officials in Aleppo.", ["two officials in Aleppo"]),
        ("The strike was condemned by the ministry.", ["the ministry"]),
        ("The bombing claimed by the group killed ten.", ["the group"]),
        ("“Let them go.” ― Amy Roe", ["Amy Roe"]),
        ("The crews walked out after pay talks collapsed, their union said.", ["their union"]),
        ("Police had earlier blamed a fault.", ["Police"]),
        ("The mayor, Lise Dahl, declared a day of mourning.", ["The mayor"]),
        # further off
        ("The group rejected the offer, saying nothing had changed.", ["The group"]),
        ("Ann Wit’s claim that the road was closed is false.", ["Ann Wit"]),
        # nobody's word
        ("The road was closed on Friday.", []),
        ("He was called to the front.", []),
        ("The report was long.", []),
        ("“I think they said so,” and then silence.", []),
    ],
)
def test_the_sources_of_a_sentence(sentence: str, sources: list[str]) -> None:
    assert [voice.text for voice in voices(sentence)] == sources


def test_a_source_stands_where_it_says() -> None:
    sentence = "In the end Ann Wit (D-Va.) said no, and the court agreed."
    assert all(sentence[voice.start : voice.end] == voice.text for voice in voices(sentence))


def test_what_somebody_wants_is_not_said() -> None:
    assert [(voice.text, voice.says) for voice in voices("The mayor wants a new bridge, critics say.")] == [
        ("The mayor", False),
        ("critics", True),
    ]


@pytest.mark.parametrize(
    ("source", "head"),
    [
        ("Local sources in Homs", "sources"),
        ("Ann Wit, a fellow at the council", "wit"),
        ("one of the lawyers", "one"),
        ("who", "who"),
        ("—", ""),
    ],
)
def test_the_head_of_a_source(source: str, head: str) -> None:
    assert head_of(source) == head
