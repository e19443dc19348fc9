import { Download } from "lucide";
import type { RefObject } from "preact";
import { Icon } from "../controls/icon";
import { saveFile } from "../controls/save-file";

const SCALE = 2; // dots for each unit of a drawing, so that it prints well
const LINE = 22; // of the legend
const INHERITED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font", "opacity", "paint-order"];

interface SavePictureProps {
  of: RefObject<HTMLElement | null>;
  name: string;
}

/** Saves the drawing or the table inside `of` as a PNG, with its legend, on the card's own ground. */
export function SavePicture({ of, name }: SavePictureProps) {
  const save = async () => {
    const place = of.current;
    const drawing = place?.querySelector<SVGSVGElement>("svg.plot");
    const table = place?.querySelector("table");
    if (!place || !(drawing || table)) return;
    const canvas = drawing ? await canvasOf(drawing, place) : tableCanvas(table as HTMLTableElement);
    const file = `${name.replace(/[^\p{L}\p{N}]+/gu, "-")}.png`;
    canvas.toBlob((blob) => blob && saveFile(blob, file), "image/png");
  };
  return (
    <button type="button" class="button is-quiet is-small" onClick={save}>
      <Icon of={Download} />
      PNG
    </button>
  );
}

function blank(width: number, height: number, of: Element): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * SCALE);
  canvas.height = Math.ceil(height * SCALE);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("the browser gives no canvas");
  context.scale(SCALE, SCALE);
  context.fillStyle = groundOf(of);
  context.fillRect(0, 0, width, height);
  context.textBaseline = "middle";
  return [canvas, context];
}

/** What the element lies on: the nearest ground that is not see-through. */
function groundOf(element: Element | null): string {
  for (let one = element; one; one = one.parentElement) {
    const { backgroundColor } = getComputedStyle(one);
    if (!/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor)) return backgroundColor;
  }
  return "#fff";
}

async function canvasOf(drawing: SVGSVGElement, place: HTMLElement): Promise<HTMLCanvasElement> {
  const { width, height } = drawing.viewBox.baseVal;
  const entries = [...place.querySelectorAll<HTMLElement>(".legend > *")];
  const [canvas, context] = blank(
    width,
    height + (entries.length + Number(entries.length > 0)) * LINE,
    place,
  );
  context.drawImage(await imageOf(drawing, width, height), 0, 0, width, height);
  for (const [index, entry] of entries.entries()) {
    const y = height + (index + 0.75) * LINE;
    const sign = entry.querySelector("svg");
    const { width: wide, height: high } = sign?.viewBox.baseVal ?? { width: 0, height: 0 };
    if (sign) context.drawImage(await imageOf(sign, wide, high), 12, y - high / 2, wide, high);
    const style = getComputedStyle(entry);
    context.font = style.font;
    context.fillStyle = style.color;
    context.fillText(entry.textContent ?? "", 20 + wide, y);
  }
  return canvas;
}

/** The drawing with its styles written inline, independent of the page's style sheet. */
async function imageOf(drawing: SVGSVGElement, width: number, height: number): Promise<HTMLImageElement> {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const copies = [copy, ...copy.querySelectorAll<SVGElement>("*")];
  for (const [index, element] of [drawing, ...drawing.querySelectorAll<SVGElement>("*")].entries()) {
    const style = getComputedStyle(element);
    for (const name of INHERITED) copies[index].style.setProperty(name, style.getPropertyValue(name));
  }
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  // drawn in the dots it will have: a picture of a drawing is not sharpened afterwards
  copy.setAttribute("width", String(width * SCALE));
  copy.setAttribute("height", String(height * SCALE));
  const image = new Image();
  image.src = `data:image/svg+xml;utf8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}

/** A table as it stands on the page, cell by cell. */
function tableCanvas(table: HTMLTableElement): HTMLCanvasElement {
  const whole = table.getBoundingClientRect();
  const [canvas, context] = blank(whole.width, whole.height, table);
  for (const cell of table.querySelectorAll<HTMLElement>("caption, th, td")) {
    const box = cell.getBoundingClientRect();
    const [x, y] = [box.left - whole.left, box.top - whole.top];
    const style = getComputedStyle(cell);
    context.fillStyle = style.backgroundColor;
    context.fillRect(x, y, box.width, box.height);
    context.fillStyle = style.borderBottomColor;
    context.fillRect(x, y + box.height - 1, box.width, cell.matches("caption") ? 0 : 1);
    context.font = style.font;
    context.fillStyle = style.color;
    const isEnd = style.textAlign === "end" || style.textAlign === "right";
    context.textAlign = isEnd ? "right" : "left";
    const inset = Number.parseFloat(isEnd ? style.paddingRight : style.paddingLeft);
    context.fillText(cell.innerText, isEnd ? x + box.width - inset : x + inset, y + box.height / 2);
  }
  return canvas;
}
