import pytest

from rag import Settings
from rag.api.gate import hosts_for, is_loopback
from rag.api.limits import MOST_HOLDERS, RateLimit


class Clock:
    """Goes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_at_once_then_evenly():
    clock = Clock()
    limit = RateLimit(60, clock)

    assert [limit.wait("desk") for _ in range(60)] == [0.0] * 60
    assert limit.wait("desk") == pytest.approx(1.0)
    clock.now += 1.0
    assert limit.wait("desk") == 0.0
    assert limit.wait("desk") > 0


def test_one_holder_does_not_use_up_anothers():
    limit = RateLimit(1, Clock())

    assert (limit.wait("desk"), limit.wait("night")) == (0.0, 0.0)
    assert limit.wait("desk") == pytest.approx(60.0)


def test_without_a_limit_nobody_waits():
    limit = RateLimit(0, Clock())

    assert {limit.wait("desk") for _ in range(1_000)} == {0.0}


def test_what_is_remembered_is_bounded():
    limit = RateLimit(1, Clock())
    for number in range(MOST_HOLDERS + 5):
        limit.wait(f"holder {number}")

    assert len(limit._buckets) == MOST_HOLDERS


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_only_this_machine_reaches_a_loopback_address(host: str):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "news.example", "127.0.0.1.example", ""])
def test_any_other_address_others_reach(host: str):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("named", "host", "asked", "allowed"),
    [
        ("", "127.0.0.1", "localhost", True),
        ("", "127.0.0.1", "news.example", False),
        ("news.example, desk.example", "127.0.0.1", "desk.example", True),
        ("news.example", "0.0.0.0", "evil.example", False),
    ],
)
def test_the_names_that_requests_may_use(named: str, host: str, asked: str, allowed: bool):
    assert (asked in hosts_for(Settings(api_hosts=named), host)) is allowed


def test_on_another_address_without_names_any_will_do():
    assert hosts_for(Settings(), "0.0.0.0") == []
