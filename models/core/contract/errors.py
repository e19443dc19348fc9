"""The errors that can occur on the way to an answer, bugs aside."""


class InputError(ValueError):
    """The user's file or params cannot be used. The message, a `Message`, is shown to the user."""


class WeightsError(RuntimeError):
    """Weights are missing, damaged or could not be downloaded. The message includes the remedy."""


class NotExportable(WeightsError):
    """The network cannot be written as ONNX; its weights can be exported all the same."""


class Canceled(Exception):
    """The job was canceled; raised by `cancellation.check`. Do not catch it."""


class Preempted(Exception):
    """The worker is stopping and the checkpoint is written; raised by `Progress.saved`. Do not catch it."""
