"""Audits: measures by hand and as fairlearn computes them, intervals that cover, and tables of every kind."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from fairlearn import metrics as reference

from models.audit.association import correlation_ratio, cramers_v
from models.audit.card import SAMPLES, PredictParams
from models.audit.intervals import bootstrap_mean, newcombe, wilson, wilson_mean
from models.audit.measures import Counts, Share, gaps, shares
from models.audit.of_models.views import OfClasses, OfNumbers
from models.audit.predict import Predictor
from models.core.auditing.outcomes import Outcomes
from models.core.contract.errors import InputError
from models.core.contract.prediction import answer, answer_opened
from models.core.training.bootstrap import interval_of_mean

TRIALS = 1_000


def table(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def audit(data: bytes, **params: Any) -> dict[str, Any]:
    return dict(answer(Predictor(), {"table": data}, PredictParams(**params)).result)


def test_intervals_are_the_published_ones() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, Two proportions, I
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert newcombe((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=1e-4)  # the same, II, table 2
    assert wilson(0, 0) is None
    assert newcombe((0, 0), (1, 2)) is None


def drawn(seed: int, rows: int, groups: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    group = random.integers(groups, size=rows)
    actual = random.random(rows) < 0.3 + 0.1 * group
    return group, actual, np.where(random.random(rows) < 0.8, actual, ~actual)


@pytest.mark.parametrize(("seed", "rows", "groups"), [(1, 60, 2), (2, 500, 3), (3, 1_000, 5)])
def test_the_measures_of_fairness_are_those_of_fairlearn(seed: int, rows: int, groups: int) -> None:
    group, actual, decided = drawn(seed, rows, groups)
    yes_no = np.array(["no", "yes"])
    cells = zip(
        (f"g{each}" for each in group), yes_no[actual.astype(int)], yes_no[decided.astype(int)], strict=True
    )
    found = audit(table(("group", "actual", "decision"), cells), least=1)["fairness"]

    names = (
        "demographic_parity_difference",
        "demographic_parity_ratio",
        "equal_opportunity_difference",
        "equalized_odds_difference",
    )
    expected = {name: getattr(reference, name)(actual, decided, sensitive_features=group) for name in names}
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("rows", [30, 100])
@pytest.mark.parametrize(
    ("draw", "mean"),
    [
        (lambda random, rows: random.normal(0.2, 1, rows), 0.2),
        (lambda random, rows: np.abs(random.normal(size=rows)), (2 / np.pi) ** 0.5),
    ],
    ids=["errors", "absolute errors"],
)
def test_bootstrap_intervals_cover_the_mean(draw: Callable[..., np.ndarray], mean: float, rows: int) -> None:
    """30 is the smallest group that is compared."""
    random, covered, usually = np.random.default_rng(5), 0, 0
    for seed in range(TRIALS):
        values = draw(random, rows)
        low, high = bootstrap_mean(values, seed=seed) or (0.0, 0.0)
        covered += low <= mean <= high
        low, high = interval_of_mean(values, resamples=1_000, seed=seed)
        usually += low <= mean <= high
    shares = f"{covered / TRIALS:.1%} cover the mean, {usually / TRIALS:.1%} without being expanded"
    print(f"bootstrap intervals of {rows} rows: {shares}")  # noqa: T201
    assert covered / TRIALS == pytest.approx(0.95, abs=0.02)


def answers(random: np.random.Generator, sizes: Sequence[int], recall: float) -> Outcomes:
    """Of a classifier that recognizes every class equally well."""
    actual = np.repeat(np.arange(len(sizes)), sizes)
    is_right = random.random(len(actual)) < recall
    predicted = np.where(is_right, actual, (actual + 1) % len(sizes))
    return Outcomes("classification", tuple(map(str, range(len(sizes)))), actual, predicted)


@pytest.mark.parametrize(
    ("sizes", "recall"), [((10, 10, 10), 0.95), ((40, 40, 40), 0.9), ((4,) * 10, 0.9), ((100, 10), 0.8)]
)
def test_intervals_of_macro_recall_cover_it_and_equal_groups_are_alike(
    sizes: tuple[int, ...], recall: float
) -> None:
    """Also where every example of a class is right, so that resamples would all be the same."""
    random, covered, alarms, trials = np.random.default_rng(7), 0, 0, 500
    for seed in range(trials):
        groups: list[Any] = []
        for _ in range(4):
            found = answers(random, sizes, recall)
            groups.append(OfClasses(found, seed).measured(np.ones(len(found), bool))["macro_recall"])
        covered += sum(each.interval.low <= recall <= each.interval.high for each in groups)
        measured = {str(index): {"macro_recall": each} for index, each in enumerate(groups)}
        alarms += next(gaps(measured, 30)).is_distinct
    share = covered / (4 * trials)
    print(f"macro recall of {sizes}: {share:.1%} cover, {alarms / trials:.1%} false alarms")  # noqa: T201
    assert share >= 0.93
    assert alarms / trials <= 0.07


def test_the_interval_of_a_mean_of_shares_by_hand() -> None:
    assert wilson_mean([(8, 10), (10, 10)]) == pytest.approx(wilson(18, 20))
    assert wilson_mean([(8, 10)]) == pytest.approx(wilson(8, 10))
    # variance (0.25 / 10) / 4 of the mean 0.75: as of 30 independent rows
    assert wilson_mean([(100, 100), (5, 10)]) == pytest.approx(wilson(22.5, 30))
    assert wilson_mean([(0, 0)]) is None


@pytest.mark.parametrize("groups", [2, 4])
def test_equal_groups_rarely_have_a_distinct_gap(groups: int) -> None:
    random, alarms = np.random.default_rng(groups), 0
    for _ in range(600):
        hits = random.binomial(200, 0.3, groups)
        measured = {str(index): {"selection_rate": Share(int(one), 200)} for index, one in enumerate(hits)}
        alarms += next(gaps(measured, 30)).is_distinct
    print(f"distinct gaps of {groups} equal groups: {alarms / 600:.1%}")  # noqa: T201
    assert alarms / 600 <= 0.07
    assert alarms > 0


def test_the_mean_of_one_row_is_shown_but_not_compared() -> None:
    errors = np.array([1.0, 2.0, 3.0, 9.0])
    view = OfNumbers(Outcomes("regression", (), np.zeros(4), errors, target="price"), 0)
    measured = {name: view.measured(own) for name, own in (("a", errors < 4), ("b", errors > 4))}

    assert measured["b"]["mae"][:2] == (9.0, 1)
    assert list(gaps(measured, 1)) == []


def test_the_measures_of_a_worked_example() -> None:
    counts = Counts(true_positive=30, false_positive=10, false_negative=20, true_negative=40)

    assert {name: share[:2] for name, share in shares(counts, has_actual=True).items()} == {
        "selection_rate": (40, 100),
        "accuracy": (70, 100),
        "recall": (30, 50),
        "false_positive_rate": (10, 50),
        "precision": (30, 40),
        "base_rate": (50, 100),
    }


ROWS = [("a", "yes", "no"), ("b", "no", "yes")] * 40


@pytest.mark.parametrize(
    ("header", "decision", "actual"),
    [
        (("group", "decision", "actual"), "decision", "actual"),
        (("group", "Predicted", "label"), "Predicted", "label"),
        (("group", "stage", "outcome"), "outcome", None),
    ],
)
def test_columns_are_found_by_their_names_before_their_places(
    header: tuple[str, ...], decision: str, actual: str | None
) -> None:
    found = audit(table(header, ROWS))

    assert (found["decision"], found["actual"], found["group"]) == (decision, actual, "group")
    assert f"{decision!r} was chosen as the decision." in found["notes"]


def test_yes_in_other_languages_is_positive() -> None:
    assert audit(table(("group", "decision"), [("a", "ja"), ("b", "nein")] * 40))["positive"] == "ja"


def test_classes_that_are_written_in_two_ways_are_no_disagreement() -> None:
    rows = [(group, decided, "1" if actual == "yes" else "0") for group, decided, actual in ROWS]

    with pytest.raises(
        InputError, match=r"'actual' has the classes '0', '1', and 'decision' has 'no', 'yes'"
    ):
        audit(table(("group", "decision", "actual"), rows))


def test_actual_classes_without_a_positive_one_are_none_that_is_misspelled() -> None:
    rows = [(group, decided, "no") for group, decided, _ in ROWS]

    assert audit(table(("group", "decision", "actual"), rows))["actual"] == "actual"


def test_a_gap_may_vanish_within_a_second_group() -> None:
    """Berkeley 1973: women were admitted less often, but not within the departments."""
    data = (SAMPLES / "admissions.csv").read_bytes()
    found = audit(data, group="gender", decision="admitted", second_group="department")
    by_gender, by_both = found["gaps"][0], {each["group"]: each for each in found["others"][1]["groups"]}

    assert by_gender["highest"] == "man"
    assert by_gender["difference"] == pytest.approx(1198 / 2691 - 557 / 1835)
    assert by_gender["is_distinct"]
    of_a = by_both["woman × A"]["selection_rate"]["value"], by_both["man × A"]["selection_rate"]["value"]
    assert of_a == pytest.approx((89 / 108, 512 / 825))


def test_an_audit_finds_a_skew_that_was_made_and_none_that_was_not() -> None:
    found: dict[bool, int] = {True: 0, False: 0}
    for seed in range(20):
        for is_skewed in found:
            random = np.random.default_rng(seed)
            group = random.integers(2, size=800)
            decided = random.random(800) < 0.5 - 0.2 * group * is_skewed
            rows = zip(np.array(["a", "b"])[group], np.array(["no", "yes"])[decided.astype(int)], strict=True)
            found[is_skewed] += audit(table(("group", "decision"), rows))["gaps"][0]["is_distinct"]
    print(f"skewed decisions: {found[True]} of 20 found; false alarms: {found[False]} of 20")  # noqa: T201
    assert found[True] == 20
    assert found[False] <= 3  # of 20, with a rate of false alarms of one in twenty


def test_the_stages_show_the_groups_and_the_rows_behind_them() -> None:
    stages = {
        stage.id: stage
        for stage in answer_opened(
            Predictor(), {"table": (SAMPLES / "loans.csv").read_bytes()}, PredictParams()
        ).stages
    }
    groups, bias = stages["groups"].data, stages["bias"].data["rows"]

    assert list(stages) == ["proxies", "calibration", "bias", "fairness", "groups"]
    outcomes = groups["groups"][1]["outcomes"]
    assert sum(each["count"] for each in outcomes.values()) == groups["groups"][1]["rows"]
    assert outcomes["false_negative"]["rows"][0] > 1  # row 1 is the header
    at_half = groups["thresholds"]["positive"][1][50]
    assert at_half == outcomes["true_positive"]["count"]
    assert [row[0] for row in bias] == ["north", "south"]
    assert bias[1][4] < 0  # the southern scores are too low, interval and all


def test_numbers_are_divided_into_quarters_and_missing_groups_are_one() -> None:
    rows = [[index, index % 2] for index in range(80)] + [["", 1]] * 40
    found = audit(table(("age", "decision"), rows), group="age")

    assert [each["group"] for each in found["groups"]] == [
        "0 to 19.75",
        "19.75 to 39.5",
        "39.5 to 59.25",
        "59.25 to 79",
        "(missing)",
    ]
    assert [each["selection_rate"]["rows"] for each in found["groups"]] == [20, 20, 20, 20, 40]


def test_dates_are_divided_into_the_shortest_periods_that_are_few() -> None:
    days = np.arange("2022-11-01", "2024-03-01", dtype="datetime64[D]")

    def groups(days: np.ndarray) -> list[tuple[str, int]]:
        found = audit(
            table(("day", "decision"), [[str(day), n % 2] for n, day in enumerate(days)]), group="day"
        )
        return [(each["group"], each["selection_rate"]["rows"]) for each in found["groups"]]

    assert groups(days[:90]) == [("2022-11", 30), ("2022-12", 31), ("2023-01", 29)]
    assert groups(days) == [
        ("2022 Q4", 61), ("2023 Q1", 90), ("2023 Q2", 91), ("2023 Q3", 92), ("2023 Q4", 92), ("2024 Q1", 60)
    ]  # fmt: skip
    assert groups(np.arange("1968-01-01", "1973-01-01", 7, dtype="datetime64[D]")) == [
        ("1968", 53), ("1969", 52), ("1970", 52), ("1971", 52), ("1972", 52)
    ]  # fmt: skip


def test_days_of_one_month_are_divided_at_days_that_occur() -> None:
    days = np.arange("2024-01-01", "2024-01-29", dtype="datetime64[D]")
    found = audit(table(("day", "decision"), [[str(day), n % 2] for n, day in enumerate(days)]), group="day")

    assert [(each["group"], each["selection_rate"]["rows"]) for each in found["groups"]] == [
        ("2024-01-01 to 2024-01-07", 6),
        ("2024-01-07 to 2024-01-14", 7),
        ("2024-01-14 to 2024-01-21", 7),
        ("2024-01-21 to 2024-01-28", 8),
    ]


def test_groups_that_nobody_chose_are_no_ranges_of_a_number_while_a_column_has_a_few_values() -> None:
    rows = [[n % 40, n, "ab"[n % 2], n % 3 // 2] for n in range(120)]

    assert audit(table(("age", "id", "side", "decision"), rows))["group"] == "side"
    only_numbers = [[age, decision] for age, _, _, decision in rows]
    assert audit(table(("age", "decision"), only_numbers))["group"] == "age"


@pytest.mark.parametrize(
    ("rows", "params", "message"),
    [
        ([["a", "yes"]] * 50, {}, "No other column has between 2 and 50 values"),
        ([["a", "yes"]] * 50, {"group": "group"}, "All examples have the same value in 'group'"),
        ([[f"g{n}", "yes"] for n in range(9_999)], {"group": "group"}, "'group' has 9,999 different values"),
        ([["a", 0.2], ["b", 0.7], ["a", 1.5]], {}, "Row 4: the score 1.5 in 'decision'"),
        ([["a", "yes"], ["b", "no"]], {"positive": "maybe"}, "No value of 'decision' is 'maybe'"),
        ([["a", "yes"], ["b", "no"]], {"actual": "group", "group": "group"}, "must be different columns"),
        ([["a", "yes"], ["b", "no"]], {"group": "gender"}, "There is no column 'gender'"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_audited_are_refused(
    rows: list[Any], params: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        audit(table(("group", "decision"), rows), **params)


def test_small_groups_are_shown_but_not_compared() -> None:
    rows = [["Köln", "yes"], ["Köln", "no"]] * 40 + [["Þórshöfn", "yes"]] * 5
    found = audit(table(("group", "decision"), rows))

    assert [each["group"] for each in found["groups"]] == ["Köln", "Þórshöfn"]
    assert found["gaps"] == []


def test_associations_by_hand() -> None:
    assert correlation_ratio(np.array([1.0, 1, 3, 3]), np.array([0, 0, 1, 1])) == pytest.approx(1)
    assert correlation_ratio(np.array([1.0, 3, 1, 3]), np.array([0, 0, 1, 1])) == pytest.approx(0)
    same = np.arange(200) % 4
    assert cramers_v(same, same) == pytest.approx(1)
    random = np.random.default_rng(0)
    assert cramers_v(random.integers(20, size=400), random.integers(4, size=400)) < 0.1
