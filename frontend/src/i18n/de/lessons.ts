import type { LessonMessages } from "../en/lessons";

export const messages: LessonMessages = {
  "lessons.lead":
    "Eine kurze Lektion zu jedem Thema des Kurses. Jede öffnet eine Seite dieser Anwendung im richtigen Zustand, mit einer Aufgabe und einer Frage, deren Antwort dort zu finden ist.",
  "lessons.topic.supervised": "Überwachtes Lernen",
  "lessons.topic.unsupervised": "Unüberwachtes Lernen",
  "lessons.topic.detection": "Objekterkennung",
  "lessons.topic.segmentation": "Segmentierung",
  "lessons.topic.autoencoders": "Autoencoder",
  "lessons.topic.gans": "Generative Adversarial Networks",
  "lessons.topic.applications": "Anwendungen von GANs",
  "lessons.topic.bias": "Verzerrung (Bias)",
  "lessons.topic.safety": "Sicherheit",
  "lessons.open": "Seite der Lektion öffnen",
  "lessons.missing": "Dieser Server hat die Seite dieser Lektion nicht.",
  "lessons.try": "Ausprobieren",
  "lessons.question": "Frage",
  "lessons.answer": "Antwort zeigen",
  "lessons.hidden": "Die Antwort hat Ihre Lehrkraft.",
  "lessons.teacher": "Für Lehrende",
  "lessons.copyHidden": "Link ohne Antwort kopieren",
  "lessons.print": "Drucken",
  "lessons.back": "Alle Lektionen",
  "lessons.others": "Weitere Lektionen",
  "lessons.unknown": "Keine Lektion hat diesen Namen.",

  "lesson.errors.title": "Zwei Arten von Fehlern",
  "lesson.errors.summary": "Ein übersehener Tumor und ein Fehlalarm sind nicht derselbe Fehler.",
  "lesson.errors.text":
    "Ein Klassifikator wird an Zeilen gemessen, aus denen er nicht gelernt hat: den Testzeilen. Die Genauigkeit zählt alle Fehler gleich. Bei einer Diagnose sind sie es nicht: Ein bösartiger Tumor, der für gutartig gehalten wird, ist übersehen, der umgekehrte Fall ist ein Fehlalarm.\n\nDie Konfusionsmatrix zählt beide. Recall ist der Anteil der tatsächlich positiven Fälle, die das Modell findet, Precision der Anteil seiner positiven Vorhersagen, die stimmen.",
  "lesson.errors.steps":
    "Lesen Sie die Konfusionsmatrix: Zeilen sind die tatsächlichen, Spalten die vorhergesagten Klassen.\nSuchen Sie die Zelle der bösartigen Tumoren, die als gutartig vorhergesagt wurden.\nÖffnen Sie die Stufen ROC-Kurve und Precision-Recall-Kurve: Was brächte ein niedrigerer Schwellenwert, und was würde er kosten?",
  "lesson.errors.question":
    "Wie viele bösartige Tumoren der Testzeilen übersieht das Modell, und wie hoch ist sein Recall für diese Klasse?",
  "lesson.errors.answer":
    "Es übersieht 4 von 42. Der Recall ist 38 / 42 = 0,905, obwohl die Genauigkeit 0,947 beträgt. Die Stufe mit der Qualität je Klasse nennt dieselbe Zahl.",

  "lesson.overfitting.title": "Überanpassung",
  "lesson.overfitting.summary":
    "Das Modell, das seine Trainingszeilen am besten trifft, sagt nicht unbedingt am besten vorher.",
  "lesson.overfitting.text":
    "Ein neuronales Netz hat genug Gewichte, um dem Rauschen seiner Trainingszeilen zu folgen. Dann steigen seine Werte auf diesen Zeilen, auf neuen aber nicht. Der Abstand zwischen beiden zeigt die Überanpassung.\n\nDas Beispiel hat 442 Personen: zu wenige für viele Gewichte.",
  "lesson.overfitting.steps":
    "Rechnen Sie das neuronale Netz mit den üblichen Einstellungen und notieren Sie R² auf den Trainings- und den Testzeilen.\nStellen Sie die Methode auf lineare Regression und rechnen Sie noch einmal.\nVergleichen Sie beide Paare von Werten.",
  "lesson.overfitting.question":
    "Welches der beiden hat das höhere R² auf den Trainingszeilen, welches auf den Testzeilen?",
  "lesson.overfitting.answer":
    "Auf den Trainingszeilen liegt das Netz vorn (etwa 0,61 gegen 0,52), auf den Testzeilen die lineare Regression (0,52 gegen etwa 0,50). Das Netz hat mehr gelernt, aber ein Teil davon war Rauschen.",

  "lesson.clusters.title": "Wie viele Cluster?",
  "lesson.clusters.summary": "k-Means findet immer k Cluster; ob es sie gibt, ist eine andere Frage.",
  "lesson.clusters.text":
    "k-Means ordnet jeden Punkt dem nächsten Zentrum zu und verschiebt jedes Zentrum in den Mittelwert seiner Punkte, bis sich nichts mehr ändert. Die Zahl der Cluster, k, muss vorher feststehen.\n\nZwei Größen helfen bei der Wahl. Die Inertia sinkt mit jedem weiteren Cluster; am Ellbogen bringt ein weiterer wenig. Die Silhouette vergleicht den Abstand zum eigenen Cluster mit dem zum nächsten anderen: höher ist besser.",
  "lesson.clusters.steps":
    "Betrachten Sie den Ellbogen und dann die Silhouette, die nächste Stufe.\nÖffnen Sie die Antwort und gehen Sie die Iterationen durch: Welche Punkte wechseln zuletzt?\nRechnen Sie noch einmal mit dem k der höheren Silhouette.",
  "lesson.clusters.question":
    "Welches k markiert der Ellbogen, welches hat die höchste Silhouette, und warum sind sie uneins?",
  "lesson.clusters.answer":
    "Der Ellbogen markiert 3, die Silhouette ist bei 2 am höchsten (0,58 gegen 0,46). Zwei der drei Arten überlappen sich: Als ein Cluster sind sie weit von der dritten entfernt, als zwei liegen sie nah beieinander. Keine Zahl weiß, wozu die Cluster dienen.",

  "lesson.boxes.title": "Von vielen Rahmen zu zweien",
  "lesson.boxes.summary":
    "Ein Detektor schlägt Tausende von Rahmen vor; zwei Regeln entscheiden, welche bleiben.",
  "lesson.boxes.text":
    "Das Netz sagt an jeder Stelle seiner Gitter Rahmen mit Scores vorher: hier 4.043. Der Score-Schwellenwert entfernt die schwachen. Die Non-Maximum-Suppression entfernt die, die einen besseren Rahmen desselben Objekts stärker überdecken, als der IoU-Schwellenwert erlaubt.\n\nBeide Schwellenwerte sind Ihre: Das Netz muss dafür nichts neu berechnen.",
  "lesson.boxes.steps":
    "Zählen Sie die unterdrückten Rahmen und wählen Sie einen aus: Welchen überdeckt er?\nErhöhen Sie in der Antwort langsam den IoU-Schwellenwert: Wann erscheint ein zweiter Rahmen um einen Hund?\nSenken Sie den Score-Schwellenwert, bis eine falsche Klasse erscheint.",
  "lesson.boxes.question":
    "Wie viele Rahmen haben einen Score von mindestens 0,35, wie viele bleiben nach der Unterdrückung, und was sieht das Modell bei einem Schwellenwert von 0,30?",
  "lesson.boxes.answer":
    "17 Rahmen haben diesen Score, 2 bleiben: einer je Hund. Bei 0,30 kommen auch Rahmen der Klasse cat (Katze) über den Schwellenwert. Ein niedrigerer Schwellenwert findet mehr und erfindet mehr.",

  "lesson.skips.title": "Was Skip-Verbindungen tragen",
  "lesson.skips.summary": "Ein U-Net merkt sich auf dem Weg nach unten, wo die Dinge waren.",
  "lesson.skips.text":
    "Auf dem Weg nach unten halbiert ein Segmentierungsnetz die Karte immer wieder: Es lernt, was im Bild ist, und verliert, wo. Auf dem Weg nach oben reichen Skip-Verbindungen die Karten jeder Größe hinüber, damit die Ränder zurückkehren.\n\nDie Stufe wiederholt die Vorhersage und lässt jeweils eine Verbindung weg.",
  "lesson.skips.steps":
    "Vergleichen Sie das ganze Netz mit dem ohne jede Skip-Verbindung.\nWählen Sie rechts die Verbindungen eine nach der anderen.\nLesen Sie in der Liste der Bilder, wie viele Pixel ihre Klasse wechseln.",
  "lesson.skips.question": "Welche einzelne Verbindung ändert die meisten Pixel, wenn sie fehlt?",
  "lesson.skips.answer":
    "Die bei Schrittweite 16: 35,5 % der Pixel wechseln die Klasse (32,2 % bei Schrittweite 8, nur 5,6 % bei 2). Ohne alle sind es 48,6 %.",

  "lesson.code.title": "Was in wenige Zahlen passt",
  "lesson.code.summary": "Ein Variational Autoencoder nutzt nur Dimensionen, die sich lohnen.",
  "lesson.code.text":
    "Ein Autoencoder presst ein Bild in einen kurzen Code z und stellt es wieder her. Ein Variational Autoencoder bezahlt zudem für jedes Bit des Codes: Die KL-Divergenz zwischen dessen Verteilung und dem Prior ist Teil des Loss.\n\nEine Dimension, die den Rekonstruktionsfehler um weniger senkt, als sie kostet, wird abgeschaltet: Ihre Verteilung ist der Prior, gleich bei welchem Bild.",
  "lesson.code.steps":
    "Sortieren Sie die Tabelle nach der KL-Divergenz auf zurückgehaltenen Bildern.\nÖffnen Sie die Stufe mit dem Code und bewegen Sie den Balken der ersten, dann den der letzten Dimension.\nAchten Sie darauf, welcher das Bild ändert.",
  "lesson.code.question": "Wie viele der 16 Dimensionen nutzt das Modell nicht?",
  "lesson.code.answer":
    "Drei: 5, 7 und 13. Ihre KL-Divergenz ist nahe 0 und ihre Abweichung nahe 1, wie beim Prior. Sie zu bewegen ändert fast nichts.",

  "lesson.collapse.title": "Mode Collapse",
  "lesson.collapse.summary": "Ein Generator, der eine überzeugende Antwort gefunden hat, wiederholt sie.",
  "lesson.collapse.text":
    "Generator und Diskriminator lernen gegeneinander. Nichts im Loss des Generators verlangt Vielfalt: Überzeugt eine Stelle der Ebene den Diskriminator, dürfen alle Zufallspunkte dorthin wandern. Der Diskriminator lernt, diese Stelle abzulehnen, der Generator springt zur nächsten.\n\nHier lernt der Generator zehnmal so schnell wie der Diskriminator.",
  "lesson.collapse.steps":
    "Starten Sie das Training und beobachten Sie die erzeugten Punkte und den Anteil der abgedeckten Moden.\nWählen Sie die Vorgabe, bei der das Training gelingt, und vergleichen Sie.\nDann die, bei der es divergiert: Wie sehen die Verluste vorher aus?",
  "lesson.collapse.question": "Zeigen die Verluste den Kollaps? Welche Zahl zeigt ihn?",
  "lesson.collapse.answer":
    "Die Verluste bleiben endlich und schwanken, wie bei einem Training, das gelingt. Der Anteil der abgedeckten Moden zeigt ihn: Er bleibt weit unter 100 %, weil die Punkte in wenigen Moden sitzen.",

  "lesson.adversary.title": "Wozu ein Gegenspieler?",
  "lesson.adversary.summary": "Ein Loss je Pixel führt zu Unschärfe, wo mehrere Antworten möglich sind.",
  "lesson.adversary.text":
    "Die Zeichnung eines T-Shirts bestimmt weder Muster noch Helligkeit. Ein Netz, das nur am L1-Abstand zum Original lernt, sagt Pixel für Pixel den Median aller möglichen Antworten vorher: gar kein Muster.\n\nEin Gegenspieler betrachtet das ganze Bild und lehnt ab, wie kein Original aussieht. Die Antwort wird schärfer, aber wird sie wahrer?",
  "lesson.adversary.steps":
    "Vergleichen Sie beide Bilder mit dem Schieber.\nÖffnen Sie die Stufe mit den Urteilen: Welche Ausschnitte hält der Diskriminator für echt?\nÖffnen Sie die Variationen: Was ändert sich, was bleibt?",
  "lesson.adversary.question":
    "Welches der beiden Bilder hat die glattere Oberfläche, und in welchem würden Sie etwas messen?",
  "lesson.adversary.answer":
    "Das nur mit L1 ist glatter. Zum Messen taugt keines: Die Einzelheiten des anderen sind erfunden, um echt auszusehen. Schärfe ist kein Beweis.",

  "lesson.berkeley.title": "Ein Abstand, der sich umkehrt",
  "lesson.berkeley.summary": "Simpsons Paradox bei den Zulassungen in Berkeley, 1973.",
  "lesson.berkeley.text":
    "1973 ließen die sechs größten Fachbereiche von Berkeley 45 % der Bewerber und 30 % der Bewerberinnen zu. Der Abstand von 14 Prozentpunkten ist weit größer, als Zufall ihn macht. Haben die Fachbereiche Frauen benachteiligt?\n\nEinem Abstand zwischen Gruppen sieht man seine Ursache nicht an. Frauen und Männer bewarben sich in verschiedenen Fachbereichen, und diese lassen verschieden viele zu. Die Prüfung vergleicht jede Kombination von Geschlecht und Fachbereich.",
  "lesson.berkeley.steps":
    "Starten Sie die Prüfung. Lesen Sie zuerst den Abstand zwischen Männern und Frauen.\nÖffnen Sie die Box und gehen Sie zur Stufe mit den Kombinationen.\nLesen Sie die Auswahlraten von Männern und Frauen in jedem Fachbereich, mit der Zahl der Zeilen.",
  "lesson.berkeley.question":
    "In wie vielen der sechs Fachbereiche wurden Frauen häufiger zugelassen als Männer, und in welchem sind sie zu wenige für einen Vergleich?",
  "lesson.berkeley.answer":
    "In vieren: A (82 % gegen 62 %), B, D und F. In B sind es nur 25 Frauen: Der Balken ist schraffiert. Die meisten Frauen bewarben sich dort, wo wenige zugelassen werden. Ob das gerecht ist, ist eine weitere Frage: Wer entscheidet, wie viele Plätze ein Fachbereich hat?",

  "lesson.thresholds.title": "Ein Schwellenwert oder einer je Gruppe?",
  "lesson.thresholds.summary": "Gleiche Behandlung nach Scores, die für eine Gruppe falsch sind.",
  "lesson.thresholds.text":
    "Die erfundenen Kredite werden in Nord und Süd gleich oft zurückgezahlt, aber ein Drittel der Rückzahlungen im Süden wurde dort, wo der Score gelernt wurde, nie erfasst. Die Scores des Südens sind zu niedrig: eine Verzerrung der Aufzeichnung, nicht der Menschen.\n\nEin Schwellenwert für alle lehnt dann im Süden Menschen ab, die zurückgezahlt hätten: Ihr Recall ist niedriger. Demographic Parity verlangt gleiche Auswahlraten, Equal Opportunity gleichen Recall, Equalized Odds gleichen Recall und gleiche Falsch-positiv-Rate. Wo sich die Basisraten unterscheiden, sind nicht alle zugleich erfüllbar.",
  "lesson.thresholds.steps":
    "Lesen Sie den Recall beider Gruppen, den Abstand und sein Intervall.\nWählen Sie einen Schwellenwert je Gruppe und senken Sie den des Südens.\nBeobachten Sie dabei die Zahl der richtigen Entscheidungen.",
  "lesson.thresholds.question":
    "Mit dem Norden bei 0,50: Bei welchem Schwellenwert des Südens ist der Recall beider Gruppen gleich, und kostet das richtige Entscheidungen?",
  "lesson.thresholds.answer":
    "Bei etwa 0,38: Der Recall ist dann 73 % im Süden und 74 % im Norden. Es kostet keine: 1.367 statt 1.343 von 2.000 Entscheidungen sind richtig, weil die Scores des Südens zu niedrig waren. Wo Scores stimmen, hat gleicher Recall einen Preis.",

  "lesson.audit.title": "Im Mittel gut, aber für wen?",
  "lesson.audit.summary": "Dasselbe Modell, gemessen nach Gruppen seiner Testzeilen.",
  "lesson.audit.text":
    "Ein Modell für Brusttumoren liegt bei 95 % der Testzeilen richtig. Ein Mittelwert verbirgt, für wen es falsch ist. Eine Prüfung teilt die Testzeilen nach einer Spalte, hier nach der Größe des Tumors in Viertel, und misst jede Gruppe.\n\nKleine Gruppen haben breite Intervalle: Gruppen mit weniger Beispielen als der Grenze werden schraffiert gezeigt und nicht verglichen. Ein Abstand, der sich nicht messen lässt, ist kein Abstand, den es nicht gibt.",
  "lesson.audit.steps":
    "Starten Sie die Prüfung und lesen Sie die Genauigkeit der vier Viertel mit ihren Intervallen.\nÖffnen Sie, was hinter den Balken der kleinsten Tumoren steht.\nPrüfen Sie noch einmal mit mindestens 20 Beispielen. Welche Abstände sind deutlich?",
  "lesson.audit.question":
    "In welchem Viertel wird am häufigsten falsch entschieden? Wie viele bösartige Tumoren des kleinsten Viertels findet das Modell, und darf man vergleichen?",
  "lesson.audit.answer":
    "Im dritten Viertel: 3 von 28 sind falsch. Das kleinste hat einen einzigen bösartigen Tumor, und das Modell übersieht ihn: Recall 0 von 1, mit einem Intervall von 0 bis 79 %. Kein Viertel hat 30 Testzeilen, also wird nichts verglichen. Wer es wissen will, braucht mehr kleine bösartige Tumoren, keinen besseren Mittelwert.",

  "lesson.faces.title": "Wessen Gesicht kommt heraus?",
  "lesson.faces.summary": "Ein Restaurator antwortet mit dem, was in seinen Trainingsdaten häufig war.",
  "lesson.faces.text":
    "2020 machte ein Programm, das Gesichter aus wenigen Pixeln wiederherstellt, aus einem verpixelten Foto von Barack Obama einen weißen Mann. Lag es an den Daten oder an der Methode?\n\nHier sind die Gesichter gezeichnet: Sie zeigen niemanden, und beide Gruppen sind genau bekannt. Dasselbe Netz wurde mit verschiedenen Anteilen von Gesichtern mit dunkler Haut trainiert, je dreimal. Alles andere blieb gleich. Gemessen wird der Anteil der Testgesichter, die als die andere Gruppe herauskommen.",
  "lesson.faces.steps":
    "Verschieben Sie den Anteil von 1 % auf 50 % und betrachten Sie das wiederhergestellte Gesicht.\nLesen Sie bei jedem Anteil die Rate der veränderten Gesichter beider Gruppen mit den Intervallen.\nÖffnen Sie die Stufe zur Ursache: Was ändert sich, wenn die 30 seltenen Bilder öfter wiederholt werden?",
  "lesson.faces.question":
    "Wie weit liegen die beiden Gruppen bei einem Anteil von 1 % und bei 50 % auseinander? Verschwindet der Abstand?",
  "lesson.faces.answer":
    "Etwa 59 Prozentpunkte bei 1 %, etwa 4 bei 50 %: Bei gleichen Anteilen werden beide Gruppen etwa gleich oft verändert, und einige Gesichter aus jeder noch immer, weil die Pixel die Haut nicht bestimmen. Die Daten entscheiden, wer die Fehler trägt; das Netz und sein Loss machen aus einer Häufigkeit eine Entscheidung. Die seltenen Bilder zu wiederholen schließt den Abstand nur zum Teil.",

  "lesson.seeds.title": "Der Fluch des Gewinners",
  "lesson.seeds.summary": "Wer den besten von 48 Fits wählt, wählt auch das Glück.",
  "lesson.seeds.text":
    "Ein Sweep trainiert dasselbe Netz mit jeder Kombination von Lernrate und Breite und je drei Seeds: 48 Fits. Gewählt wird der beste auf den Validierungszeilen. Aber 48 Werte streuen, und der beste ist zum Teil durch Zufall der beste. Auf den Testzeilen, die nichts gewählt haben, ist dieses Glück weg.\n\nDie Seeds zeigen, wie viel Zufall ist: Sie unterscheiden sich nur in den Zufallszahlen.",
  "lesson.seeds.steps":
    "Suchen Sie den Fit mit dem niedrigsten Log-Loss auf den Validierungszeilen.\nVergleichen Sie ihn im Diagramm von Validierung gegen Test mit seinem Log-Loss auf den Testzeilen.\nBetrachten Sie den Streifen der Seeds: Wie weit liegen drei Fits derselben Einstellung auseinander?",
  "lesson.seeds.question":
    "Welchen Log-Loss hat der beste Fit auf Validierungs- und auf Testzeilen? Welche Einstellung hat den niedrigsten Mittelwert über ihre Seeds?",
  "lesson.seeds.answer":
    "0,001 auf den Validierungszeilen und 1,06 auf den Testzeilen, bei Lernrate 0,3, einer Schicht von 32 und Seed 0: schlechter als ein weit vorsichtigeres Modell. Nach dem Mittelwert über die Seeds ist es die Lernrate 0,03 mit zwei Schichten von 32: 0,035, auf den Testzeilen 0,111. Wählen Sie Einstellungen mit mehreren Seeds, und berichten Sie den Wert von Daten, die nichts gewählt haben.",

  "lesson.robustness.title": "Wenn sich die Welt verschiebt",
  "lesson.robustness.summary": "Dasselbe Modell mit Eingaben, die sich Schritt für Schritt ändern.",
  "lesson.robustness.text":
    "Gemessen wird ein Modell an Zeilen, die denen seines Trainings gleichen. Im Einsatz werden Geräte neu geeicht, Zellen bleiben leer, andere Menschen kommen. Eine Prüfung mit Robustheit wiederholt die Messung, während sich eines Schritt für Schritt ändert: Eine Spalte wird um bis zu drei Standardabweichungen verschoben, Rauschen kommt hinzu, Zellen werden geleert.\n\nDie Kurve zeigt, was das Modell aushält. Wo sie schnell fällt, verdient die Eingabe eine eigene Kontrolle.",
  "lesson.robustness.steps":
    "Starten Sie die Prüfung; die Robustheit ist eingeschaltet.\nÖffnen Sie die Stufe mit der Genauigkeit unter Änderungen: Welche Linie fällt am meisten?\nÖffnen Sie die nächsten falschen Nachbarn: Wem ähnelt eine falsch entschiedene Zeile?",
  "lesson.robustness.question":
    "Was macht eine Verschiebung der Spalte „worst texture“ um drei Standardabweichungen mit der Genauigkeit, und die Verschiebung welcher Spalte macht fast nichts aus?",
  "lesson.robustness.answer":
    "Sie fällt von 0,947 auf 0,788. Eine Verschiebung von „fractal dimension error“ macht fast nichts aus: 0,938 bei derselben Stärke. Das Modell hängt an der ersten Spalte und würde unbemerkt versagen, wenn sie anderswo anders gemessen wird.",

  "lesson.doubt.title": "Eine Antwort, die warten sollte",
  "lesson.doubt.summary": "Ein Klassifikator antwortet immer. Glauben muss man ihm nicht.",
  "lesson.doubt.text":
    "Klassenwahrscheinlichkeiten ergeben über die Klassen, die das Modell kennt, zusammen 1. Sie vergleichen diese Klassen miteinander, mehr nicht: Auch ein Bild von etwas anderem bekommt eine Antwort.\n\nZwei Zeichen mahnen zur Vorsicht: eine erste Klasse, die kaum vor der zweiten liegt, und ein Bild, das denen nicht ähnelt, aus denen das Modell gelernt hat. Welche Antworten ein Mensch ansieht, legt eine Organisation vorher fest.",
  "lesson.doubt.steps":
    "Lassen Sie das Bild klassifizieren.\nVergleichen Sie die beiden höchsten Wahrscheinlichkeiten.\nTun Sie dasselbe mit dem Fisch und der Windmühle und vergleichen Sie die Abweichung von den vertrauten Bildern mit ihrer Grenze.",
  "lesson.doubt.question":
    "Welche zwei Wahrscheinlichkeiten sind beim Hammer am höchsten, und ist das Bild dem Modell vertraut?",
  "lesson.doubt.answer":
    "Fisch (fish) 0,58, Werkzeug (tool) 0,34: Die Antwort ist falsch, und die Seite warnt, dass das Bild den vertrauten nicht ähnelt (Abweichung 2,54, Grenze 2,38). Wo NanoDet installiert ist und die Merkmale berechnet, ist der Hammer mit 0,71 ein Werkzeug, vor Fisch mit 0,26, und die Abweichung von 1,80 liegt unter der Grenze von 2,26: richtig, und ohne Warnung. Beim Fisch und bei der Windmühle hat die erste Klasse über 0,99, und die Abweichung ist negativ. Eine Durchsicht aller Antworten unter 0,75 hätte den Hammer mit beiden angehalten.",

  "lesson.log.title": "Wer verantwortet das?",
  "lesson.log.summary": "Ein Protokoll, das sich nicht unbemerkt ändern lässt.",
  "lesson.log.text":
    "Wird eine Entscheidung Monate später angezweifelt, muss jemand zeigen können, welches Modell auf wessen Anfrage welche Antwort gab und ob ein Mensch sie angesehen hat. Das Protokoll hat einen Eintrag für jeden beendeten Auftrag, jede Durchsicht und jede Löschung.\n\nJeder Eintrag enthält den Hash des vorigen. Wird später einer geändert oder entfernt, passen die Hashes danach nicht mehr. Persönliche Angaben lassen sich trotzdem löschen: Die Kette enthält nur ihre Hashes.",
  "lesson.log.steps":
    "Rechnen Sie ein Beispiel und öffnen Sie das Protokoll erneut: Suchen Sie seinen Eintrag mit dem Modell und der Prüfsumme der Gewichte.\nKlicken Sie auf „Protokoll überprüfen“ und notieren Sie den letzten Hash anderswo.\nSehen Sie eine unsichere Antwort durch und suchen Sie den Eintrag dazu.",
  "lesson.log.question":
    "Welcher Teil eines Eintrags verbindet ihn mit dem vorigen, und warum sollte der letzte Hash anderswo stehen?",
  "lesson.log.answer":
    "Sein Hash, der aus seinem Inhalt und dem Hash des vorigen Eintrags berechnet wird. Wer die Datenbank beherrscht, könnte alle Einträge mit passenden Hashes neu schreiben; nur ein anderswo notierter Hash zeigt das.",
};
