"""An audit of a dataset: what it holds of whom, before any model has learned from it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from models.audit.card import DatasetAuditParams
from models.audit.datasets import comparison, copy_stages, inspection
from models.audit.datasets.associations import Association, Determination, associations, determinations
from models.audit.datasets.comparison import Comparison
from models.audit.datasets.extremes import extremes_stage
from models.audit.datasets.facts import Facts
from models.audit.datasets.pictures import cropped, facts_of_pictures
from models.audit.datasets.tables import facts_of_table
from models.audit.groups import Groups
from models.core.contract.messages import Message, Text
from models.core.contract.prediction import Stage
from models.core.contract.progress import Progress
from models.core.datasets.archive import Dataset

IMBALANCED_FROM = 5  # times as many examples as the smallest group has
LISTED = 5  # names in a sentence

IMBALANCE = Text(
    "audit.datasets.findings.imbalance",
    "{column}: {largest} has {most:,} examples, {ratio:.0f} times as many as {smallest} with {fewest:,}.",
)
PROXIES = Text(
    "audit.datasets.findings.proxies",
    "The groups differ by more than chance in {attributes}: a model can use that instead of what it should "
    "learn.",
)
ASSOCIATED = Text("audit.datasets.findings.associated", "{attribute} (association {value:.2f})")
LISTED_BOTH = Text("audit.datasets.findings.listed", "{first}, {second}")
LEAK = Text(
    "audit.datasets.findings.leak",
    "{attribute} alone avoids {value:.0%} of the errors in guessing {target}: check whether it is known "
    "before the outcome.",
)
OVER_SPLITS = Text(
    "audit.datasets.findings.over_splits",
    "{n:,} {n:set|sets} of near-duplicates {n:lies|lie} in several splits: figures measured on "
    "{n:it|them} are too good.",
)
NO_LABELS = Text(
    "audit.datasets.findings.no_labels", "The dataset has no labels: only what it shows is audited."
)
ONE_CLASS = Text(
    "audit.datasets.findings.one_class", "All labeled examples are of one class: there is nothing to learn."
)
SMALL = Text(
    "audit.datasets.findings.small",
    "{n:,} {n:group has|groups have} fewer than {least} {least:example|examples} and {n:is|are} not "
    "compared: {names}.",
)


def audited(
    source: Dataset | bytes, params: DatasetAuditParams, progress: Progress
) -> tuple[dict[str, Any], tuple[Stage, ...]]:
    """The result for programs, and the stages; the comparison of the groups is the answer, and last.

    Args:
        source: pictures, or the bytes of a table.
        progress: gets the pictures done and their number, and may raise.

    Raises:
        InputError: not a table, no such column or group, too many groups, or no readable picture.
        Canceled: the job was canceled.
    """
    decode = None
    if isinstance(source, bytes):
        facts = facts_of_table(source, params)
    else:
        facts = facts_of_pictures(source, params.seed, progress)
        decode = _decoder(source)
    group, groups = facts.groups(params.group, preferred=("class",) if decode else ())
    compared = comparison.compared(facts, group, groups, params.least)
    tied = associations(facts, group, groups, params.seed)
    revealing = list(determinations(facts, params.seed))
    findings = list(_findings(facts, compared, tied, revealing, params.least))
    stages = (
        inspection.counts_stage(facts, groups, facts.attributes.get("split") if decode else None),
        *inspection.missing_stage(facts, groups),
        *copy_stages.copy_stages(facts.copies, decode),
        *(extremes_stage(facts, groups, decode) if decode else ()),
        *inspection.association_stages(facts, groups, tied),
        *inspection.determination_stage(facts, revealing),
        comparison.groups_stage(facts, compared, params.least, [*findings, *facts.notes]),
    )
    result = {
        "unit": str(facts.unit),
        "total": len(facts),
        "target": facts.target or None,
        **compared.json,
        "associations": [
            {"attribute": each.name, "value": each.value, "p": each.p, "is_distinct": each.is_distinct}
            for each in tied
        ],
        "determinations": [
            {"attribute": each.name, "value": each.value, "is_suspicious": each.is_suspicious}
            for each in revealing
        ],
        "copies": facts.copies.json,
        "findings": findings,
        "notes": list(facts.notes),
    }
    return result, stages


def _decoder(dataset: Dataset) -> Callable[[Mapping[str, Any]], Image.Image]:
    """The picture of a reference, or the object within its box."""
    by_file = {picture.file: picture for picture in dataset.manifest.pictures}

    def decode(reference: Mapping[str, Any]) -> Image.Image:
        image = dataset.decode(by_file[reference["picture"]])
        return cropped(image, reference["box"]) if "box" in reference else image

    return decode


def _findings(
    facts: Facts,
    compared: Comparison,
    tied: Sequence[Association],
    revealing: Sequence[Determination],
    least: int,
) -> Iterator[Message]:
    """What should not go unread, as sentences."""
    if not facts.target:
        yield NO_LABELS()
    elif facts.classes is not None and len(facts.classes[0]) == 1:
        yield ONE_CLASS()
    yield from _about_sizes(compared.division.groups, np.array(compared.division.sizes), least)
    yield from _about_proxies([each for each in tied if each.is_distinct and each.name != facts.target])
    for each in revealing:
        if each.is_suspicious:
            target = facts.attributes[facts.target].title
            yield LEAK(attribute=each.attribute.title, value=each.value, target=target)
    if facts.copies.over_splits:
        yield OVER_SPLITS(n=len(facts.copies.over_splits))
    if agreement := facts.copies.agreement:
        sets = facts.copies.labeled_sets
        agreeing = sets - len(facts.copies.disagreeing)
        if agreeing < sets:
            low, high = agreement
            yield copy_stages.AGREEMENT(agreeing=agreeing, sets=sets, low=low, high=high)


def _about_proxies(distinct: Sequence[Association]) -> Iterator[Message]:
    """One sentence with all of them, the closest first."""
    if distinct:
        written = [ASSOCIATED(attribute=each.attribute.title, value=each.value) for each in distinct[:LISTED]]
        attributes = written[0]
        for each in written[1:]:
            attributes = LISTED_BOTH(first=attributes, second=each)
        yield PROXIES(attributes=attributes)


def _about_sizes(groups: Groups, sizes: np.ndarray, least: int) -> Iterator[Message]:
    if len(sizes) < 2:
        return
    largest, smallest = int(sizes.argmax()), int(sizes.argmin())
    if sizes[largest] >= IMBALANCED_FROM * sizes[smallest]:
        yield IMBALANCE(
            column=groups.column,
            largest=groups.names[largest],
            most=int(sizes[largest]),
            ratio=float(sizes[largest] / sizes[smallest]),
            smallest=groups.names[smallest],
            fewest=int(sizes[smallest]),
        )
    few = [groups.names[index] for index in np.flatnonzero(sizes < least)]
    if few:
        listed = ", ".join(few[:LISTED]) + (", …" if len(few) > LISTED else "")
        yield SMALL(n=len(few), least=least, names=listed)
