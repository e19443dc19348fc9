import type { BatchMessages } from "../en/batch";

export const messages: BatchMessages = {
  "batch.title": "Stapel: {name}",
  "batch.left": { one: "noch {n} Datei", other: "noch {n} Dateien" },
  "batch.done": { one: "{n} fertig", other: "{n} fertig" },
  "batch.refused": { one: "{n} abgelehnt", other: "{n} abgelehnt" },
  "batch.failed": { one: "{n} fehlgeschlagen", other: "{n} fehlgeschlagen" },
  "batch.canceled": { one: "{n} abgebrochen", other: "{n} abgebrochen" },
  "batch.paused": {
    one: "Die Warteschlange ist voll. Weiter in {n} Sekunde.",
    other: "Die Warteschlange ist voll. Weiter in {n} Sekunden.",
  },
  "batch.stay": "Lassen Sie diesen Tab geöffnet, bis alle Dateien hochgeladen sind.",
  "batch.files": "Dateien",
  "batch.waiting": "Noch nicht hochgeladen",
  "batch.sending": "Wird hochgeladen…",
  "batch.stateRefused": "Abgelehnt",
  "batch.notSent": "Nicht hochgeladen: Der Stapel wurde abgebrochen.",
  "batch.tooMany": "Ein Stapel darf höchstens {n} Dateien enthalten.",
  "batch.cancelAll": "Alle abbrechen",
  "batch.zip": { one: "ZIP mit {n} Ergebnis", other: "ZIP mit {n} Ergebnissen" },
  "batch.zipping": "{n} von {total} im ZIP",
  "batch.zipLarge":
    "Die Ergebnisse überschreiten die 4-GB-Grenze einer ZIP-Datei. Laden Sie sie einzeln herunter.",
  "batch.empty": "Dieser Stapel ist leer.",
  "batch.more": "Dateien hinzufügen",
  "batch.open": "Ergebnis zu {name} öffnen",
  "batch.again": "{name} wiederholen",
};
