import type { CollectMessages } from "../en/collect";

export const messages: CollectMessages = {
  "collect.title": "Sammeln und klassifizieren",
  "collect.lead":
    "Zeigen Sie von jeder Klasse ein paar Bilder, mit der Kamera oder aus Dateien: Nach jedem lernt ein Klassifikator dazu. Nichts verlässt diesen Server.",
  "collect.dataset": "Gesammelte Bilder",
  "collect.className": "Klasse {n}",
  "collect.gather": "1 · Sammeln",
  "collect.cameraTitle": "Kamera",
  "collect.preview": "2 · Ausprobieren",
  "collect.keepTitle": "3 · Behalten",
  "collect.keepHint":
    "Die Bilder werden zur Version eines Datensatzes; darauf wird ein Modell trainiert und an zurückgehaltenen Bildern gemessen.",
  "collect.newClass": "Name einer weiteren Klasse",
  "collect.addClass": "Klasse hinzufügen",
  "collect.removeClass": "{name} entfernen",
  "collect.count": { one: "{n} Bild", other: "{n} Bilder" },
  "collect.record": "Halten zum Aufnehmen",
  "collect.recording": "Aufnahme läuft …",
  "collect.files": "Bilder hinzufügen",
  "collect.removePicture": "Bild entfernen",
  "collect.all": "Alle {n} zeigen",
  "collect.fewer": "Nur die neuesten zeigen",
  "collect.cameraOn": "Kamera einschalten",
  "collect.cameraOff": "Ausschalten",
  "collect.cameraPicture": "Das Bild der Kamera",
  "collect.whichCamera": "Welche Kamera",
  "collect.cameraNumber": "Kamera {n}",
  "collect.camera.denied":
    "Der Browser erlaubt dieser Seite die Kamera nicht. Erlauben Sie sie in der Adressleiste und versuchen Sie es noch einmal, oder nehmen Sie Bilder aus Dateien.",
  "collect.camera.missing":
    "Es wurde keine Kamera gefunden. Schließen Sie eine an, oder nehmen Sie Bilder aus Dateien.",
  "collect.camera.insecure":
    "Browser geben die Kamera nur Seiten über HTTPS oder auf diesem Rechner selbst (localhost). Bilder aus Dateien gehen auch hier.",
  "collect.camera.busy": "Die Kamera lässt sich nicht lesen: Vielleicht benutzt sie ein anderes Programm.",
  "collect.needsTwo": "Fügen Sie Bilder von mindestens zwei Klassen hinzu.",
  "collect.noPicture": "Schalten Sie die Kamera ein, oder legen Sie ein Bild ab",
  "collect.rate": "{rate} Bilder in der Sekunde",
  "collect.try": "Bild zum Ausprobieren",
  "collect.waiting": { one: "{n} Bild ist unterwegs", other: "{n} Bilder sind unterwegs" },
  "collect.fitted": "Die letzte Schicht wurde in {time} angepasst.",
  "collect.checked":
    "{right} von {total} Bildern erhalten ihre Klasse von einer Schicht, die nicht von ihnen gelernt hat (Kreuzvalidierung). Bilder einer Aufnahme ähneln einander, was diese Zahl beschönigt.",
  "collect.name": "Name des Modells",
  "collect.namePlaceholder": "Meine Klassen",
  "collect.keep": "Trainieren und behalten",
  "collect.stillWaiting": "Die Bilder sind noch unterwegs.",
  "collect.kept": "{name}, Version {version}, antwortet jetzt.",
  "collect.heldOut": "{right} von {total} zurückgehaltenen Bildern erhielten die richtige Klasse.",
  "collect.training": "Training öffnen",
};
