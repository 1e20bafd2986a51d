"""Refreshes what the documents take from the program: `make docs`. A test checks that nothing is stale.

- README.md: the output below each `$ dateline …` in ```console blocks.
- docs/settings.md: the table between the settings marks.
- .env.example: every setting with its description and default.
"""

import os
import re
import shlex
import shutil
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from typer.testing import CliRunner

from rag.cli import app
from rag.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
README, ENV_EXAMPLE, SETTINGS = ROOT / "README.md", ROOT / ".env.example", ROOT / "docs" / "settings.md"
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"(<!-- settings -->\n).*?(<!-- end of settings -->)", re.DOTALL)


def main() -> None:
    README.write_text(fresh_readme(README.read_text("utf-8")), "utf-8")
    SETTINGS.write_text(fresh_settings(SETTINGS.read_text("utf-8")), "utf-8")
    ENV_EXAMPLE.write_text(env_example(), "utf-8")


def fresh_readme(text: str) -> str:
    """The README with the output of its commands as it is now."""
    with seeds_folder():
        return CONSOLE.sub(lambda block: f"```console\n{_rerun(block[1])}```", text)


def fresh_settings(text: str) -> str:
    """The page with its table of settings as they are now."""
    return TABLE.sub(lambda marks: f"{marks[1]}{settings_table()}{marks[2]}", text)


def settings_table() -> str:
    rows = [
        f"| `{name}` | {default or 'none'} | {description} |" for name, default, description in _settings()
    ]
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows, ""])


def env_example() -> str:
    """What `.env` may hold; with every line a comment, all defaults stand."""
    blocks = ["# Copy to .env and uncomment what should differ; the environment wins over .env.\n"]
    for name, default, description in _settings():
        about = textwrap.fill(description, 100, initial_indent="# ", subsequent_indent="# ")
        blocks.append(f"{about}\n# {name}={default}\n")
    return "\n".join(blocks)


@contextmanager
def seeds_folder() -> Iterator[Path]:
    """A working folder that holds the seed articles, without the settings of whoever runs this."""
    before, environment = Path.cwd(), dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "seeds", Path(folder, "seeds"))
        os.chdir(folder)
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            del os.environ[name]
        try:
            yield Path(folder)
        finally:
            os.chdir(before)
            os.environ.update(environment)


def _settings() -> Iterator[tuple[str, str, str]]:
    """Name in the environment, default as it is written there (empty: none), description."""
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else str(field.default)
        yield PREFIX + name.upper(), default, str(field.description)


def _rerun(block: str) -> str:
    """The block with each command's output as it is now; commands of other programs keep theirs."""
    lines = []
    for part in re.split(r"^(?=\$ )", block, flags=re.MULTILINE):
        command, _, output = part.partition("\n")
        if command.startswith("$ dateline "):
            output = (
                CliRunner(env={"COLUMNS": "80"})
                .invoke(app, shlex.split(command)[2:], prog_name="dateline")
                .output
            )
        lines.append(f"{command}\n{output}" if command else output)
    return "".join(lines)


if __name__ == "__main__":
    main()
