// What each capability of the mock answers: result, stages and files.
import { explanations } from "./catalog.mjs";
import { iterations } from "./clusters.mjs";
import { detect, files as mapFiles } from "./detection.mjs";
import { CLASSES, harborFiles, shares, TILES } from "./harbor.mjs";

export const files = { ...mapFiles, ...harborFiles };

const hex = (color) => `#${color.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
const artifact = (name, kind = "image") => ({
  id: `00000000-0000-4000-8000-0000000000${name.length}`,
  name,
  kind,
  media_type: "image/png",
  bytes: files[name].length,
  url: `/mock/file/${name}`,
});

function segment() {
  const classes = CLASSES.map(({ index, name, color }, place) => ({
    index,
    name,
    color: hex(color),
    share: shares[place],
    shown: index !== 0,
  }));
  const size = { width: 800, height: 560 };
  return {
    result: { classes: classes.map(({ name, share }) => ({ name, share })), image: size },
    artifacts: [artifact("mask.png", "mask")],
    counts: { mask: classes.length },
    stages: {
      input: { file: null, ...size, alt: "The picture as the network sees it" },
      scores: {
        levels: [
          {
            name: "classes",
            file: "scores.png",
            ...TILES,
            channels: 4,
            names: CLASSES.map(({ name }) => name),
            minimum: [-4.1, -4.1, -4.1, -4.1],
            maximum: [11.8, 11.8, 11.8, 11.8],
          },
        ],
      },
      mask: { ...size, file: "mask.png", opacity: 0.6, classes },
    },
  };
}

function enlarge() {
  const size = { width: 800, height: 560 };
  return {
    result: { image: size, factor: 4 },
    artifacts: [artifact("enlarged.png")],
    counts: {},
    stages: {
      input: { file: null, width: 200, height: 140, alt: "The picture as the network sees it" },
      comparison: {
        ...size,
        pictures: [
          { name: "Upload", file: null, width: 200, height: 140, alt: "The picture as it came" },
          { name: "Bicubic", file: "bicubic.png", ...size, alt: "Enlarged by interpolation alone" },
          {
            name: "Super-resolution",
            file: "enlarged.png",
            ...size,
            alt: "Four times as large, by the network",
          },
        ],
        left: 1,
        right: 2,
      },
    },
  };
}

const cluster = () => ({
  result: { clusters: 3 },
  counts: { iterations: iterations.steps.length },
  stages: { iterations },
});

const words = {
  detection: explanations,
  segmentation: {
    input: ["image", "Input", "The picture, normalized as the network was trained."],
    scores: [
      "feature-maps",
      "Class scores",
      "One map for each class: the brighter a place, the surer the network is that this class is there.",
    ],
    mask: [
      "mask",
      "Mask",
      "Each pixel is given the class that scores highest there. Point at a class to see its outline.",
    ],
  },
  clustering: {
    iterations: [
      "scatter-steps",
      "Iterations",
      "Each point joins its nearest center, then each center moves to the middle of its points.",
    ],
  },
  super_resolution: {
    input: ["image", "Input", "The picture in its own size."],
    comparison: [
      "comparison",
      "Enlarged",
      "Interpolation invents no detail; the network has learned how edges look. Move the divider to see where they differ.",
    ],
  },
};

const makers = {
  detection: (job) => detect(job.params),
  segmentation: segment,
  clustering: cluster,
  super_resolution: enlarge,
};

/** Everything about a finished job's answer. */
export const answerOf = (job) => ({
  artifacts: [],
  ...makers[job.capability](job),
  words: words[job.capability],
});
