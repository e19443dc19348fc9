import type { RunsMessages } from "../en/runs";

export const messages: RunsMessages = {
  "runs.description": "Beschreibung",
  "runs.tags": "Schlagwörter",
  "runs.tagsHint": "Durch Kommas getrennt, etwa: Vergleichswert, 20 Fotos",
  "runs.edit": "Beschreibung und Schlagwörter bearbeiten",
  "runs.add": "Beschreibung und Schlagwörter ergänzen",
  "runs.save": "Speichern",
  "runs.tag": "Schlagwort",
  "runs.removeTag": "Alle zeigen, nicht nur die mit dem Schlagwort {tag}",
  "runs.modelName": "Name des Modells",
  "runs.modelNameHint":
    "Kleinbuchstaben, Ziffern, Punkte, Binde- und Unterstriche. Ohne Angabe wird der Name aus der Nummer des Auftrags gebildet.",
  "runs.first": "Ergibt Version 1 eines neuen Modells.",
  "runs.next": "{name} gibt es schon, in Version {n}: Dieses Training ergibt die nächste Version.",
  "runs.taken": "{name} ist schon ein Modell von {capability}. Wählen Sie einen anderen Namen.",
  "runs.ofGlassbox": "{name} gehört zu Glassbox. Wählen Sie einen anderen Namen.",
  "runs.select": "{name} für den Vergleich auswählen",
  "runs.selected": { one: "{n} ausgewählt", other: "{n} ausgewählt" },
  "runs.selectMore": "Wählen Sie mindestens zwei aus.",
  "runs.clear": "Auswahl aufheben",
  "runs.editCard": "Karte bearbeiten",
  "runs.cardText": "Text der Modellkarte, in Markdown",
  "runs.write": "Schreiben",
  "runs.preview": "Vorschau",
  "runs.provenance": "Der Abschnitt Provenance mit Prüfsumme und Daten bleibt unter Ihrem Text stehen.",
  "runs.deleteVersion": "Version löschen",
  "runs.newer":
    "Version {old} ist die Standardversion. Version {n} ist neuer und antwortet nur, wo sie gewählt wird: Machen Sie sie zum Standard, wenn sie besser ist.",
  "runs.name": "Name",
  "runs.compareVersions": "Versionen vergleichen",
  "runs.gone": "Das Modell, das dieses Training erzeugt hat, wurde gelöscht.",
};
