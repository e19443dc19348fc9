"""Which way the figures of trainings and answers are better."""

_ERRORS = {"loss", "error", "distance", "inertia", "entropy", "deviation", "rmse", "mae", "kl", "frechet"}
_OTHERS = {"ciede2000", "iterations", "reconstruction", "seconds", "fid"}


def greater_is_better(name: str) -> bool:
    """Whether greater values of the figure of this name are better: accuracy is, log_loss is not."""
    return name not in _OTHERS and _ERRORS.isdisjoint(name.split("_"))
