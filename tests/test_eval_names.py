import json
from pathlib import Path

import pytest

from eval.names import main, read_pairs

PLACE = {
    "id": "gn-1",
    "name": "Dayr al-Zawr",
    "country": "SY",
    "variants": ["Deir ez-Zor", "Eupolis", "dyr alzwr"],
}
ARTICLES = [
    {
        "id": "a",
        "title": "Aid",
        "text": "Aid came in Homs on Monday. Shops in Homs are open again.",
        "date": "2019-01-20",
    },
    {"id": "b", "title": "Rain", "text": "It rained all over the country for a week.", "date": "2019-01-20"},
]


def file_of(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_pair_is_two_spellings_of_one_name(tmp_path: Path):
    [pair] = read_pairs(file_of(tmp_path / "places.jsonl", PLACE))

    assert {pair.written, pair.asked} == {"Dayr al-Zawr", "Deir ez-Zor"}


def test_any_two_names_can_be_asked_for(tmp_path: Path):
    place = {**PLACE, "name": "Novouralsk", "variants": ["Sverdlovsk-44"]}
    places = file_of(tmp_path / "places.jsonl", {**place, "name": "Gebze", "variants": ["Libyssa"]})

    assert len(read_pairs(places, shared=0.0)) == 1


def test_an_article_is_found_under_the_other_spelling(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    places = file_of(tmp_path / "places.jsonl", PLACE)
    articles = file_of(tmp_path / "articles.jsonl", *ARTICLES)

    assert main(["--places", str(places), "--articles", str(articles), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"hit@10": 1.0, "n": 1}


def test_a_list_without_spellings_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    places = file_of(tmp_path / "places.jsonl", {"id": "1", "name": "Homs", "variants": ["Homs"]})
    articles = file_of(tmp_path / "articles.jsonl", *ARTICLES)

    assert main(["--places", str(places), "--articles", str(articles)]) == 2
    assert "no place has two spellings" in capsys.readouterr().err
