"""Every knob. A value comes from the environment, else from `.env` in the working folder, else from here."""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from rag.errors import SettingsError

PREFIX = "DATELINE_"
ENV_FILE = Path(".env")


def is_address(text: str) -> bool:
    """Whether it is the address of a server: http or https, a host, and no impossible port."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a malformed port or IPv6 address
        return False


class Settings(BaseSettings):
    """The settings of one Newsroom; unknown names are refused, keys are masked when printed.

    Raises SettingsError where a value is impossible, or the environment or `.env` holds a name
    that starts with DATELINE_ and is no setting. An empty value counts as not given.

    >>> Settings(home="news").home.name
    'news'
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,  # the input may be a key
    )

    # Keys, folders and addresses, which may hold a password: told to nobody.
    PRIVATE: ClassVar[frozenset[str]] = frozenset(
        """home database_url embedding_base_url embedding_api_key llm_base_url llm_api_key api_hosts
        otel_endpoint""".split()
    )

    home: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        Path(".dateline"), description="Folder that holds the collection and its indexes."
    )
    database_url: str | None = Field(
        None,
        repr=False,  # it may hold a password
        description="SQLAlchemy URL of the article store. None: SQLite in the home folder.",
    )
    embedder: Literal["static", "minilm", "openai"] = Field(
        "static",
        description="Embeds passages and questions: the bundled static model (fast), the bundled MiniLM, "
        "or an OpenAI-compatible endpoint.",
    )
    embedding_base_url: str | None = Field(
        None,
        repr=False,  # it may hold a password
        description="Endpoint of DATELINE_EMBEDDER=openai, such as http://localhost:11434/v1.",
    )
    embedding_model: str | None = Field(None, description="Model name for DATELINE_EMBEDDER=openai.")
    embedding_api_key: SecretStr | None = Field(None, description="Key for DATELINE_EMBEDDER=openai.")
    llm_model: str | None = Field(
        None,
        description="Language model that writes the answers, by its endpoint's name for it. "
        "None: answers quote the articles, without a language model.",
    )
    llm_base_url: str | None = Field(
        None,
        repr=False,  # it may hold a password
        description="Its OpenAI-compatible endpoint, such as http://localhost:11434/v1. "
        "None: OPENAI_BASE_URL, else OpenAI.",
    )
    llm_api_key: SecretStr | None = Field(None, description="Its key. None: OPENAI_API_KEY, else no key.")
    llm_strategy: Literal["single", "map"] = Field(
        "map",
        description="One prompt with all passages (strong models), or a short call per passage (small ones).",
    )
    llm_context: int = Field(
        4096,
        ge=1024,
        description="Tokens that a prompt and its answer may have together; see docs/local-model.md.",
    )
    llm_max_tokens: int = Field(512, ge=16, description="Tokens that the model may write in one call.")
    llm_timeout: float = Field(120, gt=0, description="Seconds that the endpoint may stay silent.")
    llm_deadline: float = Field(300, gt=0, description="Seconds that all calls for one question may take.")
    verifier: Literal["rules", "llm"] = Field(
        "rules",
        description="Checks a sentence against the passage it cites: rules, or one token of the language model.",
    )
    unsupported: Literal["show", "drop"] = Field(
        "show",
        description="Sentences that no passage supports: shown below the answer and labelled, or left out.",
    )
    passage_words: int = Field(180, ge=20, le=2000, description="Words a passage aims at.")
    passage_overlap: int = Field(1, ge=0, le=5, description="Sentences shared by neighbouring passages.")
    passages_per_question: int = Field(12, ge=1, le=100, description="Passages an answer may draw on.")
    max_file_mb: int = Field(200, ge=1, description="Largest file ingested, in MB, after decompression.")
    max_article_chars: int = Field(2_000_000, ge=1_000, description="Longest text of one article.")
    max_question_chars: int = Field(2_000, ge=10, description="Longest question accepted.")

    api_threads: int | None = Field(
        None, ge=1, le=64, description="Questions that `dateline serve` answers at once. None: one a core."
    )
    api_waiting: int = Field(
        100, ge=0, description="Questions that may wait their turn there; further ones are told to come back."
    )
    api_deadline: float = Field(
        300, gt=0, description="Seconds that an answer may take there, waiting included."
    )
    api_rate: int = Field(
        600, ge=0, description="Requests that a key may make there in a minute. 0: no limit."
    )
    api_hosts: str = Field(
        "",
        description="Names under which requests may address the server, beside localhost, between commas. "
        "Empty, on another address than loopback: any.",
    )
    max_request_kb: int = Field(
        1_000, ge=1, description="Largest request body taken there, in kB; uploads aside."
    )
    max_upload_mb: int = Field(50, ge=1, description="Largest upload taken there, in MB.")
    otel_endpoint: str | None = Field(
        None,
        repr=False,  # it may hold a password
        description="OpenTelemetry endpoint (OTLP over HTTP) for spans of answers, such as "
        "http://localhost:4318. Needs dateline[otel]. None: no spans.",
    )

    def __init__(self, **values: Any) -> None:
        _refuse_unknown_names(known={PREFIX + name.upper() for name in type(self).model_fields})
        try:
            super().__init__(**values)
        except ValidationError as exc:
            raise SettingsError(_explain(exc)) from exc

    @model_validator(mode="after")
    def _endpoint_is_named(self) -> Self:
        if self.embedder == "openai" and not (self.embedding_base_url and self.embedding_model):
            raise SettingsError(
                "DATELINE_EMBEDDER=openai needs DATELINE_EMBEDDING_BASE_URL and DATELINE_EMBEDDING_MODEL"
            )
        return self

    @model_validator(mode="after")
    def _language_model_is_named(self) -> Self:
        if self.llm_model and not (self.llm_base_url or self.llm_api_key):
            raise SettingsError(
                "DATELINE_LLM_MODEL needs DATELINE_LLM_BASE_URL, or DATELINE_LLM_API_KEY for OpenAI itself"
            )
        if not self.llm_model and (self.llm_base_url or self.llm_api_key):
            raise SettingsError("DATELINE_LLM_BASE_URL and DATELINE_LLM_API_KEY need DATELINE_LLM_MODEL")
        if self.llm_base_url and not is_address(self.llm_base_url):
            raise SettingsError("DATELINE_LLM_BASE_URL must be an address such as http://localhost:11434/v1")
        if self.verifier == "llm" and not self.llm_model:
            raise SettingsError("DATELINE_VERIFIER=llm needs DATELINE_LLM_MODEL")
        return self

    def public(self) -> dict[str, str]:
        """The settings in force that anyone may see, as text by name: no keys, addresses or folders."""
        values = {name: getattr(self, name) for name in type(self).model_fields if name not in self.PRIVATE}
        return {name: str(value) for name, value in values.items() if isinstance(value, str | int | float)}

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the settings; `None` among the overrides means "not given". Raises SettingsError."""
        return cls(**{name: value for name, value in overrides.items() if value is not None})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Values given in code, then the environment, then our part of `.env`, then OpenAI's own names."""
        del dotenv_settings, file_secret_settings  # the first is replaced, the second not used
        return init_settings, env_settings, _OwnNames(settings_cls), _OpenAINames(settings_cls)


