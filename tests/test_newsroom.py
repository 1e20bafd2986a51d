import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from rag import Newsroom, Settings
from rag.domain import Answer, Filters, Retrieved, Statement
from rag.embeddings import MiniLMEmbedder
from rag.errors import ArticleNotFound, CorpusEmpty, EmbedderMismatch, HomeLocked, QuestionError
from rag.index.corpus import Corpus
from tests.collection import WordEmbedder, write_rows

SEEDS = Path(__file__).parent.parent / "seeds"
IRANIAN, SYRIAN = "000_78fe00e81fe7418c", "001_ad2176c3632976cc"
ROWS = (
    {
        "id": "bridge",
        "title": "Bridge collapses in Turku",
        "date": "2021-05-04",
        "source": "Aamu",
        "text": "The Vasa bridge in Turku collapsed on Monday. Eleven workers were injured, the city hospital said. "
        "Mayor Anna Lind promised an inquiry. “We closed the bridge in March because of cracks,” Lind said.",
    },
    {
        "id": "river",
        "date": "2021-05-05",
        "source": "Ilta",
        "text": "Rescuers searched the river for a second day. Eleven workers were hurt when the Vasa bridge fell, "
        "police in Turku said. (AP)",
    },
    {
        "id": "rates",
        "title": "Bank raises rates",
        "date": "2021-06-01",
        "source": "Aamu",
        "text": "The central bank raised its key rate to 4.75 percent on Tuesday. Governor Bo Ek said inflation was "
        "too high.",
    },
)


def newsroom_at(home: Path, **settings: object) -> Newsroom:
    return Newsroom(Settings.load(home=home, **settings))


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with newsroom_at(tmp_path_factory.mktemp("seeds") / "home") as newsroom:
        newsroom.ingest([SEEDS])
        yield newsroom


