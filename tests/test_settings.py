from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import Settings


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads the `.env` of whoever runs it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults_need_no_environment():
    settings = Settings()

    assert settings.home == Path(".dateline")
    assert settings.embedder == "static"


def test_the_environment_wins_over_the_env_file(working_folder: Path, monkeypatch: pytest.MonkeyPatch):
    (working_folder / ".env").write_text("DATELINE_HOME=from-file\nDATELINE_PASSAGE_WORDS=90\n")
    monkeypatch.setenv("DATELINE_HOME", "from-environment")

    settings = Settings()

    assert settings.home == Path("from-environment")
    assert settings.passage_words == 90


def test_what_is_given_in_code_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATELINE_HOME", "from-environment")

    assert Settings(home="given").home == Path("given")


def test_load_takes_none_as_not_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATELINE_HOME", "from-environment")

    assert Settings.load(home=None).home == Path("from-environment")


def test_an_empty_value_counts_as_not_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATELINE_PASSAGE_WORDS", "")

    assert Settings().passage_words == 180


def test_the_home_folder_may_begin_with_a_tilde(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/reporter")

    assert Settings(home="~/news").home == Path("/home/reporter/news")


def test_other_programs_variables_in_the_env_file_are_left_alone(working_folder: Path):
    (working_folder / ".env").write_text("OPENAI_API_KEY=theirs\nHOME=/elsewhere\nhome=/elsewhere\n")

    assert Settings().home == Path(".dateline")


def test_an_unknown_name_in_the_environment_is_refused_with_the_nearest_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATELINE_EMBEDER", "static")

    with pytest.raises(
        SettingsError, match="unknown setting DATELINE_EMBEDER; did you mean DATELINE_EMBEDDER"
    ):
        Settings()


def test_an_unknown_name_in_the_env_file_is_refused(working_folder: Path):
    (working_folder / ".env").write_text("DATELINE_ZZZ=1\n")

    with pytest.raises(SettingsError, match="unknown setting DATELINE_ZZZ"):
        Settings()


def test_an_unknown_name_in_code_is_refused():
    with pytest.raises(SettingsError, match="unknown setting DATELINE_COLOUR"):
        Settings(colour="blue")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATELINE_EMBEDDER", "word2vec"),
        ("DATELINE_PASSAGE_WORDS", "many"),
        ("DATELINE_PASSAGE_WORDS", "3"),
        ("DATELINE_PASSAGE_OVERLAP", "-1"),
        ("DATELINE_MAX_QUESTION_CHARS", "0"),
    ],
)
def test_an_impossible_value_is_named_in_one_line(name: str, value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=f"^{name}: input should [^\n]+$"):
        Settings()


def test_an_endpoint_embedder_needs_its_address_and_model():
    with pytest.raises(SettingsError, match="needs DATELINE_EMBEDDING_BASE_URL and DATELINE_EMBEDDING_MODEL"):
        Settings(embedder="openai", embedding_model="nomic-embed-text")


def test_an_env_file_that_is_not_text_is_named(working_folder: Path):
    (working_folder / ".env").write_bytes(b"DATELINE_HOME=\xff\xfe\n")

    with pytest.raises(SettingsError, match=r"^\.env cannot be read"):
        Settings()


def test_neither_keys_nor_passwords_are_printed_or_told():
    settings = Settings(
        embedding_api_key="sk-secret",
        database_url="postgresql://me:sk-secret@host/news",
        embedding_base_url="http://me:sk-secret@host/v1",
        otel_endpoint="https://me:sk-secret@host:4318",
    )

    assert "sk-secret" not in f"{settings!r} {settings} {settings.public()}"
    assert {name for name in Settings.model_fields if name.endswith(("_url", "_key"))} <= Settings.PRIVATE


def test_every_setting_is_described():
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]

    assert undescribed == []


def test_settings_do_not_change():
    with pytest.raises(Exception, match="frozen"):
        Settings().passage_words = 1


def test_openais_own_names_count_once_a_language_model_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "theirs")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")

    assert Settings().llm_api_key is None
    settings = Settings(llm_model="a-model")
    assert settings.llm_api_key is not None
    assert settings.llm_api_key.get_secret_value() == "theirs"
    assert settings.llm_base_url == "http://localhost:1/v1"


def test_datelines_own_names_win_over_openais(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")

    assert (
        Settings(llm_model="a-model", llm_base_url="http://localhost:2/v1").llm_base_url
        == "http://localhost:2/v1"
    )


def test_openais_names_may_stand_in_the_env_file(working_folder: Path):
    (working_folder / ".env").write_text("OPENAI_API_KEY=theirs\nDATELINE_LLM_MODEL=a-model\n")

    assert Settings().llm_api_key is not None


@pytest.mark.parametrize(
    "values",
    [
        {"llm_model": "a-model"},
        {"llm_base_url": "http://localhost:1/v1"},
        {"llm_model": "a-model", "llm_base_url": "localhost:1"},
        {"llm_model": "a-model", "llm_base_url": "http://host:abc/v1"},
        {"verifier": "llm"},
    ],
)
def test_a_language_model_that_is_half_set_up_is_refused(values: dict[str, str]):
    with pytest.raises(SettingsError, match="DATELINE_LLM"):
        Settings(**values)
