import type { SketchMessages } from "../en/sketch";

export const messages: SketchMessages = {
  "sketch.canvas": "Zeichenfläche, {width} × {height} Pixel",
  "sketch.hint":
    "Zeichnen Sie mit Maus, Stift oder Finger. Mit der Tastatur: Pfeiltasten bewegen den Cursor, die Leertaste malt, Umschalt mit Pfeiltaste zieht einen Strich, Ziffern wählen einen Pinsel, + und − seine Größe, Strg+Z macht rückgängig.",
  "sketch.at": "Spalte {x}, Zeile {y}: {name}",
  "sketch.brush": "Pinsel",
  "sketch.eraser": "Radierer",
  "sketch.tool": "Werkzeug",
  "sketch.draw": "Zeichnen",
  "sketch.fill": "Fläche füllen",
  "sketch.size": "Pinselgröße",
  "sketch.pixels": { one: "{n} Pixel", other: "{n} Pixel" },
  "sketch.undo": "Rückgängig",
  "sketch.redo": "Wiederholen",
  "sketch.clear": "Leeren",
  "sketch.from": "Beginnen mit",
  "sketch.choose": "Bild wählen",
  "sketch.ofJob": "Bild dieses Jobs",
  "sketch.open": "Bild öffnen",
  "sketch.unreadable": "Der Browser kann dieses Bild nicht lesen.",
  "sketch.run": "Mit dieser Zeichnung ausführen",
  "sketch.use": "Diese Zeichnung verwenden",
};
