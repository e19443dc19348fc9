/** Which element of a wrapping grid an arrow key leads to; null: none, or another key. */
export function neighbor(elements: HTMLElement[], from: number, key: string): number | null {
  const last = elements.length - 1;
  if (key === "ArrowRight") return Math.min(from + 1, last);
  if (key === "ArrowLeft") return Math.max(from - 1, 0);
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (key !== "ArrowDown" && key !== "ArrowUp") return null;
  const { offsetTop, offsetLeft } = elements[from];
  const isBelow = key === "ArrowDown";
  const rows = elements
    .map((element, index) => ({ index, top: element.offsetTop, left: element.offsetLeft }))
    .filter(({ top }) => (isBelow ? top > offsetTop : top < offsetTop));
  if (rows.length === 0) return from;
  const top = isBelow ? Math.min(...rows.map((one) => one.top)) : Math.max(...rows.map((one) => one.top));
  const row = rows.filter((one) => one.top === top);
  row.sort((a, b) => Math.abs(a.left - offsetLeft) - Math.abs(b.left - offsetLeft));
  return row[0].index;
}
