"""Simultaneous calls executed as one: their order, their errors, their cancellation."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from backend.messaging.microbatch import Microbatcher


def test_requests_during_a_call_go_into_the_next() -> None:
    calls: list[list[int]] = []
    released = threading.Event()

    def double(numbers: Sequence[int]) -> list[int | Exception]:
        calls.append(list(numbers))
        assert released.wait(60)
        return [2 * number for number in numbers]

    async def main() -> list[int]:
        batcher = Microbatcher(double, max_batch=3)
        tasks = [asyncio.create_task(batcher(0))]
        while not calls:
            await asyncio.sleep(0.01)
        tasks += [asyncio.create_task(batcher(number)) for number in range(1, 6)]
        await asyncio.sleep(0)
        released.set()
        results = await asyncio.gather(*tasks)
        batcher.close()
        return results

    assert asyncio.run(main()) == [0, 2, 4, 6, 8, 10]
    assert calls == [[0], [1, 2, 3], [4, 5]]


def test_an_error_concerns_its_request_unless_the_call_failed() -> None:
    def halve(numbers: Sequence[int]) -> list[int | Exception]:
        if 13 in numbers:
            raise RuntimeError("no luck")
        return [number // 2 if number % 2 == 0 else ValueError(f"{number} is odd") for number in numbers]

    async def main() -> None:
        batcher = Microbatcher(halve)
        first, second, third = await asyncio.gather(
            batcher(2), batcher(3), batcher(4), return_exceptions=True
        )
        assert (first, third) == (1, 2)
        assert str(second) == "3 is odd"
        with pytest.raises(RuntimeError, match="no luck"):
            await batcher(13)
        assert await batcher(6) == 3
        batcher.close()

    asyncio.run(main())


def test_a_canceled_request_does_not_affect_the_others() -> None:
    began, released = threading.Event(), threading.Event()

    def same(numbers: Sequence[int]) -> list[int | Exception]:
        began.set()
        assert released.wait(60)
        return list(numbers)

    async def main() -> None:
        batcher = Microbatcher(same)
        canceled, other = asyncio.create_task(batcher(1)), asyncio.create_task(batcher(2))
        assert await asyncio.to_thread(began.wait, 60)
        canceled.cancel()
        released.set()
        assert await other == 2
        with pytest.raises(asyncio.CancelledError):
            await canceled
        batcher.close()

    asyncio.run(main())
