from hypothesis import given
from hypothesis import strategies as st

from rag.answering.origins import count_origins
from rag.answering.sentences import sentences_of
from rag.domain import Citation, Hit, Origins
from tests.reading import hit

Copies = tuple[str, ...]


def crediting(article_id: str, *names: str, copies: Copies = (), source: str | None = None) -> Hit:
    found = hit(article_id, "Twenty people died.", origins=names, source=source)
    return Hit(passage=found.passage, article=found.article, score=1.0, copies=copies)


def cited(hits: list[Hit]) -> list[Citation]:
    return [sentence.cite() for sentence in sentences_of(hits)]


def counted(*hits: Hit) -> Origins:
    return count_origins(cited(list(hits)), hits)


def test_articles_that_credit_one_agency_are_one_origin() -> None:
    found = counted(crediting("a", "SANA", "Presstv"), crediting("b", "MNA", "SANA"))
    assert found == Origins(articles=2, independent=1, unknown=0, names=("SANA",))


def test_articles_that_credit_different_agencies_are_independent() -> None:
    found = counted(crediting("a", "AP"), crediting("b", "Reuters"))
    assert found == Origins(articles=2, independent=2, unknown=0, names=("AP", "Reuters"))


def test_an_article_that_credits_nobody_is_unknown_not_independent() -> None:
    found = counted(crediting("a", "AP"), crediting("b"))
    assert found == Origins(articles=2, independent=1, unknown=1, names=("AP",))


def test_an_agencys_own_report_is_of_that_agency() -> None:
    found = counted(crediting("a", source="Reuters"), crediting("b", "Reuters"), crediting("c", source="CNN"))
    assert found == Origins(articles=3, independent=1, unknown=1, names=("Reuters",))


def test_a_chain_of_shared_agencies_is_one_origin() -> None:
    chain = [crediting("a", "AP"), crediting("b", "Reuters"), crediting("c", "Reuters", "AP")]
    assert counted(*chain).independent == 1


def test_the_spellings_of_an_agency_are_one() -> None:
    assert counted(crediting("a", "Press TV"), crediting("b", "Presstv")).independent == 1


def test_copies_of_a_text_are_one_origin_though_only_one_says_whose() -> None:
    found = counted(crediting("a", "AP", copies=("b", "c")))
    assert found == Origins(articles=3, independent=1, unknown=0, names=("AP",))


def test_copies_of_a_text_that_credits_nobody_are_all_unknown() -> None:
    assert counted(crediting("a", copies=("b",))) == Origins(articles=2, independent=0, unknown=2, names=())


def test_what_the_cited_sentence_credits_counts_rather_than_the_rest_of_the_article() -> None:
    first = hit(
        "a", "A witness told AFP that ten died. State television and SANA reported that the road is closed."
    )
    both = hit("b", "Officials told SANA that nine died.")
    quoted = [sentence.cite() for sentence in sentences_of([first, both]) if "died" in sentence.text]
    assert count_origins(quoted, [first, both]).names == ("AFP", "SANA")


def test_an_article_cited_twice_counts_once() -> None:
    one = crediting("a", "AP")
    assert count_origins([*cited([one]), *cited([one])], [one]).articles == 1


def test_without_citations_there_are_no_origins() -> None:
    assert count_origins([], []) == Origins(articles=0, independent=0, unknown=0, names=())


@given(st.lists(st.lists(st.sampled_from("ABCDE"), max_size=3, unique=True), max_size=8))
def test_origins_are_the_connected_groups_of_credits(credited: list[list[str]]) -> None:
    groups: list[set[str]] = []
    for names in filter(None, credited):
        joined = [group for group in groups if group & set(names)]
        groups = [group for group in groups if group not in joined] + [set(names).union(*joined)]
    found = counted(*(crediting(str(number), *names) for number, names in enumerate(credited)))
    assert found.independent == len(groups)
    assert found.unknown == credited.count([])
    assert all(sum(name in group for group in groups) == 1 for name in found.names)
    assert all(group & set(found.names) for group in groups)
