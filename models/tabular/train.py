"""Fitting a model that is kept: `fit` with progress and a checkpoint, then its file."""

from pathlib import Path

from models.core.contract.progress import Progress
from models.core.training.loop import log
from models.tabular.card import TrainParams
from models.tabular.data import table_of
from models.tabular.fit import fit


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> dict[str, float]:
    """Write the model fitted to the CSV file `dataset` to `weights`, a log of its losses beside it.

    Returns:
        Its quality on the test rows, or on the training rows where there are none.

    Raises:
        InputError: `dataset` is no table that can be learned from; it says where.
    """
    table = table_of(dataset.read_bytes(), params)
    found = fit(table, params, device=device, progress=progress, checkpoint=checkpoint)
    found.model.save(weights)
    log_file = weights.with_suffix(".log.csv")
    log_file.unlink(missing_ok=True)
    for epoch, (loss, validation) in enumerate(found.learned.losses):
        log(
            log_file,
            {"step": epoch, "loss": loss} | ({} if validation is None else {"validation_loss": validation}),
        )
    record = found.model.record
    quality = record["quality"][record["judged_on"]]
    return {name: value for name, value in quality.items() if value is not None}
