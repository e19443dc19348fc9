"""What can go wrong on the way to an answer, apart from bugs."""


class InputError(ValueError):
    """The user's file or params cannot be used. The message is shown to the user: it says what and where."""


class WeightsError(RuntimeError):
    """Weights are missing, damaged or could not be fetched. The message says what to do."""


class Canceled(Exception):
    """The user canceled the job; raised by `Progress` and by `cancellation.check`, let it pass."""


class Preempted(Exception):
    """The worker is stopping and the checkpoint is written; raised by `Progress`, let it pass."""
