"""What every test of the page watches for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tools.browser import CHROMIUM

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on the PATH; on Debian and Ubuntu: apt install chromium"
)


@dataclass
class Watch:
    """What a page did that a reader does not see."""

    origin: str
    elsewhere: list[str] = field(default_factory=list)  # requests to other hosts
    dialogs: list[str] = field(default_factory=list)  # a script that ran would open one
    errors: list[str] = field(default_factory=list)

    def on(self, page: Any) -> Any:
        """Watch this page."""
        page.on("request", self._request)
        page.on("dialog", self._dialog)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        return page

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def page_at(browser: Any, address: str, **context: Any) -> Iterator[Any]:
    """The page at this address in a context of its own; fails for what no page may do."""
    with browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context}) as opened:
        watch = Watch(address)
        page = watch.on(opened.new_page())
        page.set_default_timeout(30_000)
        page.goto(address, wait_until="domcontentloaded")
        page.locator(".welcome").wait_for()
        yield page
        assert (watch.elsewhere, watch.dialogs, watch.errors) == ([], [], [])


def serious(page: Any) -> list[str]:
    """The serious and critical violations that axe-core finds, each with its first element."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:200]}"
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
