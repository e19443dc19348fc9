"""Calls that are made together: who waits for whom, and whose error it is."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from backend.messaging.microbatch import Gathered


def test_what_is_asked_while_a_call_runs_goes_into_the_next() -> None:
    calls: list[list[int]] = []
    may_go_on = threading.Event()

    def double(asked: Sequence[int]) -> list[int | Exception]:
        calls.append(list(asked))
        assert may_go_on.wait(60)
        return [2 * number for number in asked]

    async def main() -> list[int]:
        gathered = Gathered(double, most=3)
        asking = [asyncio.create_task(gathered(0))]
        while not calls:
            await asyncio.sleep(0.01)
        asking += [asyncio.create_task(gathered(number)) for number in range(1, 6)]
        await asyncio.sleep(0)
        may_go_on.set()
        answers = await asyncio.gather(*asking)
        gathered.close()
        return answers

    assert asyncio.run(main()) == [0, 2, 4, 6, 8, 10]
    assert calls == [[0], [1, 2, 3], [4, 5]]


def test_an_error_is_for_the_one_it_is_about_unless_the_call_itself_failed() -> None:
    def halve(asked: Sequence[int]) -> list[int | Exception]:
        if 13 in asked:
            raise RuntimeError("no luck")
        return [number // 2 if number % 2 == 0 else ValueError(f"{number} is odd") for number in asked]

    async def main() -> None:
        gathered = Gathered(halve)
        first, second, third = await asyncio.gather(
            gathered(2), gathered(3), gathered(4), return_exceptions=True
        )
        assert (first, third) == (1, 2)
        assert str(second) == "3 is odd"
        with pytest.raises(RuntimeError, match="no luck"):
            await gathered(13)
        assert await gathered(6) == 3
        gathered.close()

    asyncio.run(main())


def test_an_asker_that_leaves_takes_no_answer_from_the_others() -> None:
    may_go_on = threading.Event()

    def same(asked: Sequence[int]) -> list[int | Exception]:
        assert may_go_on.wait(60)
        return list(asked)

    async def main() -> None:
        gathered = Gathered(same)
        leaving, staying = asyncio.create_task(gathered(1)), asyncio.create_task(gathered(2))
        await asyncio.sleep(0.01)
        leaving.cancel()
        may_go_on.set()
        assert await staying == 2
        with pytest.raises(asyncio.CancelledError):
            await leaving
        gathered.close()

    asyncio.run(main())
