"""The tables of the model card, from the metrics that `evaluate.py` measures."""

from collections.abc import Mapping

PROTOCOLS = {"unseen_subjects": "unseen subjects", "seen_subjects": "seen subjects"}
ROWS = {
    "ap50_agnostic": "AP50, class-agnostic (any label)",
    "map50_small": "mAP50, small objects (longer side below 22 % of the image's)",
    "map50_medium": "mAP50, medium (22 to 45 %)",
    "map50_large": "mAP50, large (45 % and more)",
}


def tables(report: Mapping[str, Mapping[str, float]]) -> str:
    """Markdown: both protocols, overall and by object size, and AP50 by class."""
    unseen, seen = (report[protocol] for protocol in PROTOCOLS)
    classes = [name for name in unseen if name.startswith("ap50_") and name not in ROWS]
    interval = f"(95 % interval over subjects {unseen['map50_low']:.3f} to {unseen['map50_high']:.3f})"
    return "\n".join(
        [
            f"| | {' | '.join(PROTOCOLS.values())} |",
            "| --- | --- | --- |",
            f"| mAP50 | **{unseen['map50']:.3f}** {interval} | {seen['map50']:.3f} |",
            *(f"| {title} | {unseen[name]:.3f} | {seen[name]:.3f} |" for name, title in ROWS.items()),
            "",
            f"| class | {' | '.join(PROTOCOLS.values())} |",
            "| --- | --- | --- |",
            *(
                f"| {name.removeprefix('ap50_')} | {unseen[name]:.3f} | {seen[name]:.3f} |"
                for name in classes
            ),
        ]
    )
