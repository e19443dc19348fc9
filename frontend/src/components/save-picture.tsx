import { Download } from "lucide";
import type { RefObject } from "preact";
import { Icon } from "./icon";
import { saveFile } from "./save-file";

const SCALE = 2; // dots for each unit of a drawing, so that it prints well
const INHERITED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font", "opacity", "paint-order"];

interface SavePictureProps {
  of: RefObject<HTMLElement | null>;
  name: string;
}

/** Saves the drawing or canvas inside `of` as a PNG, on the card's own ground. */
export function SavePicture({ of, name }: SavePictureProps) {
  const save = async () => {
    const drawn = of.current?.querySelector<SVGSVGElement | HTMLCanvasElement>("svg.plot, canvas");
    if (!drawn) return;
    const source = drawn instanceof SVGSVGElement ? await imageOf(drawn) : drawn;
    const canvas = document.createElement("canvas");
    canvas.width = source.width;
    canvas.height = source.height;
    const context = canvas.getContext("2d");
    if (!context) return;
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, 0);
    canvas.toBlob(
      (blob) => blob && saveFile(blob, `${name.replace(/[^\p{L}\p{N}]+/gu, "-")}.png`),
      "image/png",
    );
  };
  return (
    <button type="button" class="button is-quiet is-small" onClick={save}>
      <Icon of={Download} />
      PNG
    </button>
  );
}

/** The drawing by itself: what the page's style sheet says of it is written into it. */
async function imageOf(drawing: SVGSVGElement): Promise<HTMLImageElement> {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const copies = [copy, ...copy.querySelectorAll<SVGElement>("*")];
  for (const [index, element] of [drawing, ...drawing.querySelectorAll<SVGElement>("*")].entries()) {
    const style = getComputedStyle(element);
    for (const name of INHERITED) copies[index].style.setProperty(name, style.getPropertyValue(name));
  }
  const { width, height } = drawing.viewBox.baseVal;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width * SCALE));
  copy.setAttribute("height", String(height * SCALE));
  const image = new Image(width * SCALE, height * SCALE);
  image.src = `data:image/svg+xml;utf8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
