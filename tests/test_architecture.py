"""The arrows of docs/how-it-works.md, checked on the imports that are really there."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# What reads language: usable wherever text is handled, and knowing of nothing but records and errors.
WORDS = {"dates", "language", "names", "question", "sentences"}
ARROWS = {
    "api": {
        "chat",
        "feedback",
        "index",
        "ingest",
        "keys",
        "newsroom",
        "settings",
        "spoken",
        "stopping",
        "uploads",
        "wire",
    },  # two for their reports
    "answering": {
        "credits",
        "header",
        "telling",
        "embeddings",
        "entailment",
        "llm",
        "prompts",
        "reader",
        "threads",
        *WORDS,
    },
    "ask": {"answering", "chat", "retrieval"},
    "chat": {"language", "llm", "prompts"},
    "chunking": WORDS,
    "cli": {"api", "dossier", "keys", "newsroom", "settings", "terminal", "threads", "wire"},
    "credits": set(),
    "dates": set(),
    "domain": set(),
    "dossier": {"telling", "wire"},
    "embeddings": {"language", "onnx", "settings", "threads"},
    "entailment": {"pairs", "threads"},
    "errors": set(),
    "failures": set(),
    "feedback": set(),
    "header": {"credits", "dates"},
    "index": {"dates", "embeddings", *WORDS},
    "ingest": {"chunking", "embeddings", "index", "loaders", "metadata"},
    "keys": set(),
    "language": set(),
    "llm": {"failures", "prompts", "stopping"},
    "loaders": {"dates"},
    "metadata": {"credits", "header", *WORDS},
    "onnx": set(),
    "names": {"language"},
    "newsroom": {
        "answering",
        "ask",
        "chat",
        "dossier",
        "embeddings",
        "entailment",
        "index",
        "ingest",
        "llm",
        "query_engine",
        "reader",
        "retrieval",
        "settings",
        "telling",
        "uploads",
    },
    "pairs": {"language", "onnx"},
    "prompts": set(),
    "query_engine": {"spoken"},
    "question": {"dates", "language", "sentences"},
    "reader": {"pairs", "threads"},
    "retrieval": {"dates", "embeddings", "index", *WORDS},
    "sentences": {"language"},
    "spoken": set(),
    "settings": set(),
    "telling": set(),
    "stopping": set(),
    "threads": set(),
    "terminal": {"index", "ingest", "telling"},  # the first two for their reports
    "uploads": {"ingest"},
    "wire": set(),
}
FOR_ALL = {"domain", "errors"}
# A library behind one door can be changed, and its exceptions translated, in one place.
DOORS = {
    "chromadb": {"index"},
    "fastapi": {"api"},
    "mcp": {"api"},
    "onnxruntime": {"onnx"},
    "pydantic_settings": {"settings"},
    "rapidfuzz": {"index"},
    "rich": {"cli", "terminal"},
    "sqlalchemy": {"index"},
    "tantivy": {"index", "language"},  # its stemmer
    "typer": {"cli"},
    "uvicorn": {"api"},
}
# Answers are checked, dates resolved and sources read without a collection: their benchmarks use these themselves.
MEASURED_ALONE = {
    "rag.answering.conflicts",
    "rag.answering.generative",
    "rag.answering.lexicon",
    "rag.answering.origins",
    "rag.answering.sentences",
    "rag.answering.verification",
    "rag.answering.voices",
    "rag.chunking",
    "rag.dates",
    "rag.embeddings",
    "rag.entailment",
    "rag.index.changes",
    "rag.index.database",
    "rag.index.stories",
    "rag.llm",
    "rag.reader",
    "rag.sentences",
}


@dataclass(frozen=True)
class Import:
    module: str  # that imports
    target: str  # that is imported, as written
    runtime: bool  # False: for the type checker only


def modules(package: str) -> dict[str, Path]:
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(module: str, path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text("utf-8"))
    type_checking = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        runtime = id(node) not in type_checking
        if isinstance(node, ast.Import):
            yield from (Import(module, alias.name, runtime) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield Import(module, inner if inner in RAG else str(node.module), runtime)


RAG = modules("rag")
IMPORTS = [found for module, path in RAG.items() for found in imports(module, path)]


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def test_every_room_of_the_house_is_on_the_picture():
    assert {room(module) for module in RAG} - {"rag"} <= set(ARROWS)


def test_imports_follow_the_arrows():
    inside = [found for found in IMPORTS if found.module != "rag" and found.target.startswith("rag.")]
    wrong = {
        f"{found.module} imports {found.target}"
        for found in inside
        if room(found.target) not in ARROWS[room(found.module)] | FOR_ALL | {room(found.module)}
    }

    assert sorted(wrong) == []


def test_no_module_reaches_for_the_package_itself():
    assert [found for found in IMPORTS if found.target == "rag"] == []


def test_modules_do_not_import_each_other_in_circles():
    graph: dict[str, set[str]] = {module: set() for module in RAG}
    for found in IMPORTS:
        if found.runtime and found.target in RAG:
            graph[found.module].add(found.target)

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_one_door(library: str):
    users = {room(found.module) for found in IMPORTS if found.target.partition(".")[0] == library}

    assert users <= DOORS[library]


@pytest.mark.parametrize("module", [name for name, path in RAG.items() if path.name == "__init__.py"])
def test_a_package_only_re_exports(module: str):
    def re_exports(node: ast.stmt) -> bool:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
                return True
            case ast.If():  # if TYPE_CHECKING
                return all(map(re_exports, node.body))
            case ast.Assign(targets=[ast.Name(id=name)]):
                return name in {"__all__", "_LOADED_ON_DEMAND"}
            case ast.FunctionDef(name=name):
                return module == "rag" and name in {"__getattr__", "__dir__"}
        return False

    other = [
        ast.unparse(node) for node in ast.parse(RAG[module].read_text("utf-8")).body if not re_exports(node)
    ]

    assert other == []


PUBLIC = {"rag", "rag.domain", "rag.errors", "rag.newsroom"}


def of_rag(package: str) -> set[str]:
    """What a package takes from rag."""
    return {
        found.target
        for module, path in modules(package).items()
        for found in imports(module, path)
        if found.target.partition(".")[0] == "rag"
    }


def test_measuring_uses_public_names_and_what_it_measures_alone():
    # What the command line runs and shows with, `dateline eval` too.
    plain = {"rag.terminal", "rag.threads", "rag.wire"}

    assert of_rag("eval") <= PUBLIC | plain | MEASURED_ALONE


def test_the_page_uses_public_names_and_the_words_that_every_face_tells_records_in():
    assert of_rag("ui") <= PUBLIC | {"rag.dossier", "rag.telling", "rag.wire"}


def test_what_happens_behind_the_page_knows_nothing_of_gradio():
    users = {
        module
        for module, path in modules("ui").items()
        for found in imports(module, path)
        if found.target.partition(".")[0] == "gradio"
    }

    assert users == {"ui.app", "ui.chat", "ui.corpus", "ui.fields", "ui.pane", "ui.theme"}
