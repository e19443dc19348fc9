// The card, models and samples that the mock offers.

const now = new Date().toISOString();
const base = {
  capability: "detection",
  license: "Apache-2.0",
  digest: "3f".repeat(32),
  job_id: null,
  created_at: now,
};

export const models = [
  {
    ...base,
    id: "00000000-0000-4000-8000-0000000000a1",
    name: "glassbox-yolo",
    version: 1,
    title: "Glassbox YOLO",
    summary: "Grid detector of this project, trained on composites of cut-outs.",
    source: "shipped",
    architecture: "yolo",
    is_default: true,
    is_installed: true,
    install_command: null,
    bytes: 7_800_000,
    metrics: { map50: 0.512, agnostic_ap50: 0.803, parameters: 1_900_000 },
  },
  {
    ...base,
    id: "00000000-0000-4000-8000-0000000000a2",
    name: "ssdlite320_mobilenet_v3_large",
    version: 1,
    title: "SSDlite, MobileNet V3",
    summary: "COCO's 91 classes, quick on a CPU.",
    source: "pretrained",
    architecture: "ssdlite320_mobilenet_v3_large",
    is_default: false,
    is_installed: false,
    install_command: "glassbox models fetch ssdlite320_mobilenet_v3_large",
    bytes: 13_400_000,
    digest: null,
    metrics: {},
  },
  ...[
    ["segmentation", "glassbox-deeplab", "Glassbox DeepLab", "a3"],
    ["clustering", "k-means", "k-means", "a5"],
    ["super_resolution", "glassbox-upscaler", "Glassbox upscaler", "a4"],
  ].map(([capability, name, title, end]) => ({
    ...base,
    capability,
    id: `00000000-0000-4000-8000-0000000000${end}`,
    name,
    version: 1,
    title,
    summary: "Stands in for the real one.",
    source: "shipped",
    architecture: name,
    is_default: true,
    is_installed: true,
    install_command: null,
    bytes: 3_100_000,
    metrics: {},
  })),
];

export const card = `# Glassbox YOLO

A grid detector with two levels, trained on composites of **cut-outs** over photographs.

## Metrics

| set | mAP50 | pictures |
| --- | --- | --- |
| unseen subjects | 0.512 | 1,000 |
| seen subjects | 0.640 | 1,000 |

## Limits

- Small and crowded objects are missed.
- Drawings are found more readily than photographs.
`;

const fraction = (title, value, description) => ({
  title,
  description,
  type: "number",
  minimum: 0,
  maximum: 1,
  default: value,
});

export const predictParams = {
  title: "PredictParams",
  type: "object",
  additionalProperties: false,
  properties: {
    score: fraction("Score", 0.25, "Boxes that score less are left out."),
    iou: fraction("IoU", 0.5, "Of two boxes of one class that overlap more, the weaker is dropped."),
    candidates: {
      title: "Candidates",
      description: "List the boxes before suppression too.",
      type: "boolean",
      default: false,
    },
    max_objects: {
      title: "Max objects",
      description: "The most boxes kept.",
      type: "integer",
      minimum: 1,
      maximum: 300,
      default: 100,
    },
  },
};

export const trainParams = {
  title: "TrainParams",
  type: "object",
  additionalProperties: false,
  examples: [
    { title: "Quick, 1 minute", epochs: 2, learning_rate: 0.002 },
    { title: "Good, 10 minutes", epochs: 20, learning_rate: 0.001 },
  ],
  properties: {
    epochs: {
      title: "Epochs",
      description: "How often every picture is seen.",
      type: "integer",
      minimum: 1,
      maximum: 200,
      default: 4,
    },
    learning_rate: {
      title: "Learning rate",
      type: "number",
      exclusiveMinimum: 0,
      maximum: 0.1,
      default: 0.001,
    },
    optimizer: { title: "Optimizer", enum: ["adamw", "sgd"], default: "adamw" },
    seed: {
      title: "Seed",
      description: "The same seed learns the same.",
      anyOf: [{ type: "integer", minimum: 0 }, { type: "null" }],
      default: null,
    },
  },
};

export const explanations = {
  input: [
    "image",
    "Input",
    "The picture is shrunk to the size the network was trained with; grey bars fill what is left, so that nothing is stretched.",
  ],
  backbone: [
    "feature-maps",
    "Features",
    "Convolutions turn pixels into maps of patterns. Bright places are where a channel found what it looks for: early ones edges, later ones parts of things.",
  ],
  grid: [
    "grid",
    "Grid",
    "Each cell answers for objects whose middle lies in it. It says how sure it is that there is one, draws its boxes around it and says of which class each would be.",
  ],
  candidates: [
    "boxes",
    "Candidates",
    "All boxes of all cells. A box scores its objectness times its best class. Most are weak, and each object has many.",
  ],
  suppression: [
    "boxes",
    "Suppression",
    "From the strongest box down: every weaker box of the same class that overlaps it by more than the IoU limit is dropped. Choose a dropped box to see which one dropped it.",
  ],
  boxes: ["boxes", "Boxes", "What is left is the answer: for each object one box, with its class and score."],
};
