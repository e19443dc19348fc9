"""Which way the figures of trainings and answers are better."""

_SMALLER_WORDS = (
    "loss",
    "error",
    "distance",
    "inertia",
    "entropy",
    "deviation",
    "rmse",
    "mae",
    "kl",
    "frechet",
)
_SMALLER = frozenset({"ciede2000", "iterations", "reconstruction", "seconds", "fid"})


def greater_is_better(name: str) -> bool:
    """Whether greater values of the figure of this name are better: accuracy is, log_loss is not."""
    words = name.split("_")
    return name not in _SMALLER and not any(word in _SMALLER_WORDS for word in words)
