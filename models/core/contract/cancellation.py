"""Whether an answer that takes long is still wanted: asked between the pieces of a large picture.

A worker tells it for the length of a step. In notebooks and on the command line every answer is wanted.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from models.core.contract.errors import Canceled

# of each thread its own, so that the function that cuts a picture need not be handed it through all others
_is_wanted: ContextVar[Callable[[], bool] | None] = ContextVar("is_wanted", default=None)


@contextmanager
def while_wanted(is_wanted: Callable[[], bool]) -> Iterator[None]:
    """Let `check` ask `is_wanted` for the length of the block, in this thread."""
    token = _is_wanted.set(is_wanted)
    try:
        yield
    finally:
        _is_wanted.reset(token)


def check() -> None:
    """Called between two pieces of work. Raises Canceled: the answer is not wanted any more."""
    is_wanted = _is_wanted.get()
    if is_wanted is not None and not is_wanted():
        raise Canceled
