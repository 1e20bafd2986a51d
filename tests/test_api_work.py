"""Threads for answers: bounded, stopped when nobody waits, and never late without a word."""

import asyncio
from collections.abc import Iterator
from threading import Event

import pytest

from rag.api.work import Gone, Overloaded, TooLate, Work

PATIENCE = 30.0  # seconds until a test that hangs fails


async def here() -> bool:
    return False


async def gone() -> bool:
    return True


def work(*, threads: int = 1, waiting: int = 0, seconds: float = PATIENCE) -> Work:
    return Work(threads=threads, waiting=waiting, seconds=seconds)


def test_events_come_in_their_order():
    async def run() -> list[int]:
        return [number async for number in work().events(lambda: iter(range(5)), here)]

    assert asyncio.run(run()) == [0, 1, 2, 3, 4]


def test_an_error_comes_after_the_events_before_it():
    def fails() -> Iterator[int]:
        yield 1
        raise KeyError("x")

    async def run() -> list[int]:
        seen = []
        with pytest.raises(KeyError):
            async for number in work().events(fails, here):
                seen.append(number)  # noqa: PERF401 - what came before the error is kept
        return seen

    assert asyncio.run(run()) == [1]


def test_one_question_too_many_is_told_to_come_back():
    goes_on = Event()

    def waits() -> Iterator[int]:
        goes_on.wait(PATIENCE)
        yield 1

    async def run() -> None:
        desk = work(threads=1, waiting=1)
        first, second = desk.events(waits, here), desk.events(waits, here)
        tasks = [asyncio.ensure_future(anext(first)), asyncio.ensure_future(anext(second))]
        await asyncio.sleep(0)
        assert desk.admitted == 2
        with pytest.raises(Overloaded) as raised:
            await anext(desk.events(waits, here))
        assert raised.value.retry_after >= 1
        goes_on.set()
        assert await asyncio.gather(*tasks) == [1, 1]
        for events in (first, second):
            assert [event async for event in events] == []
        async with asyncio.timeout(PATIENCE):  # the thread is let go just after its last event
            while desk.admitted:
                await asyncio.sleep(0.01)

    asyncio.run(run())


def test_a_computation_that_nobody_reads_stops_at_its_next_event():
    stopped, goes_on = Event(), Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
                goes_on.wait(PATIENCE)
        finally:
            stopped.set()

    async def run() -> None:
        events = work().events(endless, here)
        assert await anext(events) == 1
        await events.aclose()
        goes_on.set()

    asyncio.run(run())

    assert stopped.wait(PATIENCE)


def test_a_client_that_went_is_noticed_while_nothing_happens():
    goes_on = Event()

    def waits() -> Iterator[int]:
        goes_on.wait(PATIENCE)
        yield 1

    async def run() -> None:
        with pytest.raises(Gone):
            await anext(work().events(waits, gone))
        goes_on.set()

    asyncio.run(run())


def test_a_client_that_went_is_noticed_while_much_happens():
    left = Event()

    def writes() -> Iterator[int]:
        while not left.wait(0.01):
            yield 1

    async def run() -> None:
        with pytest.raises(Gone):
            async for _ in work().events(writes, gone):
                pass
        left.set()

    asyncio.run(run())


def test_what_was_dropped_while_it_waited_never_begins():
    goes_on, began = Event(), Event()

    def waits() -> Iterator[int]:
        goes_on.wait(PATIENCE)
        yield 1

    def begins() -> Iterator[int]:
        began.set()
        yield 1

    async def run() -> None:
        desk = work(threads=1, waiting=1)
        first = asyncio.ensure_future(anext(desk.events(waits, here)))
        await asyncio.sleep(0)
        with pytest.raises(Gone):
            await anext(desk.events(begins, gone))
        goes_on.set()
        await first
        desk.close()

    asyncio.run(run())

    assert not began.is_set()


def test_an_answer_that_takes_too_long_is_given_up():
    goes_on = Event()

    def waits() -> Iterator[int]:
        goes_on.wait(PATIENCE)
        yield 1

    async def run() -> None:
        with pytest.raises(TooLate, match=r"0\.05 s"):
            await anext(work(seconds=0.05).events(waits, here))
        goes_on.set()

    asyncio.run(run())
