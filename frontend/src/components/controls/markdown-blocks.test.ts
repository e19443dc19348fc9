import { expect, test } from "vitest";
import { blocksOf } from "./markdown-blocks";

const TEXT = `# Detection
A sentence
on two lines:
- one
  and its second line
- two

## Non-maximum suppression (NMS)
| a | b |
| --- | ---: |
| 1 | |
| \\|x\\| | 2 |

\`\`\`python
x = 1

# no heading
\`\`\`
    indented

    code
> A note.

![The network](diagrams/detection.svg)
1. first
2. second
## Data
## Data
`;

test("a document is headings, paragraphs, lists, tables, code, pictures, and quotes", () => {
  expect(blocksOf(TEXT)).toEqual([
    { kind: "heading", level: 1, text: "Detection", id: "detection" },
    { kind: "paragraph", text: "A sentence on two lines:" },
    { kind: "list", isOrdered: false, items: ["one and its second line", "two"] },
    { kind: "heading", level: 2, text: "Non-maximum suppression (NMS)", id: "non-maximum-suppression-nms" },
    {
      kind: "table",
      head: ["a", "b"],
      rows: [
        ["1", ""],
        ["|x|", "2"],
      ],
    },
    { kind: "code", text: "x = 1\n\n# no heading" },
    { kind: "code", text: "indented\n\ncode" },
    { kind: "quote", text: "A note." },
    { kind: "image", alt: "The network", source: "diagrams/detection.svg" },
    { kind: "list", isOrdered: true, items: ["first", "second"] },
    { kind: "heading", level: 2, text: "Data", id: "data" },
    { kind: "heading", level: 2, text: "Data", id: "data-1" },
  ]);
});

test("an open fence and empty texts end with the text", () => {
  expect(blocksOf("```\nx")).toEqual([{ kind: "code", text: "x" }]);
  expect(blocksOf(" \n\n")).toEqual([]);
});
