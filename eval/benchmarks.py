"""The benchmarks that there are, found by looking: a module whose first line says `python -m eval.ITS-NAME`."""

import ast
from pathlib import Path

HERE = Path(__file__).parent


def benchmarks() -> dict[str, str]:
    """Names and what they measure, by name. Reads the modules without importing any: some load models."""
    found = {path.stem: _about(path) for path in sorted(HERE.glob("*.py"))}
    return {name: about for name, about in found.items() if about is not None}


def _about(path: Path) -> str | None:
    """What the module says it measures; None: it is no benchmark."""
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    if f"python -m eval.{path.stem}" not in said:
        return None
    return said.partition("\n")[0].partition(":")[0].rstrip(".,")
