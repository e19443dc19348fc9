"""The tables of the model cards."""

from models.depixelization.files import Depixelizer
from models.depixelization.metrics import Rate


def table(own: Depixelizer) -> str:
    """Markdown: the rates by true group and their gap in each condition, then what they compare to."""
    frequent, rare = own.config.groups
    lines = [
        f"| training set | {frequent}, changed | {rare}, changed | gap, percentage points |",
        "| --- | --- | --- | --- |",
    ]
    for each in own.conditions:
        if each.rates and each.gap:
            name = f"{each.share:.0%} {rare}" + ", oversampled to half of every batch" * each.is_oversampled
            value, low, high = (100 * number for number in each.gap)
            gap = f"{value:.1f} ({low:.1f} to {high:.1f})"
            lines.append(f"| {name} | {_percent(each.rates[0])} | {_percent(each.rates[1])} | {gap} |")
    if own.measured:
        for name, rates in (
            ("bicubic", own.measured.bicubic),
            ("the judge's own errors", own.measured.judge),
        ):
            lines.append(f"| {name} | {_percent(rates[0])} | {_percent(rates[1])} | – |")
    return "\n".join(lines)


def _percent(rate: Rate) -> str:
    return f"{100 * rate.value:.1f} % ({100 * rate.low:.1f} to {100 * rate.high:.1f})"
