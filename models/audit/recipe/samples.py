"""The tables of the samples.

    python -m models.audit.recipe.samples

`admissions.csv`: the counts that Bickel, Hammel and O'Connell published (Science 187, 1975), as a row for
each applicant. `loans.csv`: invented loans. In the southern district incomes are as in the northern one, but
the score was learned where a third of the southern repayments were never recorded: it is too low there.
"""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

SAMPLES = Path(__file__).parent.parent / "samples"
APPLICANTS = {  # department: (men admitted, men rejected, women admitted, women rejected)
    "A": (512, 313, 89, 19),
    "B": (353, 207, 17, 8),
    "C": (120, 205, 202, 391),
    "D": (138, 279, 131, 244),
    "E": (53, 138, 94, 299),
    "F": (22, 351, 24, 317),
}
LOANS = 2_000
SOUTHERN = 0.25  # share of the loans
UNRECORDED = 1 / 3  # of the southern repayments


def admissions() -> Iterable[tuple[str, ...]]:
    """gender, department, admitted."""
    for department, counts in APPLICANTS.items():
        outcomes = (("man", "yes"), ("man", "no"), ("woman", "yes"), ("woman", "no"))
        for (gender, admitted), count in zip(outcomes, counts, strict=True):
            yield from [(gender, department, admitted)] * count


def loans(seed: int = 1973) -> Iterable[tuple[str, ...]]:
    """district, age, income in 1,000, outcome, score; the score is the share repaid as it was recorded."""
    random = np.random.default_rng(seed)
    for _ in range(LOANS):
        district = "south" if random.random() < SOUTHERN else "north"
        age, income = int(random.integers(21, 76)), float(random.lognormal(3.6, 0.4))
        ability = 1 / (1 + np.exp(-(income - 36) / 9))
        repaid = random.random() < 0.15 + 0.8 * ability
        recorded = 0.15 + 0.8 * ability * (1 - UNRECORDED if district == "south" else 1)
        score = float(np.clip(recorded + random.normal(0, 0.08), 0.01, 0.99))
        yield district, str(age), f"{income:.1f}", "repaid" if repaid else "defaulted", f"{score:.2f}"


def write(name: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with (SAMPLES / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    write("admissions.csv", ("gender", "department", "admitted"), admissions())
    write("loans.csv", ("district", "age", "income", "outcome", "score"), loans())
