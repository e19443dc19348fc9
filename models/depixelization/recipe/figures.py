"""The tables of the model cards, from the metrics of evaluate.py."""

from collections.abc import Mapping
from typing import Any


def table(metrics: Mapping[str, Any]) -> str:
    """Markdown: the rates by true group and their gap in each condition, then what they compare to."""
    frequent, rare = metrics["groups"]
    lines = [
        f"| training set | {frequent}, changed | {rare}, changed | gap, percentage points |",
        "| --- | --- | --- | --- |",
    ]
    for each in metrics["conditions"]:
        name = f"{100 * each['share']:.0f} % {rare}"
        name += ", oversampled to half of every batch" * each["is_oversampled"]
        value, low, high = (100 * number for number in each["gap"])
        rates = " | ".join(map(_percent, each["rates"]))
        lines.append(f"| {name} | {rates} | {value:.1f} ({low:.1f} to {high:.1f}) |")
    for name, key in (("bicubic", "bicubic"), ("the judge on true pictures", "judge")):
        lines.append(f"| {name} | {' | '.join(map(_percent, metrics[key]))} | – |")
    return "\n".join(lines)


def _percent(rate: Mapping[str, float]) -> str:
    return f"{100 * rate['value']:.1f} % ({100 * rate['low']:.1f} to {100 * rate['high']:.1f})"
