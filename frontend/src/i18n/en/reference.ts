/** The list of keys, the glossary, and the documents. */
export const reference = {
  "keys.open": "Shortcuts",
  "keys.title": "Keyboard shortcuts",
  "keys.sheet": "Show this list",
  "keys.layers": "Toggle image layers",
  "keys.stage": "Previous or next stage",
  "keys.stageArrows": "Previous or next stage, outside images and fields",
  "keys.zoom": "Zoom in, zoom out, show all",
  "keys.flip": "Flip between two compared images; hold to look briefly",
  "keys.play": "Play or pause the steps",
  "keys.arrows": "In a focused image: pan it or select a cell",
  "keys.points": "In a focused chart: read its points. On the step buttons: change the step",
  "keys.wheel": "Zoom at the pointer",
  "keys.on": "Enable single-key shortcuts",
  "keys.close": "Close",
  "glossary.lead": "Technical terms in one sentence each.",
  "glossary.search": "Search terms",
  "glossary.none": "No term matches.",
  "glossary.more": "Read more",
  "learn.contents": "Contents",
  "nav.learn": "How it works: {name}",
  "learn.try": "Try it",
};

export type Reference = { [K in keyof typeof reference]: string };
