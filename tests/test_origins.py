from hypothesis import given
from hypothesis import strategies as st

from rag.answering.origins import count_origins
from rag.domain import Article, Origins
from tests.collection import article


def crediting(article_id: str, *names: str) -> Article:
    return article(article_id, "text", origins=names)


def test_articles_that_credit_one_agency_are_one_origin() -> None:
    found = count_origins([crediting("a", "SANA", "Presstv"), crediting("b", "MNA", "SANA")])
    assert found == Origins(articles=2, independent=1, unknown=0, names=("SANA",))


def test_articles_that_credit_different_agencies_are_independent() -> None:
    found = count_origins([crediting("a", "AP"), crediting("b", "Reuters")])
    assert found == Origins(articles=2, independent=2, unknown=0, names=("AP", "Reuters"))


def test_an_article_that_credits_nobody_is_unknown_not_independent() -> None:
    found = count_origins([crediting("a", "AP"), crediting("b")])
    assert found == Origins(articles=2, independent=1, unknown=1, names=("AP",))


def test_a_chain_of_shared_agencies_is_one_origin() -> None:
    chain = [crediting("a", "AP"), crediting("b", "Reuters"), crediting("c", "Reuters", "AP")]
    assert count_origins(chain).independent == 1


def test_agencies_are_compared_without_case_and_accents() -> None:
    assert count_origins([crediting("a", "EFE"), crediting("b", "éfe")]).independent == 1


def test_an_article_cited_twice_counts_once() -> None:
    assert count_origins([crediting("a", "AP"), crediting("a", "AP")]).articles == 1


def test_without_articles_there_are_no_origins() -> None:
    assert count_origins([]) == Origins(articles=0, independent=0, unknown=0, names=())


@given(st.lists(st.lists(st.sampled_from("ABCDE"), max_size=3, unique=True), max_size=8))
def test_origins_are_the_connected_groups_of_credits(credited: list[list[str]]) -> None:
    groups: list[set[str]] = []
    for names in filter(None, credited):
        joined = [group for group in groups if group & set(names)]
        groups = [group for group in groups if group not in joined] + [set(names).union(*joined)]
    found = count_origins(crediting(str(number), *names) for number, names in enumerate(credited))
    assert found.independent == len(groups)
    assert found.unknown == credited.count([])
    assert all(sum(name in group for group in groups) == 1 for name in found.names)
    assert all(group & set(found.names) for group in groups)
