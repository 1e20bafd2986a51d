"""The articles that eval/datasets/cnn.jsonl asks about, out of BUMP (Ma et al. 2023; dataminr-ai/BUMP, MIT).

    python -m tools.bump_articles data/task1_dataset.json --out articles.jsonl

Each is cut where the questions' authors stopped reading: more of it might answer what they found unanswered.
"""

import argparse
import json
from pathlib import Path

from tools.news_examples import beginning


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rows", type=Path, help="BUMP's task1_dataset.json")
    parser.add_argument("--out", type=Path, required=True, help="the file to write, JSON Lines")
    arguments = parser.parse_args()
    rows = json.loads(arguments.rows.read_text("utf-8"))
    articles = {f"bump-{row['article_id']}": beginning(row["article"].strip()) for row in rows}
    with arguments.out.open("w", encoding="utf-8") as file:
        for name, text in articles.items():
            file.write(json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n")
    print(f"{len(articles)} articles")


if __name__ == "__main__":
    main()
