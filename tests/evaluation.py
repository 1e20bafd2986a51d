"""Three articles and questions about them, in the formats of the evaluation commands."""

from pathlib import Path
from typing import Any

from tests.collection import write_rows

ARTICLES: tuple[dict[str, Any], ...] = (
    {
        "id": "bridge",
        "title": "Bridge collapses in Turku",
        "date": "2021-05-04",
        "text": "The Vasa bridge in Turku collapsed on Monday. Eleven workers were injured, the city hospital said. "
        "Mayor Anna Lind promised an inquiry.",
    },
    {
        "id": "rates",
        "title": "Bank raises rates",
        "date": "2021-06-01",
        "text": "The central bank raised its key rate to 4.75 percent on Tuesday. Governor Bo Ek said inflation was "
        "too high.",
    },
    {
        "id": "fair",
        "date": "2021-07-01",
        "text": "The book fair opened in Turku. Tickets cost 12 euros.",
    },
)
QUESTIONS: tuple[dict[str, Any], ...] = (
    {
        "id": "q1",
        "question": "How many workers were injured when the bridge collapsed?",
        "as_of": "2021-05-05",
        "answers": ["eleven", "11"],
        "answerable": True,
        "gold_article_ids": ["bridge"],
        "evidence": [{"article_id": "bridge", "quote": "Eleven workers were injured"}],
        "type": "how_many",
    },
    {
        "id": "q2",
        "question": "What did Bo Ek say about inflation?",
        "as_of": None,
        "answers": ["too high"],
        "answerable": True,
        "gold_article_ids": ["rates"],
        "evidence": [],
        "type": "what_said",
    },
    {
        "id": "q3",
        "question": "Who won the 2018 World Cup?",
        "as_of": None,
        "answers": [],
        "answerable": False,
        "gold_article_ids": [],
        "evidence": [],
        "type": "unanswerable",
    },
)


def laid_out(folder: Path) -> list[str]:
    """The two files, as the arguments that name them."""
    articles = write_rows(folder / "articles.jsonl", ARTICLES)
    questions = write_rows(folder / "questions.jsonl", QUESTIONS)
    return ["--articles", str(articles), "--questions", str(questions)]
