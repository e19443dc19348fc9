import type { Plural, Translated } from "../message";

/** Collecting pictures by class: loaded with its page. */
export const messages = {
  "collect.title": "Collect and classify",
  "collect.lead":
    "Show a few pictures of each class, by camera or from files: a classifier learns after every one. Nothing leaves this server.",
  "collect.dataset": "Collected pictures",
  "collect.className": "Class {n}",
  "collect.gather": "1 · Gather",
  "collect.cameraTitle": "Camera",
  "collect.preview": "2 · Try",
  "collect.keepTitle": "3 · Keep",
  "collect.keepHint":
    "The pictures become a version of a dataset, and a model is trained on it and measured on held-out pictures.",
  "collect.newClass": "Name of another class",
  "collect.addClass": "Add a class",
  "collect.removeClass": "Remove {name}",
  "collect.count": { one: "{n} picture", other: "{n} pictures" },
  "collect.record": "Hold to record",
  "collect.recording": "Recording …",
  "collect.files": "Add pictures",
  "collect.removePicture": "Remove the picture",
  "collect.all": "Show all {n}",
  "collect.fewer": "Show the newest only",
  "collect.cameraOn": "Turn the camera on",
  "collect.cameraOff": "Turn it off",
  "collect.cameraPicture": "The camera’s picture",
  "collect.whichCamera": "Which camera",
  "collect.cameraNumber": "Camera {n}",
  "collect.camera.denied":
    "The browser does not allow this page to use the camera. Allow it in the address bar, then try again; or add pictures from files.",
  "collect.camera.missing": "No camera was found. Connect one, or add pictures from files.",
  "collect.camera.insecure":
    "Browsers give the camera only to pages over HTTPS or on this computer itself (localhost). Pictures from files work here.",
  "collect.camera.busy": "The camera cannot be read: another program may be using it.",
  "collect.needsTwo": "Add pictures of at least two classes.",
  "collect.noPicture": "Turn the camera on, or drop a picture",
  "collect.rate": "{rate} pictures a second",
  "collect.try": "Picture to try",
  "collect.waiting": { one: "{n} picture is on its way", other: "{n} pictures are on their way" },
  "collect.fitted": "The last layer was fitted in {time}.",
  "collect.checked":
    "{right} of {total} pictures get their class from a layer that did not learn from them (cross-validation). Frames of one recording resemble each other, which flatters this figure.",
  "collect.name": "Name of the model",
  "collect.namePlaceholder": "My classes",
  "collect.keep": "Train and keep",
  "collect.stillWaiting": "The pictures are still on their way.",
  "collect.kept": "{name}, version {version}, answers now.",
  "collect.heldOut": "{right} of {total} held-out pictures got the right class.",
  "collect.training": "Open the training",
} satisfies Record<string, string | Plural>;

export type CollectMessages = Translated<typeof messages>;
