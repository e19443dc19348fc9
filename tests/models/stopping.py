"""A worker that stops during a training."""

from models.core.contract.errors import Preempted
from models.core.contract.progress import Progress


class StopAt(Progress):
    """Requests the checkpoint after one step and then stops."""

    def __init__(self, step: int):
        super().__init__()
        self.stop, self.step = step, 0

    def __call__(self, step: int, *_: object) -> None:
        self.step = step

    @property
    def checkpoint_due(self) -> bool:
        return self.step == self.stop

    def saved(self) -> None:
        raise Preempted
