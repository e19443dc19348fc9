// A street drawn as SVG: the sample picture of the mock, the same at every start.

const WINDOWS = [
  [20, 225, 3],
  [180, 200, 2],
  [330, 260, 2],
  [470, 230, 3],
  [640, 250, 3],
];

function building(x, y, width, fill) {
  return `<rect x="${x}" y="${y}" width="${width}" height="${370 - y}" fill="${fill}"/>`;
}

function windows([x, y, count]) {
  return Array.from({ length: count * 2 }, (_, index) => {
    const [left, top] = [x + (index % count) * 42 + 12, y + Math.floor(index / count) * 56];
    return `<rect x="${left}" y="${top}" width="26" height="34" fill="#4a4f58"/>`;
  }).join("");
}

function car(x, y, fill, scale) {
  return `<g transform="translate(${x} ${y}) scale(${scale})"><path d="M0 70 Q5 45 50 40 L75 8 Q80 0 92 0 L150 0 Q162 0 172 10 L200 40 Q236 44 238 70 L238 86 L0 86 Z" fill="${fill}"/>
<path d="M84 14 L64 40 L116 40 L116 12 Z M126 12 L126 40 L186 40 L164 14 Z" fill="#bfe0f2"/>
<circle cx="52" cy="86" r="24" fill="#1b1d22"/><circle cx="52" cy="86" r="11" fill="#a9adb8"/><circle cx="188" cy="86" r="24" fill="#1b1d22"/><circle cx="188" cy="86" r="11" fill="#a9adb8"/></g>`;
}

function person(x, y, shirt, skin) {
  return `<g transform="translate(${x} ${y})"><circle cx="25" cy="20" r="20" fill="${skin}"/><path d="M2 44 Q25 36 48 44 L50 104 L0 104 Z" fill="${shirt}"/><rect x="5" y="104" width="17" height="62" fill="#26314a"/><rect x="28" y="104" width="17" height="62" fill="#26314a"/></g>`;
}

const bicycle = `<g transform="translate(672 405)" fill="none" stroke-width="5"><circle cx="34" cy="70" r="33" stroke="#1d1d20"/><circle cx="118" cy="70" r="33" stroke="#1d1d20"/><path d="M34 70 L58 24 L102 24 L78 70 Z M58 24 L78 70 M102 24 L118 70 M96 12 L112 12" stroke="#a61d5e"/></g>`;
const dog = `<path d="M424 440 q10 -18 36 -14 q16 -18 28 -8 l-4 16 q6 30 0 50 l-9 0 l-3 -30 l-22 0 l-3 30 l-9 0 l-2 -34 q-14 0 -12 -10" fill="#7a4d24"/>`;

export const street = `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="560" viewBox="0 0 800 560">
<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#7cb6e9"/><stop offset="1" stop-color="#c3def4"/></linearGradient></defs>
<rect width="800" height="400" fill="url(#sky)"/><circle cx="690" cy="80" r="42" fill="#ffdd87"/>
${building(0, 190, 150, "#b4664a")}${building(150, 120, 130, "#d8b080")}${building(280, 230, 150, "#8b9d6f")}${building(430, 170, 140, "#c48888")}${building(570, 220, 230, "#7f8ea6")}
${WINDOWS.map(windows).join("")}
<rect y="365" width="800" height="30" fill="#b9b3ab"/><rect y="395" width="800" height="165" fill="#4d5056"/>
${[40, 200, 360, 520, 680].map((x) => `<rect x="${x}" y="520" width="86" height="8" fill="#eee7cf"/>`).join("")}
${person(356, 285, "#e2a31a", "#e6b88f")}${person(704, 300, "#2f9467", "#8d5a3c")}${bicycle}${car(74, 376, "#c23030", 1)}${car(466, 390, "#2d6fb8", 0.82)}${dog}
</svg>`;

/** What stands in it, as a network would best answer. */
export const objects = [
  { label: "car", box: [73, 375, 313, 487], score: 0.94 },
  { label: "person", box: [355, 284, 407, 452], score: 0.91 },
  { label: "car", box: [465, 389, 663, 482], score: 0.88 },
  { label: "person", box: [703, 299, 755, 467], score: 0.79 },
  { label: "dog", box: [422, 418, 490, 486], score: 0.71 },
  { label: "bicycle", box: [671, 414, 825, 510], score: 0.62 },
];
