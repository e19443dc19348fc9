"""`glassbox audit`: a model, or the data itself, measured by groups in this terminal, without a server."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from backend.services.models import pretrained
from models.core.contract import registry
from models.core.contract.audit import ModelAuditParams
from models.core.contract.card import Card, MediaKind
from models.core.contract.errors import InputError
from models.core.contract.messages import with_messages
from models.core.contract.progress import Progress
from workers import device as devices
from workers.cli import arguments, chosen, entry
from workers.cli.arguments import Capability, Device, Model, Pairs
from workers.inference import audits

app = entry.command_line("audit")


@app.command()
def run(
    capability: Capability,
    dataset: Annotated[
        Path | None,
        typer.Option(help="A table, or a ZIP of labeled pictures; by default the shipped data."),
    ] = None,
    param: Pairs = None,
    model: Model = "",
    out: Annotated[Path | None, typer.Option(help="File for everything that was measured, as JSON.")] = None,
    device: Device = "",
) -> None:
    """Compare the groups of `-p group=NAME`; the capability `audit` looks at the data, others at a model."""
    card = chosen.card(capability)
    if card.audit_params is None:
        known = ", ".join(name for name, each in chosen.cards().items() if each.audit_params is not None)
        raise InputError(f"{card.title} cannot be audited; possible are: {known}.")
    params = arguments.fitting(card.audit_params, arguments.values(param))
    path = dataset or card.sample_dataset
    if path is None:
        raise InputError(f"{card.title} has no shipped data: use --dataset.")
    if out is not None:
        arguments.check_target(out)
    registry.find_fetched_with(pretrained.local)
    progress = Progress()
    with _opened(card, path) as source:
        if isinstance(params, ModelAuditParams):
            weights = chosen.weights(card, model)
            predictor = registry.code(capability, "predict").Predictor(weights, device or devices.select())
            learned = registry.core("auditing.outcomes").Learned()
            result, stages = audits.of_model(card, predictor, source, params, learned, progress)
        elif model:
            raise InputError(f"{card.title} is about the data alone: leave out --model.")
        else:
            result, stages = registry.code(capability, "audit").audited(source, params, progress)
    names = {each["id"]: str(each["name"]) for each in stages[-1].data["measures"]}
    for line in _lines(result, names):
        typer.echo(line)
    if out is not None:
        out.write_bytes(orjson.dumps(with_messages(result), option=orjson.OPT_INDENT_2))


def _opened(card: Card, path: Path) -> AbstractContextManager[Any]:
    """The bytes of a table, or the dataset in a ZIP. Raises InputError: it cannot be read."""
    data = arguments.content(path)
    takes_tables = any(each.kind == MediaKind.TABLE for each in card.inputs)
    is_archive = data[:4] == b"PK\x03\x04" and path.suffix.lower() == ".zip"
    if takes_tables and not is_archive:
        return nullcontext(data)
    return registry.core("datasets.archive").load(path)


def _lines(result: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    """What was found, each group's measures, and the gaps; * marks those that chance rarely makes.

    Args:
        names: of the measures, by their ids.
    """
    yield from [result["finding"]] if "finding" in result else result["findings"]
    for each in result["groups"]:
        yield f"{result['group']} {each['group']}:"
        for name, own in each.items():
            if isinstance(own, Mapping) and own["value"] is not None:
                interval = f" ({own['low']:.3g} to {own['high']:.3g})" if own["low"] is not None else ""
                yield f"  {names.get(name, name)} {own['value']:.4g}{interval}, {own['rows']:,} rows"
    for gap in result["gaps"]:
        mark = " *" if gap["is_distinct"] else ""
        name = names.get(gap["measure"], gap["measure"])
        interval = f"({gap['low']:.3g} to {gap['high']:.3g})"
        groups = f"highest {gap['highest']}, lowest {gap['lowest']}"
        yield f"gap of {name}: {gap['difference']:.3g} {interval}, {groups}{mark}"
    for name, value in result.get("fairness", {}).items():
        yield f"{name} {value:.4g}"
    yield from result["notes"]


if __name__ == "__main__":
    entry.run(app)
