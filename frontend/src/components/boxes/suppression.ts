import type { Box, BoxItem, BoxStatus } from "../../stages/shapes";

export interface Verdict {
  status: BoxStatus;
  by: number | null; // the kept box that suppressed this one
  iou: number | null; // of the two
}

export interface Suppression {
  verdicts: Map<number, Verdict>;
  kept: BoxItem[]; // strongest first
  suppressed: BoxItem[];
  above: number;
  across: number; // how many of the suppressed ones fell to a box of another label
}

export function iouOf(a: Box, b: Box): number {
  const inner = intersection(a, b);
  if (!inner) return 0;
  const shared = area(inner);
  return shared / (area(a) + area(b) - shared);
}

export function intersection(a: Box, b: Box): Box | null {
  const xmin = Math.max(a.xmin, b.xmin);
  const ymin = Math.max(a.ymin, b.ymin);
  const xmax = Math.min(a.xmax, b.xmax);
  const ymax = Math.min(a.ymax, b.ymax);
  return xmax > xmin && ymax > ymin ? { xmin, ymin, xmax, ymax } : null;
}

const area = (box: Box): number => (box.xmax - box.xmin) * (box.ymax - box.ymin);

/**
 * Threshold, then greedy non-maximum suppression among boxes of one label, then among what remains of all
 * labels: what the server does, so that a moved slider needs no request. A box falls to the strongest kept
 * box that it overlaps by more than `iou`, or by more than `across` if that has another label.
 */
export function suppress(
  boxes: BoxItem[],
  score: number,
  iou: number,
  limit = Number.POSITIVE_INFINITY,
  across = 1,
): Suppression {
  const verdicts = new Map<number, Verdict>();
  const kept: BoxItem[] = [];
  const suppressed: BoxItem[] = [];
  const keptByLabel = new Map<string, BoxItem[]>();
  const ranked = boxes.toSorted((a, b) => b.score - a.score); // stable, as the server's sort is
  let above = 0;
  for (const item of ranked) {
    if (item.score < score) {
      verdicts.set(item.id, { status: "below", by: null, iou: null });
      continue;
    }
    above += 1;
    const rivals = keptByLabel.get(item.label) ?? [];
    const rival = rivals.find((other) => iouOf(other.box, item.box) > iou);
    if (rival) {
      suppressed.push(item);
      verdicts.set(item.id, { status: "suppressed", by: rival.id, iou: iouOf(rival.box, item.box) });
    } else {
      kept.push(item);
      keptByLabel.set(item.label, [...rivals, item]);
      verdicts.set(item.id, { status: "kept", by: null, iou: null });
    }
  }
  const whole = across < 1 ? withoutOthers(kept, across, verdicts) : kept;
  const fallen = kept.filter((item) => verdicts.get(item.id)?.status === "suppressed");
  for (const item of whole.splice(limit)) verdicts.set(item.id, { status: "below", by: null, iou: null });
  return { verdicts, kept: whole, suppressed: [...suppressed, ...fallen], above, across: fallen.length };
}

/** The boxes, strongest first, that overlap no stronger one of them by more than `across`. */
function withoutOthers(boxes: BoxItem[], across: number, verdicts: Map<number, Verdict>): BoxItem[] {
  const kept: BoxItem[] = [];
  for (const item of boxes) {
    const rival = kept.find((other) => iouOf(other.box, item.box) > across);
    if (!rival) kept.push(item);
    else verdicts.set(item.id, { status: "suppressed", by: rival.id, iou: iouOf(rival.box, item.box) });
  }
  return kept;
}
