import type { Plural, Translated } from "../message";

/** Measures by group: loaded with them. */
export const messages = {
  "groups.share": "{share} ({low} to {high}; {hits} of {rows})",
  "groups.none": "no such examples",
  "groups.few": "too few to compare",
  "groups.distinct":
    "{lowest} is {gap} below {highest}; 95% interval {low} to {high}. Chance alone rarely makes such a gap.",
  "groups.byChance":
    "{lowest} is {gap} below {highest}; 95% interval {low} to {high}. The interval includes 0: chance alone may have made it.",
  "groups.gap": "{lowest} is {gap} below {highest}.",
  "groups.noGap": {
    one: "Fewer than two groups have an example for this measure.",
    other: "Fewer than two groups have {n} examples for this measure: they are too few to compare.",
  },
  "groups.thresholds": "Move the threshold",
  "groups.thresholdsFor": "Threshold",
  "groups.forAll": "One for all groups",
  "groups.forEach": "One for each group",
  "groups.threshold": "Threshold",
  "groups.right": "Right decisions: {right} of {rows} ({share}); at the job’s threshold {before}.",
  "groups.reset": "Back to the job’s threshold",
  "groups.behind": "Behind the bars",
  "groups.true_positive": "True positives",
  "groups.false_positive": "False positives",
  "groups.false_negative": "False negatives",
  "groups.true_negative": "True negatives",
  "groups.selected": "Selected",
  "groups.not_selected": "Not selected",
  "groups.rows": "rows {rows}",
  "groups.points": "{n} percentage points",
  "groups.value": "{value} ({low} to {high}; {rows})",
  "groups.overall": "All together: {value}",
  "groups.show": "{group}: show what is behind its bars",
  "groups.groupOf": "Group",
  "groups.row": "Row {n}",
  "groups.more": { one: "and {n} more", other: "and {n} more" },
  "groups.open": "Open the box of this answer",
  "groups.actual": "actual {value}",
  "groups.predicted": "predicted {value}",
  "groups.asTable": "Show as table",
  "groups.group": "group",
  "groups.count": "examples",
  "groups.from": "{name}, from",
  "groups.to": "{name}, to",
} satisfies Record<string, string | Plural>;

export type GroupsMessages = Translated<typeof messages>;
