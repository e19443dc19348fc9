import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { bytesOf, fill, type Pixel, stroke } from "./drawing";
import type { DrawingState } from "./use-drawing";

export type Tool = "draw" | "fill";

interface SketchCanvasProps {
  state: DrawingState;
  palette: string[];
  /** The color's name at a place of the palette. */
  nameOf: (place: number) => string;
  tool: Tool;
  size: number;
  place: number;
  hintId: string;
  /** Another key on the canvas; true: it was used. */
  onKey: (key: string) => boolean;
}

const ARROWS: Record<string, [right: number, down: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The enlarged pixels, drawn on by pointer, finger, pen, or keys. */
export function SketchCanvas(props: SketchCanvasProps) {
  const { state, palette, nameOf, tool, size, place, hintId, onKey } = props;
  const { drawing } = state;
  const { width, height } = drawing;
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<Pixel | null>(null); // of the stroke that is being drawn
  const [cursor, setCursor] = useState<Pixel>({ x: width >> 1, y: height >> 1 });
  const [isTyped, setTyped] = useState(false); // the cursor was moved by keys
  useLayoutEffect(() => {
    const pixels = new ImageData(bytesOf(drawing, palette, 4), width, height);
    canvas.current?.getContext("2d")?.putImageData(pixels, 0, 0);
  }, [drawing]);

  const pixelAt = ({ clientX, clientY }: PointerEvent): Pixel => {
    const frame = canvas.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    return {
      x: Math.floor(((clientX - frame.left) / frame.width) * width),
      y: Math.floor(((clientY - frame.top) / frame.height) * height),
    };
  };
  const apply = (from: Pixel, to: Pixel) =>
    state.begin((now) => (tool === "fill" ? fill(now, to, place) : stroke(now, from, to, size, place)));
  const down = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    if (event.button !== 0) return;
    const pixel = pixelAt(event);
    event.currentTarget.setPointerCapture(event.pointerId);
    if (tool === "draw") last.current = pixel;
    setCursor(pixel);
    setTyped(false);
    apply(pixel, pixel);
  };
  const move = (event: PointerEvent) => {
    const from = last.current;
    if (!from) return;
    const path = [event, ...event.getCoalescedEvents()].slice(event.getCoalescedEvents().length ? 1 : 0);
    const pixels = [from, ...path.map(pixelAt)];
    state.change((now) =>
      pixels.slice(1).reduce((drawn, pixel, index) => stroke(drawn, pixels[index], pixel, size, place), now),
    );
    last.current = pixels[pixels.length - 1];
    setCursor(held(last.current, width, height));
  };
  const end = () => {
    last.current = null;
  };
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    if (arrow) {
      const next = held({ x: cursor.x + arrow[0], y: cursor.y + arrow[1] }, width, height);
      if (event.shiftKey && tool === "draw") apply(cursor, next);
      setCursor(next);
    } else if (event.key === " ") apply(cursor, cursor);
    else if (!onKey(event.key)) return;
    setTyped(true);
    event.preventDefault();
    event.stopPropagation(); // the arrows walk through stages elsewhere
  };
  const reach = tool === "fill" ? 1 : size;
  const percent = (pixels: number, of: number) => `${(pixels / of) * 100}%`;
  return (
    <div class="sketch-paper">
      <div
        class="sketch-frame"
        style={{ "--ratio": `${width} / ${height}` }}
        role="application"
        aria-label={t("sketch.canvas", { width, height })}
        aria-describedby={hintId}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is drawn on by keys
        tabIndex={0}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={end}
        onKeyDown={press}
      >
        <canvas ref={canvas} width={width} height={height} />
        <i
          class="sketch-cursor"
          aria-hidden="true"
          style={{
            insetInlineStart: percent(cursor.x - Math.floor(reach / 2), width),
            insetBlockStart: percent(cursor.y - Math.floor(reach / 2), height),
            inlineSize: percent(reach, width),
            blockSize: percent(reach, height),
          }}
        />
      </div>
      <p class="hint" role="status">
        {isTyped &&
          t("sketch.at", {
            x: cursor.x + 1,
            y: cursor.y + 1,
            name: nameOf(drawing.places[cursor.y * width + cursor.x]),
          })}
      </p>
    </div>
  );
}

const held = ({ x, y }: Pixel, width: number, height: number): Pixel => ({
  x: Math.min(Math.max(x, 0), width - 1),
  y: Math.min(Math.max(y, 0), height - 1),
});
