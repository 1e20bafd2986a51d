"""Every knob. A value comes from the environment, else from `.env` in the working folder, else from here."""

import os
from pathlib import Path
from typing import Any, Literal, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingsError

PREFIX = "DATELINE_"
ENV_FILE = Path(".env")


class Settings(BaseSettings):
    """The settings of one Newsroom; unknown names are refused, keys are masked when printed.

    >>> Settings(home="news").home.name
    'news'
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_file_encoding="utf-8", extra="forbid", frozen=True
    )

    home: Path = Field(Path(".dateline"), description="Folder that holds the collection and its indexes.")
    database_url: str | None = Field(
        None, description="SQLAlchemy URL of the article store. None: SQLite in the home folder."
    )
    embedder: Literal["static", "minilm", "openai"] = Field(
        "static",
        description="Embeds passages and questions: the bundled static model (fast), the bundled MiniLM, "
        "or an OpenAI-compatible endpoint.",
    )
    embedding_base_url: str | None = Field(
        None, description="Endpoint of DATELINE_EMBEDDER=openai, such as http://localhost:11434/v1."
    )
    embedding_model: str | None = Field(None, description="Model name for DATELINE_EMBEDDER=openai.")
    embedding_api_key: SecretStr | None = Field(None, description="Key for DATELINE_EMBEDDER=openai.")
    passage_words: int = Field(180, ge=20, le=2000, description="Words a passage aims at.")
    passage_overlap: int = Field(1, ge=0, le=5, description="Sentences shared by neighbouring passages.")
    passages_per_question: int = Field(12, ge=1, le=100, description="Passages an answer may draw on.")
    max_file_mb: int = Field(
        200, ge=1, description="Largest file ingested, in MB, after decompression."
    )
    max_article_chars: int = Field(2_000_000, ge=1_000, description="Longest text of one article.")
    max_question_chars: int = Field(2_000, ge=10, description="Longest question accepted.")

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the settings; `None` among the overrides means "not given". Raises SettingsError."""
        given = {name: value for name, value in overrides.items() if value is not None}
        known = {PREFIX + name.upper() for name in cls.model_fields}
        present = {*os.environ, *dotenv_values(ENV_FILE, encoding="utf-8")}
        unknown = sorted(n for n in present if n.upper().startswith(PREFIX) and n.upper() not in known)
        if unknown:
            raise SettingsError(f"unknown setting {unknown[0]}; .env.example lists the settings there are")
        try:
            return cls(**given)
        except ValidationError as exc:
            fault = exc.errors(include_input=False, include_url=False)[0]
            name = PREFIX + ".".join(str(part) for part in fault["loc"]).upper()
            raise SettingsError(f"{name}: {fault['msg'][0].lower()}{fault['msg'][1:]}") from exc
