"""Simultaneous calls, executed as one."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

Request = TypeVar("Request")
Result = TypeVar("Result")


class Microbatcher(Generic[Request, Result]):
    """Collects the requests that arrive during one call of `action`, and passes them to the next call.

    The cost of a call, such as a thread switch or a transaction, is shared by simultaneous requests, and a
    single request never waits for others. `action` blocks and runs in its own thread; it returns a result
    or an exception for each request, in order.
    """

    def __init__(
        self, action: Callable[[Sequence[Request]], Sequence[Result | Exception]], max_batch: int = 64
    ):
        self._action, self._max_batch = action, max_batch
        self._waiting: list[tuple[Request, asyncio.Future[Result]]] = []
        self._worker: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="microbatch")

    async def __call__(self, request: Request) -> Result:
        """Raises the exception that `action` raised, or returned for this request."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await future

    def close(self) -> None:
        self._thread.shutdown(wait=False)

    async def _work(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._max_batch], self._waiting[self._max_batch :]
            results = await self._call([request for request, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                if not future.cancelled():  # its caller has left
                    _resolve(future, result)
        self._worker = None

    async def _call(self, requests: list[Request]) -> Sequence[Result | Exception]:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._action, requests)
        except Exception as error:  # noqa: BLE001  raised again for each request
            return [error] * len(requests)


def _resolve(future: asyncio.Future[Any], result: Any) -> None:
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
