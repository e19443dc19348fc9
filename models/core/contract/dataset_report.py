"""What a check found in a dataset: counts, and problems for people. Loads nothing heavy."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field

from models.core.contract.messages import Text, parts_of

Severity = Literal["error", "warning", "note"]
SHOWN_FILES = 20
_MOST_KINDS = 20  # of one finding, by the values in its text


@dataclass(frozen=True)
class Finding:
    """A problem that can occur in many places: its `text` can have the blank `n`."""

    code: str
    severity: Severity
    text: Text


class Problem(BaseModel):
    """One kind of problem, and where it was found."""

    code: str
    severity: Severity
    message: str
    parts: list[dict[str, Any]]  # of the message, for pages in other languages
    files: list[str] = []  # the first of them; some with a place in the file
    count: int = 0

    @classmethod
    def of(cls, finding: Finding, files: list[str], n: int = 1, **values: Any) -> "Problem":
        """A finding that occurred `n` times; `values` fill in the other blanks of its text."""
        message = finding.text(n=n, **values)
        return cls(
            code=finding.code,
            severity=finding.severity,
            message=message,
            parts=parts_of(message),
            files=files[:SHOWN_FILES],
            count=n,
        )


class Problems:
    """Collects the places where findings occurred."""

    def __init__(self) -> None:
        self._files: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}
        self._findings: dict[str, Finding] = {}
        self._values: dict[str, dict[str, Any]] = {}

    def add(self, finding: Finding, *files: str, **values: Any) -> None:
        """One more place. Findings whose `values` differ are listed apart."""
        key = self._key(finding, values)
        self._findings.setdefault(key, finding)
        self._values.setdefault(key, values)
        self._counts[key] = self._counts.get(key, 0) + 1
        shown = self._files.setdefault(key, [])
        shown.extend(files[: SHOWN_FILES - len(shown)])

    def _key(self, finding: Finding, values: dict[str, Any]) -> str:
        key = f"{finding.code} {values}"
        if key in self._findings:
            return key
        alike = [each for each, known in self._findings.items() if known.code == finding.code]
        return key if len(alike) < _MOST_KINDS else alike[0]

    def listed(self) -> list[Problem]:
        """Errors first, then warnings, then notes."""
        order = ("error", "warning", "note")
        found = [
            Problem.of(finding, self._files[key], self._counts[key], **self._values[key])
            for key, finding in self._findings.items()
        ]
        return sorted(found, key=lambda problem: order.index(problem.severity))


class Counts(BaseModel):
    """How much a dataset holds."""

    pictures: int
    labeled: int
    objects: int


class ClassCounts(BaseModel):
    """How often one class occurs: pictures with it, objects of it, and its pictures in each split."""

    name: str
    pictures: int = 0
    objects: int = 0
    train: int = 0
    validation: int = 0
    test: int = 0


class Sizes(BaseModel):
    """Widths and heights in pixels. The medians of both are taken apart."""

    min: tuple[int, int]
    median: tuple[int, int]
    max: tuple[int, int]


class SplitCounts(BaseModel):
    """Pictures in each split."""

    train: int = 0
    validation: int = 0
    test: int = 0


class Report(BaseModel):
    """Everything that a check found."""

    counts: Counts
    classes: list[ClassCounts]
    sizes: Sizes | None  # None: no pictures
    splits: SplitCounts
    problems: list[Problem]
    groups: dict[str, str] = Field(default={}, exclude=True)  # file -> group of its near-duplicates
