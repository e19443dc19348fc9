import type { GroupsMessages } from "../en/groups";

export const messages: GroupsMessages = {
  "groups.share": "{share} ({low} bis {high}; {hits} von {rows})",
  "groups.none": "keine solchen Zeilen",
  "groups.few": "zu wenige zum Vergleichen",
  "groups.distinct":
    "Abstand: {gap} Prozentpunkte zwischen {highest} und {lowest} (95-%-Intervall {low} bis {high}). Der Zufall allein bewirkt selten einen solchen Abstand.",
  "groups.byChance":
    "Abstand: {gap} Prozentpunkte zwischen {highest} und {lowest} (95-%-Intervall {low} bis {high}). Das Intervall enthält 0: Er kann allein durch Zufall entstanden sein.",
  "groups.gap": "Abstand: {gap} Prozentpunkte zwischen {highest} und {lowest}.",
  "groups.noGap": {
    one: "Weniger als zwei Gruppen haben eine Zeile für dieses Maß.",
    other: "Weniger als zwei Gruppen haben {n} Zeilen für dieses Maß: zu wenige zum Vergleichen.",
  },
  "groups.thresholds": "Schwelle verschieben",
  "groups.thresholdsFor": "Schwelle",
  "groups.forAll": "Eine für alle Gruppen",
  "groups.forEach": "Eine für jede Gruppe",
  "groups.threshold": "Schwelle",
  "groups.right":
    "Richtige Entscheidungen: {right} von {rows} ({share}); mit der Schwelle des Auftrags {before}.",
  "groups.reset": "Zurück zur Schwelle des Auftrags",
  "groups.behind": "Zeilen hinter den Balken",
  "groups.true_positive": "Richtig positiv",
  "groups.false_positive": "Falsch positiv",
  "groups.false_negative": "Falsch negativ",
  "groups.true_negative": "Richtig negativ",
  "groups.selected": "Ausgewählt",
  "groups.not_selected": "Nicht ausgewählt",
  "groups.rows": "Zeilen {rows}",
  "groups.asTable": "Als Tabelle",
  "groups.group": "Gruppe",
  "groups.count": "Zeilen",
  "groups.from": "{name}, von",
  "groups.to": "{name}, bis",
};
