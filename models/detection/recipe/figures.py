"""What `evaluate.py` measured, as the tables of the model's card."""

from collections.abc import Mapping

PROTOCOLS = {"unseen_subjects": "unseen subjects", "seen_subjects": "seen subjects"}
ROWS = {
    "ap50_agnostic": "AP50 whatever the label (class-agnostic)",
    "map50_small": "mAP50, small objects (longer side below 22 % of the picture's)",
    "map50_medium": "mAP50, medium (22 to 45 %)",
    "map50_large": "mAP50, large (45 % and more)",
}


def tables(report: Mapping[str, Mapping[str, float]]) -> str:
    """Markdown: both protocols, as a whole and by size of object, and AP50 by kind."""
    unseen, seen = (report[protocol] for protocol in PROTOCOLS)
    kinds = [name for name in unseen if name.startswith("ap50_") and name not in ROWS]
    interval = f"(95 % interval over subjects {unseen['map50_low']:.3f} to {unseen['map50_high']:.3f})"
    return "\n".join(
        [
            f"| | {' | '.join(PROTOCOLS.values())} |",
            "| --- | --- | --- |",
            f"| mAP50 | **{unseen['map50']:.3f}** {interval} | {seen['map50']:.3f} |",
            *(f"| {words} | {unseen[name]:.3f} | {seen[name]:.3f} |" for name, words in ROWS.items()),
            "",
            f"| kind | {' | '.join(PROTOCOLS.values())} |",
            "| --- | --- | --- |",
            *(f"| {name.removeprefix('ap50_')} | {unseen[name]:.3f} | {seen[name]:.3f} |" for name in kinds),
        ]
    )