def test_articles_of_one_event_are_a_story(seeds: Newsroom) -> None:
    [story] = seeds.stories()
    assert story.article_ids == (IRANIAN, SYRIAN)
    assert seeds.stories(Filters(until=date(2018, 1, 1))) == []
    with pytest.raises(QuestionError, match="AFP"):
        seeds.stories(Filters(sources=("AFP",)))


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Three articles, for tests that change nothing."""
    folder = tmp_path_factory.mktemp("news")
    with newsroom_at(folder / "home") as newsroom:
        newsroom.ingest([write_rows(folder / "news.jsonl", ROWS)])
        yield newsroom


def text_of(answer: Answer) -> str:
    return "\n".join(statement.text for statement in answer.statements)


def cited(answer: Answer) -> set[str]:
    return {citation.article_id for statement in answer.statements for citation in statement.citations}


# --- the two seeds: two reports of one event ---


def test_the_dead_of_the_strike_are_counted_by_both_reports(seeds: Newsroom) -> None:
    answer = seeds.ask("How many civilians were killed in Friday's strike?")
    assert "twenty civilians" in answer.statements[0].text
    assert "20 people were killed" in text_of(answer)
    assert cited(answer) == {IRANIAN, SYRIAN}


def test_the_two_reports_of_the_strike_have_one_origin(seeds: Newsroom) -> None:
    origins = seeds.ask("How many civilians were killed in Friday's strike?").origins
    assert origins is not None
    assert (origins.articles, origins.independent, origins.names) == (2, 1, ("SANA",))


def test_the_reports_of_the_strike_do_not_differ_on_the_dead(seeds: Newsroom) -> None:
    assert seeds.ask("How many civilians were killed in Friday's strike?").conflicts == ()


def test_the_reports_of_the_strike_differ_on_the_village(seeds: Newsroom) -> None:
    [conflict] = seeds.ask("Which village was hit?").conflicts
    assert conflict.kind == "contradiction"
    assert {value.text: value.citations[0].article_id for value in conflict.values} == {
        "al-Baghuz al-Tahtani": IRANIAN,
        "al-Baghouz Foqani": SYRIAN,
    }
    assert all("SANA" in value.origins for value in conflict.values)


def test_the_friday_of_the_strike_is_a_day_in_both_reports(seeds: Newsroom) -> None:
    answer = seeds.ask("How many civilians were killed in Friday's strike?")
    days = {each.article_id: each for statement in answer.statements for each in statement.occasions}
    assert {each.day for each in days.values()} == {date(2019, 1, 18)}
    assert (days[IRANIAN].borrowed_from, days[SYRIAN].borrowed_from) == (None, IRANIAN)


def test_the_village_is_quoted_in_both_spellings(seeds: Newsroom) -> None:
    answer = seeds.ask("Which village was hit?")
    assert "al-Baghouz Foqani" in text_of(answer)
    assert "al-Baghuz al-Tahtani" in text_of(answer)


def test_the_letters_were_addressed_to_two_people(seeds: Newsroom) -> None:
    said = text_of(seeds.ask("To whom were the letters addressed?"))
    assert "Secretary General" in said
    assert "president of the Security Council" in said


def test_words_that_nobody_reports_are_not_made_up(seeds: Newsroom) -> None:
    answer = seeds.ask("What did the United States say in response?")
    assert (answer.status, answer.statements) == ("abstained", ())
    assert answer.reason is not None
    assert "They report no words of the United States on this." in answer.reason


def test_another_matter_is_not_answered(seeds: Newsroom) -> None:
    answer = seeds.ask("Who won the 2018 World Cup?")
    assert (answer.status, answer.statements) == ("abstained", ())
    assert answer.reason is not None
    assert "None of them mentions “World Cup” or “2018”." in answer.reason
    assert IRANIAN in answer.reason


@pytest.mark.parametrize(
    "question",
    [
        "How many civilians were killed in Friday's strike?",
        "Which village was hit?",
        "To whom were the letters addressed?",
        "What did the ministry demand?",
        "When were the letters sent?",
    ],
)
def test_every_citation_quotes_the_stored_text(question: str, seeds: Newsroom) -> None:
    citations = [each for statement in seeds.ask(question).statements for each in statement.citations]
    assert citations
    for citation in citations:
        text = seeds.article(citation.article_id).text
        assert text[citation.start : citation.end] == citation.quote
        assert hashlib.sha256(text.encode()).hexdigest() == citation.sha256


# --- another collection ---


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("How many workers were injured when the bridge collapsed?", "Eleven workers were injured"),
        ("What did Bo Ek say about inflation?", "inflation was too high"),
        ("When did the bank raise its rate?", "on Tuesday"),
        ("Why was the bridge closed?", "because of cracks"),
    ],
)
def test_a_question_is_answered_by_quotation(question: str, wanted: str, news: Newsroom) -> None:
    answer = news.ask(question)
    assert (answer.status, answer.model) == ("answered", None)
    assert wanted in text_of(answer)


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("What did Carl Ohm say about the bridge?", "“Carl Ohm”"),
        ("How many ships sank in the storm?", "how many ships"),
        ("What did Anna Lind say about inflation?", "no words of Anna Lind"),
    ],
)
def test_what_is_not_in_the_articles_is_said_to_be_missing(
    question: str, missing: str, news: Newsroom
) -> None:
    answer = news.ask(question)
    assert answer.status == "abstained"
    assert answer.reason is not None
    assert missing in answer.reason


def test_a_stream_ends_with_the_answer_that_ask_gives(news: Newsroom) -> None:
    question = "How many workers were injured when the bridge collapsed?"
    first, *statements, last = news.stream(question)
    assert isinstance(first, Retrieved)
    assert isinstance(last, Answer)
    assert all(isinstance(each, Statement) for each in statements)
    assert last.statements == tuple(statements) == news.ask(question).statements


def test_filters_hold_for_answers(news: Newsroom) -> None:
    question = "How many workers were hurt when the Vasa bridge fell?"
    assert cited(news.ask(question, Filters(sources=("ilta",)))) == {"river"}
    assert cited(news.ask(question, Filters(sources=("Aamu",)))) == {"bridge"}
    assert news.ask(question, Filters(as_of=date(2020, 1, 1))).status == "abstained"


def test_a_search_gives_passages_best_first(news: Newsroom) -> None:
    hits = news.search("key rate of the central bank", limit=2)
    assert hits[0].article.id == "rates"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len(hits) == 2


def test_articles_are_listed_by_id_within_the_filters(news: Newsroom) -> None:
    assert [each.id for each in news.articles()] == ["bridge", "rates", "river"]
    assert [each.id for each in news.articles(limit=1, offset=1)] == ["rates"]
    assert [each.id for each in news.articles(Filters(until=date(2021, 5, 31)))] == ["bridge", "river"]


def test_info_tells_what_the_collection_holds(news: Newsroom) -> None:
    assert news.info().articles == 3
    assert sorted(news.info().sources) == ["Aamu", "Ilta"]


def test_an_unknown_article_is_an_error(news: Newsroom) -> None:
    with pytest.raises(ArticleNotFound, match="no article has the id 'nothing'"):
        news.article("nothing")


@pytest.mark.parametrize(
    ("question", "filters", "complaint"),
    [
        ("", Filters(), "the question is empty"),
        ("a" * 100_000, Filters(), "100,000 characters"),
        ("Who?", Filters(sources=("SANA",)), "sources here: Aamu, Ilta"),
        ("Who?", Filters(since=date(2021, 2, 1), until=date(2021, 1, 1)), "swap them"),
    ],
)
def test_what_cannot_be_searched_with_is_refused_before_searching(
    question: str, filters: Filters, complaint: str, news: Newsroom
) -> None:
    for way in (news.ask, news.search, news.stream):
        with pytest.raises(QuestionError, match=complaint):
            way(question, filters)


# --- a collection that changes ---


def test_what_was_ingested_is_found_by_the_open_newsroom_at_once(tmp_path: Path) -> None:
    with newsroom_at(tmp_path / "home") as newsroom:
        newsroom.ingest([write_rows(tmp_path / "one.jsonl", ROWS[:1])])
        assert newsroom.info().articles == 1
        newsroom.ingest([write_rows(tmp_path / "two.jsonl", ROWS[1:])])
        assert newsroom.search("central bank rates", limit=1)[0].article.id == "rates"


def test_what_was_removed_is_not_found(tmp_path: Path) -> None:
    with newsroom_at(tmp_path / "home") as newsroom:
        newsroom.ingest([write_rows(tmp_path / "news.jsonl", ROWS)])
        newsroom.remove(["bridge"])
        assert "bridge" not in {hit.article.id for hit in newsroom.search("Vasa bridge in Turku")}


def test_removing_an_unknown_article_removes_none(tmp_path: Path) -> None:
    with newsroom_at(tmp_path / "home") as newsroom:
        newsroom.ingest([write_rows(tmp_path / "news.jsonl", ROWS)])
        with pytest.raises(ArticleNotFound):
            newsroom.remove(["bridge", "nothing"])
        assert newsroom.article("bridge").id == "bridge"


def test_reindexing_keeps_answers(tmp_path: Path) -> None:
    question = "How many workers were injured when the bridge collapsed?"
    with newsroom_at(tmp_path / "home") as newsroom:
        newsroom.ingest([write_rows(tmp_path / "news.jsonl", ROWS)])
        before = newsroom.ask(question)
        assert newsroom.reindex() == newsroom.info().passages
        assert newsroom.ask(question).statements == before.statements


def test_a_collection_answers_again_after_it_was_closed(tmp_path: Path) -> None:
    with newsroom_at(tmp_path / "home") as newsroom:
        newsroom.ingest([write_rows(tmp_path / "news.jsonl", ROWS)])
    with newsroom_at(tmp_path / "home") as again:
        assert again.info().articles == 3
        again.close()
        assert again.info().articles == 3


def test_asking_where_nothing_was_ingested_makes_no_home(tmp_path: Path) -> None:
    with (
        newsroom_at(tmp_path / "home") as newsroom,
        pytest.raises(CorpusEmpty, match="dateline ingest FOLDER"),
    ):
        newsroom.ask("Who?")
    assert not (tmp_path / "home").exists()


def test_a_home_without_articles_says_so(tmp_path: Path) -> None:
    with newsroom_at(tmp_path / "home") as newsroom:
        newsroom.ingest([write_rows(tmp_path / "none.jsonl", [])])
        with pytest.raises(CorpusEmpty, match="holds no articles yet"):
            newsroom.ask("Who?")


def test_a_home_that_is_being_written_to_refuses_a_second_writer(tmp_path: Path) -> None:
    embedder = WordEmbedder()
    with (
        Corpus.open(tmp_path / "home", embedder=embedder, writing=True),
        newsroom_at(tmp_path / "home") as newsroom,
        pytest.raises(HomeLocked),
    ):
        newsroom.ingest([SEEDS])


def test_another_embedding_model_is_refused(tmp_path: Path) -> None:
    source = write_rows(tmp_path / "news.jsonl", ROWS)
    with newsroom_at(tmp_path / "home") as newsroom:
        newsroom.ingest([source])
    with (
        newsroom_at(tmp_path / "home", embedder="minilm") as other,
        pytest.raises(EmbedderMismatch, match="run `dateline reindex`") as caught,
    ):
        other.ingest([source])
    assert caught.value.current == MiniLMEmbedder().fingerprint
