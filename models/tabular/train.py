"""Training: `fit` with progress and a checkpoint, then the model's file."""

from pathlib import Path

from models.core.contract.progress import Progress
from models.core.contract.trained import Trained
from models.core.training.loop import append_row
from models.tabular.card import TrainParams
from models.tabular.data import table_of
from models.tabular.evaluation.cross_validation import part_of, with_cross_validation
from models.tabular.evaluation.outside_training import outside_training
from models.tabular.fit import fit

_EVALUATION = ("intervals", "by_class", "baseline", "cross_validation", "quality")  # of the record


def train(
    dataset: Path,
    params: TrainParams,
    *,
    weights: Path,
    device: str,
    progress: Progress,
    checkpoint: Path | None = None,
) -> Trained:
    """Fit a model to the CSV file `dataset`, write it to `weights` and a log of its losses beside it.

    Returns:
        The quality on the test rows, or on the training rows if there are no test rows, and their number;
        with the notes, intervals and cross-validation that show how much these figures can be trusted.

    Raises:
        InputError: no model can be fitted to `dataset`; the message names the place.
    """
    table = table_of(dataset.read_bytes(), params)
    first = part_of(progress, 0, params)
    fitted = fit(table, params, device=device, progress=first, checkpoint=checkpoint)
    fitted = with_cross_validation(fitted, params, device=device, progress=progress)
    fitted.model.save(weights)
    log_file = weights.with_suffix(".log.csv")
    log_file.unlink(missing_ok=True)
    for epoch, (loss, validation) in enumerate(fitted.history.losses):
        append_row(
            log_file,
            {"step": epoch, "loss": loss} | ({} if validation is None else {"validation_loss": validation}),
        )
    record = fitted.model.record
    part = record["measured_on"]
    known = {name: value for name, value in record["quality"][part].items() if value is not None}
    is_best_epoch = record["chosen_on_validation"] == "epoch"
    return Trained(
        {**known, f"{part}_rows": float(record["rows"][part])},
        part=part,
        figure="loss" if is_best_epoch else None,
        step=record["best_epoch"] if is_best_epoch else None,
        notes=(*fitted.notes, *outside_training(table, fitted.model, is_new_table=False)),
        evaluation={name: record[name] for name in _EVALUATION},
    )
