import type { AuditMessages } from "../en/audits";

export const messages: AuditMessages = {
  "audits.title": "Für wen ist es falsch?",
  "audits.lead":
    "Messen Sie ein Modell oder einen Datensatz nach Gruppen, sehen Sie die Zeilen und Bilder hinter jeder Zahl, und halten Sie fest, wer was entschieden hat.",
  "audits.model": "Ein Modell prüfen",
  "audits.dataset": "Einen Datensatz prüfen",
  "audits.decisions": "Entscheidungen prüfen",
  "audits.sweeps": "Sweeps",
  "audits.reviews": "Durchsicht",
  "audits.log": "Protokoll der Entscheidungen",
  "audits.about.model":
    "Fehler je Gruppe auf beschrifteten Daten, mit Intervallen, Abständen und den Beispielen hinter jedem Balken.",
  "audits.about.dataset": "Wer darin selten ist, was fehlt, was für etwas anderes steht.",
  "audits.about.decisions":
    "Eine Tabelle mit Entscheidungen von Menschen oder Programmen, verglichen nach Gruppen.",
  "audits.about.sweeps":
    "Dasselbe Training mit anderen Einstellungen und Seeds: Ist das beste wirklich besser?",
  "audits.about.reviews": "Unsichere Antworten, die auf einen Menschen warten.",
  "audits.about.log": "Wer wann welches Modell was gefragt hat; Änderungen werden entdeckt.",
  "audits.own": "Bisherige Prüfungen",
  "audits.none": "Noch keine Prüfung. Beginnen Sie mit einem Modell und beschrifteten Daten.",
  "audits.new": "Neue Prüfung",
  "audits.newLead":
    "Wählen Sie ein Modell und beschriftete Daten, aus denen es nicht gelernt hat, und die Gruppen für den Vergleich.",
  "audits.subject": "Was geprüft wird",
  "audits.table": "Tabelle",
  "audits.noModel": "Es gibt noch kein Modell, das geprüft werden kann.",
  "audits.chooseData": "Wählen Sie zuerst die Daten.",
  "audits.start": "Prüfung starten",
  "audits.rows": { one: "{n} Zeile in der Tabelle.", other: "{n} Zeilen in der Tabelle." },
  "audits.pictures": { one: "{n} Bild.", other: "{n} Bilder." },
  "audits.takes": "Nach den letzten Vorhersagen dauert das etwa {time}.",
  "audits.takesLonger": "Die Robustheit wiederholt es für jede Änderung und Stärke.",
  "audits.audited": "Was geprüft wurde",
  "audits.again": "Ändern und erneut prüfen",
  "audits.addToCard": "In die Modellkarte aufnehmen",
  "audits.inCard": "In der Modellkarte seit {date}.",
  "audits.toCard": "Modellkarte",
  "audits.author": "Geprüft von",
  "audits.intendedUse": "Verwendungszweck",
  "audits.intendedUseHint": "Wofür das Modell gedacht ist und wofür nicht. Beides steht in der Karte.",
  "audits.toAudit": "Diese Prüfung öffnen",
  "audits.deleted": "Diese Prüfung wurde gelöscht.",
  "audits.remove": "Aus der Karte entfernen",
};
