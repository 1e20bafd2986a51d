"""Makes the screenshots of docs/chat.md from the program as it is: `python -m tools.screenshots`.

Needs Chromium on the PATH. The articles are the seeds, and four invented ones on which sources differ.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image

from rag import Newsroom, Settings
from rag.settings import PREFIX
from tools.browser import CHROMIUM, chromium

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
COLOURS = 64  # of a picture: pages are of few colours, and a picture stays well below 150 kB
PATIENCE = 120  # seconds for the server to start on a busy machine
WIDE, PHONE = {"width": 1200, "height": 860}, {"width": 390, "height": 800}
KILLED = "How many civilians were killed in Friday's strike?"
INJURED = "How many workers were injured when the Vasa bridge collapsed?"
INVENTED = (
    {
        "id": "aamu-1",
        "date": "2021-05-04",
        "source": "Aamu",
        "title": "Bridge collapses in Turku",
        "text": "The Vasa bridge in Turku collapsed on Monday. Eleven workers were injured when the bridge collapsed, "
        "the city hospital said. Mayor Anna Lind promised an inquiry.",
    },
    {
        "id": "ilta-1",
        "date": "2021-05-04",
        "source": "Ilta",
        "title": "Workers hurt as Turku bridge falls",
        "text": "Fourteen workers were injured when the Vasa bridge in Turku collapsed on Monday, police said.",
    },
    {
        "id": "paiva-1",
        "date": "2021-05-06",
        "source": "Päivä",
        "title": "Inquiry into Vasa bridge begins",
        "text": "An inquiry into the collapse of the Vasa bridge began on Thursday. Cracks had been known since March, "
        "Mayor Anna Lind said.",
    },
    {
        "id": "aamu-2",
        "date": "2021-06-01",
        "source": "Aamu",
        "title": "Bank raises rates",
        "text": "The central bank raised its key rate to 4.75 percent on Tuesday, Governor Bo Ek said.",
    },
)


def main() -> None:
    if CHROMIUM is None:
        sys.exit("no chromium on the PATH; on Debian and Ubuntu: apt install chromium")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as address, chromium() as browser:
        wide(browser, address)
        with opened(browser, address, viewport=WIDE, color_scheme="dark") as page:
            ask(page, INJURED)
            shoot(page, "dark")
        with opened(browser, address, viewport=PHONE, has_touch=True) as page:
            ask(page, KILLED)
            shoot(page, "phone")
            page.locator("#latest .cite").first.tap()
            page.locator("#reader mark").wait_for()
            shoot(page, "phone-article")


def wide(browser: Any, address: str) -> None:
    """The states of the page on a desk."""
    with opened(browser, address, viewport=WIDE) as page:
        shoot(page, "start")
        ask(page, KILLED)
        page.locator("#latest .cite").first.click()
        page.locator("#reader mark").wait_for()
        shoot(page, "answer")
        page.keyboard.press("Escape")
        ask(page, INJURED)
        shoot(page, "conflict")
        ask(page, "Who won the 2018 World Cup?")
        shoot(page, "no-answer")
        page.get_by_role("tab", name="Corpus").click()
        page.locator("table.articles").wait_for()
        shoot(page, "corpus")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """`dateline serve` over a home with the articles, without the settings of whoever runs this."""
    home, rows = folder / "home", folder / "invented.jsonl"
    rows.write_text("".join(f"{json.dumps(row)}\n" for row in INVENTED), "utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with Newsroom(Settings(home=home)) as newsroom:
        newsroom.ingest([ROOT / "seeds", rows])
    command = [sys.executable, "-c", "from rag.cli import main; main()", "--debug"]
    command += ["serve", "--home", str(home), "--port", "0"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log, env=environment, cwd=folder)  # noqa: S603
    try:
        yield wait_for_address(folder / "log", process)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_for_address(log: Path, process: "subprocess.Popen[bytes]") -> str:
    """The address that the server says it listens on, once it answers there."""
    for _ in range(10 * PATIENCE):
        if found := re.search(r"127\.0\.0\.1:(\d+)", log.read_text("utf-8")):
            address = f"http://{found[0]}"
            try:
                urlopen(f"{address}/healthz").close()  # noqa: S310 - our own server
            except URLError:
                pass
            else:
                return address
        if process.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"the server did not start:\n{log.read_text('utf-8')}")


@contextmanager
def opened(browser: Any, address: str, **context: Any) -> Iterator[Any]:
    """The page, with its examples, in a context of its own."""
    with browser.new_context(reduced_motion="reduce", **context) as own:
        page = own.new_page()
        page.goto(address, wait_until="domcontentloaded")
        page.locator(".example").first.wait_for()
        yield page


def ask(page: Any, question: str) -> None:
    """Ask, and wait until the answer is whole."""
    box = page.get_by_label("Your question")
    box.fill(question)
    box.press("Enter")
    exchange = page.locator("#latest .exchange", has=page.locator("h2.asked", has_text=question))
    exchange.and_(page.locator("[aria-busy=false]")).wait_for()


def shoot(page: Any, name: str) -> None:
    """What is in view, as a small PNG."""
    page.wait_for_timeout(600)  # for the page to have scrolled
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    Image.open(path).convert("P", palette=Image.Palette.ADAPTIVE, colors=COLOURS).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
