import type { Plural, Translated } from "../message";

/** Names, descriptions, tags and versions of trainings and models: loaded with the pages that show them. */
export const messages = {
  "runs.description": "Description",
  "runs.tags": "Tags",
  "runs.tagsHint": "Separated by commas, such as: baseline, 20 photos",
  "runs.edit": "Edit description and tags",
  "runs.add": "Add description and tags",
  "runs.save": "Save",
  "runs.tag": "Tag",
  "runs.removeTag": "Show all, not only those with the tag {tag}",
  "runs.modelName": "Name of the model",
  "runs.modelNameHint":
    "Lowercase letters, digits, dots, hyphens and underscores. Leave it empty to have a name made of the job's id.",
  "runs.first": "Makes version 1 of a new model.",
  "runs.next": "{name} exists, in version {n}: this training makes its next version.",
  "runs.taken": "{name} is already a model of {capability}. Choose another name.",
  "runs.ofGlassbox": "{name} is part of Glassbox. Choose another name.",
  "runs.select": "Select {name} for comparison",
  "runs.selected": { one: "{n} selected", other: "{n} selected" },
  "runs.selectMore": "Select at least two.",
  "runs.clear": "Clear selection",
  "runs.editCard": "Edit card",
  "runs.cardText": "Text of the model card, in Markdown",
  "runs.write": "Write",
  "runs.preview": "Preview",
  "runs.provenance": "The section Provenance, with the hash and the data, stays below your text.",
  "runs.deleteVersion": "Delete version",
  "runs.newer":
    "Version {old} is the default. Version {n} is newer and answers only where it is chosen: make it the default if it is better.",
  "runs.name": "Name",
  "runs.compareVersions": "Compare versions",
  "runs.gone": "The model that this training made was deleted.",
  "runs.export": "Export",
  "runs.exportLead": "As a file for other programs, or for another Glassbox.",
  "runs.format.zip": "Everything (ZIP)",
  "runs.format.onnx": "Network (ONNX)",
  "runs.format.safetensors": "Weights (safetensors)",
  "runs.formatAbout.zip":
    "Weights, model card, network and a short script that answers without Glassbox. Another Glassbox imports it.",
  "runs.formatAbout.onnx":
    "For ONNX Runtime and other programs. It is compared with PyTorch before you get it.",
  "runs.formatAbout.safetensors": "The trained numbers alone.",
  "runs.exporting": "Writing {format}. The first time takes up to a minute.",
  "runs.import": "Import a model",
  "runs.importHint": "Drop the ZIP of an exported model here, or choose it.",
  "runs.importing": "Checking {name} …",
} satisfies Record<string, string | Plural>;

export type RunsMessages = Translated<typeof messages>;
