import type { SweepMessages } from "../en/sweeps";

export const messages: SweepMessages = {
  "sweep.figure": "Kennzahl",
  "sweep.none": "Noch ist kein Lauf beendet: Die Felder füllen sich mit jedem beendeten Lauf.",
  "sweep.best": {
    one: "Beste Einstellung: {setting}, mit {figure} {value}.",
    other: "Beste Einstellung: {setting}, mit {figure} {value} im Mittel über {n} Seeds.",
  },
  "sweep.bestValidation": {
    one: "Beste Einstellung auf den Validierungsdaten: {setting}, mit {figure} {value}.",
    other:
      "Beste Einstellung auf den Validierungsdaten: {setting}, mit {figure} {value} im Mittel über {n} Seeds.",
  },
  "sweep.bestTest": "Auf den Testdaten, die sie nicht ausgewählt haben, erreicht sie {value}.",
  "sweep.lead": "Sie liegt um {difference} vor der nächsten ({next}).",
  "sweep.tied": "Sie teilt sich ihren Platz mit der nächsten ({next}): Nichts unterscheidet die beiden.",
  "sweep.noise":
    "Der Seed allein verschiebt ein und dieselbe Einstellung um {deviation} (Standardabweichung).",
  "sweep.isChance":
    "Seed für Seed verglichen beträgt der Vorsprung {difference} ± {margin} (95-%-Intervall), was 0 einschließt, und sie liegt bei {wins} von {n} Seeds vorn: Die Reihenfolge kann Zufall sein. Mit mehr Seeds wird das Intervall enger.",
  "sweep.isLarger":
    "Seed für Seed verglichen beträgt der Vorsprung {difference} ± {margin} (95-%-Intervall), und sie liegt bei {wins} von {n} Seeds vorn: Das ist mehr als das Rauschen der Seeds.",
  "sweep.oneSeed":
    "Mit einem Seed je Einstellung ist das Rauschen unbekannt: Die Reihenfolge kann Zufall sein. Nehmen Sie weitere Seeds hinzu.",
  "sweep.curse": {
    one: "Der beste Lauf hat {validation} auf den Validierungsdaten und {test} auf den Testdaten.",
    other:
      "Der beste von {n} Läufen hat {validation} auf den Validierungsdaten und {test} auf den Testdaten: Er verliert {loss}, alle Läufe verlieren im Mittel {mean}, und nach seinem Testwert ist er Nummer {rank}.",
  },
  "sweep.noCurse":
    "Der beste von {n} Läufen hat {validation} auf den Validierungsdaten und {test} auf den Testdaten, wo er Nummer {rank} ist: Hier hat die Auswahl nichts gekostet. Zu berichten ist trotzdem der Testwert.",
  "sweep.cursed":
    "Das ist der Fluch des Gewinners: Wer den besten von vielen verrauschten Werten auswählt, wählt auch Glück aus. Deshalb darf nur der Testwert berichtet werden.",
  "sweep.notCursed": "Hier war bei der Auswahl kein Glück im Spiel; zu berichten ist trotzdem der Testwert.",
  "sweep.chosenOnTest":
    "Es gibt keinen Validierungsteil, daher werden die Läufe auf den Testdaten verglichen: Der Wert des besten ist zu gut, weil er danach ausgewählt wurde.",
  "sweep.chosenOnTraining":
    "Es gibt weder einen Validierungs- noch einen Testteil, daher werden die Läufe auf den Trainingsdaten verglichen: Dort sieht meist das größte Modell am besten aus.",
  "sweep.failed": {
    one: "{n} Lauf ist fehlgeschlagen; seine Meldung steht in der Tabelle.",
    other: "{n} Läufe sind fehlgeschlagen; ihre Meldungen stehen in der Tabelle.",
  },
  "sweep.canceled": { one: "{n} Lauf wurde ausgelassen.", other: "{n} Läufe wurden ausgelassen." },

  "sweep.map": "Heatmap",
  "sweep.mapCaption": "{figure}, Mittel über die Seeds",
  "sweep.mapHint":
    "Zeigen Sie auf ein Feld, um die Streuung seiner Seeds zu sehen; wählen Sie es aus, um seine Läufe zu sehen. Die Pfeiltasten wechseln das Feld.",
  "sweep.meanOf": "{figure} {mean}, von {low} bis {high} mit {n} Seeds",
  "sweep.doneOf": "{done} von {n} Läufen erfolgreich",
  "sweep.isBest": "(am besten)",
  "sweep.orWorse": "oder schlechter",
  "sweep.pictures": "Beispiele jedes Laufs",
  "sweep.samplesOf": "Beispiele des Laufs {name}",
  "sweep.strip": "Einstellungen und Seeds",
  "sweep.stripAbout":
    "Jeder Lauf ist ein Zeichen, jede Einstellung eine Zeile, die beste zuerst. Wo sich die Zeichen zweier Einstellungen überlappen, können die Seeds allein ihre Plätze vertauschen.",
  "sweep.cut": "Werte, die weit schlechter sind als die übrigen, sind am Rand eingezeichnet.",
  "sweep.all": "Alle {n} Einstellungen zeigen",
  "sweep.fewer": "Weniger Einstellungen zeigen",
  "sweep.parallel": "Parallele Linien",
  "sweep.parallelAbout":
    "Jede Einstellung ist eine Linie durch ihre Werte; hellere sind besser. Werte, die allen hellen Linien gemeinsam sind, zählen.",
  "sweep.parallelHint":
    "Zeigen Sie auf eine Linie, oder gehen Sie mit den Pfeiltasten von der besten zur schlechtesten Einstellung; Enter wählt sie aus.",
  "sweep.parallelKeys": "Einstellungen, von der besten zur schlechtesten, mit den Pfeiltasten",
  "sweep.scatter": "Validierung und Test",
  "sweep.scatterAbout":
    "Ein Lauf auf der Diagonale ist auf den Testdaten so gut wie auf den Validierungsdaten. Der nach Validierung beste Lauf liegt oft auf der Seite, auf der der Testwert schlechter ist: Er wurde auch für sein Glück ausgewählt.",
  "sweep.validationFigure": "{figure}, Validierung",
  "sweep.testFigure": "{figure}, Test",
  "sweep.diagonal": "auf beiden gleich gut",
  "sweep.bestFit": "nach Validierung bester Lauf",
  "sweep.fits": "Alle Läufe",
  "sweep.fitColumn": "Lauf",
  "sweep.fit": "Lauf {n}",
  "sweep.seedIs": "Seed {n}",
  "sweep.onValidation": "{figure} {value} auf den Validierungsdaten",
  "sweep.onTest": "{value} auf den Testdaten",
  "sweep.figureIs": "{figure} {value}",

  "sweeps.title": "Sweeps",
  "sweeps.lead":
    "Passen Sie ein Modell viele Male mit anderen Einstellungen und anderen Seeds an: Welche Einstellung ist die beste, wie sicher ist das, und was bleibt davon auf den Testdaten?",
  "sweeps.new": "Neuer Sweep",
  "sweeps.own": "Ihre Sweeps",
  "sweeps.noneYet": "Noch keine Sweeps. Einer über eine Tabelle dauert Sekunden.",
  "sweeps.examples": "Fertige Beispiele",
  "sweeps.startOwn": "So einen starten",
  "sweeps.progress": "{done} von {n} Läufen sind beendet",
  "sweeps.cancel": "Sweep abbrechen",
  "sweeps.reallyCancel": "Anhalten? Beendete Läufe bleiben.",
  "sweeps.resume": "Fehlende Läufe nachholen",
};
