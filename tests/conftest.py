import ipaddress
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from rag.settings import PREFIX

if TYPE_CHECKING:
    from rag.answering.lexicon import Lexicon
    from rag.reader import Reader


@pytest.fixture(autouse=True)
def _no_settings_of_whoever_runs_this(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith((PREFIX, "OPENAI_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def _no_network_beyond_loopback() -> Any:
    """Whoever reaches out fails at once, with the address in the message."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _loopback_only(getattr(socket.socket, name)))
        yield


def _loopback_only(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise OSError(f"a test tried to reach {address[0]}")
        return connect(self, address)

    return guarded


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# The bundled models are read once, and by the tests that need them alone: that takes seconds.


@pytest.fixture(scope="session")
def lexicon() -> "Lexicon":
    from rag.answering.lexicon import Lexicon
    from rag.embeddings import StaticEmbedder

    return Lexicon(StaticEmbedder())


@pytest.fixture(scope="session")
def reader() -> "Reader":
    from rag.reader import Reader

    return Reader()
