"""Calls that come together, made together."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Gathered(Generic[Asked, Answer]):
    """What is asked while one call runs is handed to the next, all at once.

    So what costs by the call, a thread's turn or a transaction, is shared by those who come together,
    and who comes alone waits for nobody. `action` blocks and runs in a thread of its own; it answers each in
    its place, with an exception for who is to get one.
    """

    def __init__(self, action: Callable[[Sequence[Asked]], Sequence[Answer | Exception]], most: int = 64):
        self._action, self._most = action, most
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._worker: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="gathered")

    async def __call__(self, asked: Asked) -> Answer:
        """Raises what `action` raised, or had for this one."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, future))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await future

    def close(self) -> None:
        self._thread.shutdown(wait=False)

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            answers = await self._call([asked for asked, _ in batch])
            for (_, future), answer in zip(batch, answers, strict=True):
                if not future.cancelled():  # by an asker that has left
                    _settle(future, answer)
        self._worker = None

    async def _call(self, asked: list[Asked]) -> Sequence[Answer | Exception]:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._action, asked)
        except Exception as error:  # noqa: BLE001  each asker raises it in its own place
            return [error] * len(asked)


def _settle(future: asyncio.Future[Any], answer: Any) -> None:
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