class _OwnNames(DotEnvSettingsSource):
    """`.env` may hold other programs' variables, which `extra="forbid"` would refuse."""

    def __call__(self) -> dict[str, Any]:
        ours = self.settings_cls.model_fields
        return {name: value for name, value in super().__call__().items() if name in ours}


class _OpenAINames(PydanticBaseSettingsSource):
    """The variables that every OpenAI client reads; they count once a language model is named."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = field_name.replace("llm_", "openai_").upper()
        return os.environ.get(name) or dotenv_values(ENV_FILE, encoding="utf-8").get(name), field_name, False

    def __call__(self) -> dict[str, Any]:
        if not self.current_state.get("llm_model"):
            return {}
        fields = {name: self.settings_cls.model_fields[name] for name in ("llm_base_url", "llm_api_key")}
        values = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in values.items() if value}


def _refuse_unknown_names(known: set[str]) -> None:
    try:
        in_file = dotenv_values(ENV_FILE, encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{ENV_FILE} cannot be read: {exc}") from exc
    for name in sorted({*os.environ, *in_file}):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            close = get_close_matches(name.upper(), known, n=1)
            hint = f"did you mean {close[0]}?" if close else ".env.example lists the settings there are"
            raise SettingsError(f"unknown setting {name}; {hint}")


def _explain(exc: ValidationError) -> str:
    """The first fault in one line, under the name that the environment gives the setting."""
    fault = exc.errors(include_input=False, include_url=False)[0]
    name = PREFIX + ".".join(str(part) for part in fault["loc"]).upper()
    if fault["type"] == "extra_forbidden":
        return f"unknown setting {name}; .env.example lists the settings there are"
    return f"{name}: {fault['msg'][0].lower()}{fault['msg'][1:]}"
