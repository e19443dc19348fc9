/** A block of Markdown. */
export type Block =
  | { kind: "heading"; level: number; text: string; id: string }
  | { kind: "paragraph"; text: string }
  | { kind: "quote"; text: string }
  | { kind: "list"; isOrdered: boolean; items: string[] }
  | { kind: "table"; head: string[]; rows: string[][] }
  | { kind: "code"; text: string }
  | { kind: "image"; alt: string; source: string };

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const FENCE = /^\s*(```|~~~)/;
const ITEM = /^\s*(?:[-*+]|\d+\.)\s+(.*)/;
const ORDERED = /^\s*\d+\.\s/;
const IMAGE = /^!\[([^\]]*)\]\(([^)\s]+)[^)]*\)$/;

/** The blocks of a text; headings have the ids that GitHub gives them, so that links to them work in both. */
export function blocksOf(text: string): Block[] {
  const lines = text.replaceAll("\r", "").split("\n");
  const blocks: Block[] = [];
  const ids = new Map<string, number>();
  let at = 0;
  const takeWhile = (isTaken: (line: string) => boolean): string[] => {
    const start = at;
    while (at < lines.length && isTaken(lines[at])) at++;
    return lines.slice(start, at);
  };
  while (at < lines.length) {
    const line = lines[at];
    const heading = HEADING.exec(line);
    const fence = FENCE.exec(line)?.[1];
    if (line.trim() === "") {
      at++;
    } else if (heading) {
      at++;
      blocks.push({ kind: "heading", level: heading[1].length, text: heading[2], id: idOf(heading[2], ids) });
    } else if (fence) {
      at++;
      const code = takeWhile((one) => !one.trim().startsWith(fence));
      at++;
      blocks.push({ kind: "code", text: code.join("\n") });
    } else if (line.startsWith("    ")) {
      const code = takeWhile((one) => one.startsWith("    ") || one.trim() === "");
      blocks.push({
        kind: "code",
        text: code
          .map((one) => one.slice(4))
          .join("\n")
          .trimEnd(),
      });
    } else {
      const kind = kindOf(line);
      at++;
      const others = takeWhile((one) => continues(kind, one));
      blocks.push(blockOf(kind, [line, ...others]));
    }
  }
  return blocks;
}

function kindOf(line: string): "table" | "quote" | "list" | "image" | "paragraph" {
  if (line.trim().startsWith("|")) return "table";
  if (line.startsWith(">")) return "quote";
  if (ITEM.test(line)) return "list";
  return IMAGE.test(line.trim()) ? "image" : "paragraph";
}

/** Whether a line goes on with a block of this kind. */
function continues(kind: ReturnType<typeof kindOf>, line: string): boolean {
  if (line.trim() === "" || HEADING.test(line) || FENCE.test(line) || kind === "image") return false;
  return kindOf(line) === kind || (kind === "list" && kindOf(line) === "paragraph");
}

function blockOf(kind: ReturnType<typeof kindOf>, lines: string[]): Block {
  if (kind === "table") return tableOf(lines);
  if (kind === "quote") return { kind, text: lines.map((line) => line.slice(1).trim()).join(" ") };
  if (kind === "list") return { kind, isOrdered: ORDERED.test(lines[0]), items: itemsOf(lines) };
  const [, alt = "", source = ""] = IMAGE.exec(lines[0].trim()) ?? [];
  return kind === "image" ? { kind, alt, source } : { kind, text: lines.map((one) => one.trim()).join(" ") };
}

/** A line that starts no item of its own belongs to the one before. */
function itemsOf(lines: string[]): string[] {
  const items: string[] = [];
  for (const line of lines) {
    const start = ITEM.exec(line);
    if (start || items.length === 0) items.push(start?.[1] ?? line);
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return items;
}

function tableOf(lines: string[]): Block {
  const cells = lines.map((line) =>
    line
      .trim()
      .replace(/^\||(?<!\\)\|$/g, "")
      .split(/(?<!\\)\|/)
      .map((cell) => cell.replaceAll("\\|", "|").trim()),
  );
  const [head, ...rows] = cells.filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell)));
  return { kind: "table", head, rows };
}

/** "Non-maximum suppression (NMS)" → "non-maximum-suppression-nms"; a second one gets "-1". */
function idOf(heading: string, ids: Map<string, number>): string {
  const id = heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");
  const count = ids.get(id) ?? 0;
  ids.set(id, count + 1);
  return count > 0 ? `${id}-${count}` : id;
}
