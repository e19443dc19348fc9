"""The audit of a model: its answers on labeled examples, measured by groups."""

from typing import Any

import numpy as np

from models.audit.groups_stage import gap_of, values_of
from models.audit.measures import fairness
from models.audit.of_models.finding import finding_of
from models.audit.of_models.measured import Audit, Part, audit_of
from models.audit.of_models.stages import stages_of
from models.core.auditing.outcomes import NOTHING, Outcomes
from models.core.contract.audit import ModelAuditParams
from models.core.contract.prediction import Stage


def audited(found: Outcomes, params: ModelAuditParams) -> tuple[dict[str, Any], tuple[Stage, ...]]:
    """The result and the stages of the audit of a model.

    Raises:
        InputError: no examples, an unknown group, one group only, or too many.
    """
    audit = audit_of(found, params)
    return _result(audit), stages_of(audit)


def _result(audit: Audit) -> dict[str, Any]:
    first, params, found = audit.parts[0], audit.params, audit.found
    everything = np.ones(len(found), bool)
    return {
        "audited": found.task,
        "classes": list(found.classes),
        "target": found.target,
        "positive": audit.positive,
        "threshold": params.threshold,
        "least": params.least,
        "part": params.part,
        "finding": finding_of(first.strict, first.views[0], params.least),
        "differs": any(gap.is_distinct for gap in first.strict),
        "distinct": [gap.measure for gap in first.strict if gap.is_distinct],
        **_as_json(first),
        "overall": values_of(audit.view.measured(everything)),
        "fairness": fairness(first.division.gaps) if audit.decided is not None else {},
        "examples": {"used": len(found), "left_out": found.left_out, **_pictures(found)},
        "others": [_as_json(part) for part in audit.parts[1:]],
        "notes": list(audit.notes),
    }


def _pictures(found: Outcomes) -> dict[str, Any]:
    if found.task != "detection":
        return {}
    return {
        "pictures": len(found.pictures),
        "objects": int((found.actual != NOTHING).sum()),
        "false_boxes": int((found.actual == NOTHING).sum()),
    }


def _as_json(part: Part) -> dict[str, Any]:
    division = part.division
    return {
        "group": division.groups.column,
        "groups": [
            {"group": name, "examples": size, **values_of(division.measured[name])}
            for name, size in zip(division.groups.names, division.sizes, strict=True)
        ],
        "gaps": [gap_of(gap) for gap in division.gaps],
    }
