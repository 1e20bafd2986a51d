"""Work on several cores: order, errors, what is dropped, and one call for a key that many ask for."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from threading import Barrier, Event, current_thread

import pytest

from rag.threads import Line, Memo, side_by_side

ASKING: ContextVar[str] = ContextVar("asking", default="nobody")


@pytest.fixture(autouse=True)
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 4)


def after(event: Event) -> int:
    assert event.wait(10)
    return 1


@pytest.mark.parametrize("threads", [1, 4])
def test_results_come_in_the_order_of_the_items(threads: int):
    assert side_by_side(lambda number: number * 2, range(9), threads=threads) == list(range(0, 18, 2))


def test_items_are_worked_on_at_once():
    together = Barrier(4, timeout=10)

    assert len({*side_by_side(lambda _: together.wait(), range(4))}) == 4


def test_threads_know_for_whom_they_work():
    token = ASKING.set("the reader")
    try:
        with Line(lambda _: ASKING.get(), name="test") as line:
            line.add(range(2))

            assert [*line.rest()] == side_by_side(lambda _: ASKING.get(), range(2)) == ["the reader"] * 2
    finally:
        ASKING.reset(token)


def test_what_is_ready_comes_back_in_the_order_given():
    first, second = Event(), Event()
    with Line(after, name="test") as line:
        line.add([first, second])
        second.set()
        assert list(line.ready()) == []  # the second may be done, but not the first

        first.set()
        assert list(line.rest()) == [1, 1]
        assert list(line.ready()) == list(line.rest()) == []


def test_work_is_done_on_threads_that_can_be_told_by_their_name():
    with Line(lambda _: current_thread().name, name="dateline-test") as line:
        line.add([0])

        assert next(line.rest()).startswith("dateline-test")


def test_an_error_is_raised_where_the_result_is_asked_for():
    def fail(number: int) -> int:
        if number:
            raise ValueError("no")
        return number

    with Line(fail, name="test") as line:
        line.add([0, 1])
        results = line.rest()

        assert next(results) == 0
        with pytest.raises(ValueError, match="no"):
            next(results)


def test_what_has_not_begun_when_nobody_waits_any_more_is_dropped():
    begun: list[int] = []
    running, go, done = Event(), Event(), Event()

    def work(number: int) -> None:
        begun.append(number)
        running.set()
        assert go.wait(10)
        done.set()

    with Line(work, name="test", threads=1) as line:
        line.add(range(5))
        assert running.wait(10)
    go.set()
    assert done.wait(10)

    assert not Event().wait(0.2)  # in which the others would begin
    assert begun == [0]


def counted(answer: Callable[[str], str]) -> tuple[Callable[[str], str], list[str]]:
    calls: list[str] = []

    def run(key: str) -> str:
        calls.append(key)
        return answer(key)

    return run, calls


def test_a_key_is_asked_for_once():
    run, calls = counted(str.upper)
    memo = Memo(run, kept=2)

    assert [memo("a"), memo("a"), memo("b")] == ["A", "A", "B"]
    assert calls == ["a", "b"]


def test_the_key_that_was_not_asked_for_longest_is_forgotten():
    run, calls = counted(str.upper)
    memo = Memo(run, kept=2)

    for key in ("a", "b", "a", "c", "a", "b"):
        memo(key)

    assert calls == ["a", "b", "c", "b"]


def test_threads_that_ask_for_a_key_meanwhile_share_one_call():
    asked = Barrier(4, timeout=10)
    running, release = Event(), Event()

    def slow(key: str) -> str:
        running.set()
        assert release.wait(10)
        return key.upper()

    run, calls = counted(slow)
    memo = Memo(run, kept=2)

    def ask(_: int) -> str:
        asked.wait()
        return memo("a")

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(ask, number) for number in range(4)]
        assert running.wait(10)
        assert not release.wait(0.2)  # in which the others ask
        release.set()

        assert [answer.result(10) for answer in answers] == ["A"] * 4
    assert calls == ["a"]


def test_an_error_is_told_and_not_remembered():
    def fail(key: str) -> str:
        if len(calls) == 1:
            raise ValueError(key)
        return key

    run, calls = counted(fail)
    memo = Memo(run, kept=2)

    with pytest.raises(ValueError, match="a"):
        memo("a")
    assert memo("a") == "a"


@pytest.mark.parametrize("program", ["rag.cli", "eval"])
@pytest.mark.parametrize(("before", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "4"}, "4")])
def test_programs_leave_the_cores_to_the_models_unless_told_otherwise(
    program: str, before: dict[str, str], threads: str
):
    code = f"import os, sys, {program}; print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    inherited = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}

    done = subprocess.run(
        [sys.executable, "-c", code], env=inherited | before, capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["False", threads]
