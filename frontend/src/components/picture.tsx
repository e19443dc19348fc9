import Panzoom, { type PanzoomObject } from "@panzoom/panzoom";
import { Maximize, ZoomIn, ZoomOut } from "lucide";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { useHotkeys } from "./hotkeys";
import { Icon } from "./icon";
import { toPicture, type Viewport, viewportOf } from "./viewport";

export interface PictureSource {
  url: string;
  width: number;
  height: number;
  alt: string;
}

export type Draw = (context: CanvasRenderingContext2D, view: Viewport) => void;

interface PictureProps {
  source: PictureSource;
  draw?: Draw | null;
  label?: string;
  /** Pixels of the picture under the pointer; null when it left. */
  onPoint?: (point: { x: number; y: number } | null) => void;
  onPick?: (point: { x: number; y: number }) => void;
  onArrow?: (columns: number, rows: number) => void;
  isDim?: boolean;
}

const MAX_ZOOM = 16;
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * A picture with a layer drawn over it. The picture is zoomed by CSS; the layer is a canvas at the screen's
 * resolution that is drawn anew, so that lines and labels stay sharp.
 */
export function Picture({ source, draw, label, onPoint, onPick, onArrow, isDim }: PictureProps) {
  const frame = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLImageElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const panzoom = useRef<PanzoomObject | null>(null);
  const paint = useRef<() => void>(() => {});
  const [zoom, setZoom] = useState(1);

  const viewport = (): Viewport => {
    const rectangle = frame.current?.getBoundingClientRect();
    const size = { width: rectangle?.width ?? 1, height: rectangle?.height ?? 1 };
    const moved = panzoom.current;
    return viewportOf(size, source.width, moved?.getScale() ?? 1, moved?.getPan() ?? { x: 0, y: 0 });
  };

  paint.current = () => {
    const surface = canvas.current;
    const context = surface?.getContext("2d");
    if (!surface || !context) return;
    const view = viewport();
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    if (surface.width !== width || surface.height !== height) Object.assign(surface, { width, height });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    draw?.(context, view);
  };

  useLayoutEffect(() => paint.current());

  useEffect(() => {
    const [box, element] = [frame.current, image.current];
    if (!box || !element) return;
    const made = Panzoom(element, {
      maxScale: MAX_ZOOM,
      minScale: 1,
      contain: "outside",
      panOnlyWhenZoomed: true,
      cursor: "default",
      touchAction: "pan-y",
      animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      duration: 120,
    });
    panzoom.current = made;
    const follow = () => {
      const scale = made.getScale();
      made.setOptions({ touchAction: scale > 1 ? "none" : "pan-y", cursor: scale > 1 ? "grab" : "default" });
      setZoom(scale);
      paint.current();
    };
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls over a picture
      event.preventDefault();
      made.zoomWithWheel(event, { animate: false });
    };
    const resized = new ResizeObserver(() => paint.current());
    resized.observe(box);
    element.addEventListener("panzoomchange", follow);
    box.addEventListener("wheel", wheel, { passive: false });
    return () => {
      resized.disconnect();
      element.removeEventListener("panzoomchange", follow);
      box.removeEventListener("wheel", wheel);
      made.destroy();
      panzoom.current = null;
    };
  }, [source.url]);

  const pointOf = (event: MouseEvent) => {
    const rectangle = frame.current?.getBoundingClientRect();
    return toPicture(
      viewport(),
      event.clientX - (rectangle?.left ?? 0),
      event.clientY - (rectangle?.top ?? 0),
    );
  };
  const zoomBy = (factor: number) =>
    panzoom.current?.zoom((panzoom.current.getScale() || 1) * factor, { animate: true });
  const reset = () => panzoom.current?.reset({ animate: true });
  /** Of several pictures on a page the keys mean the one under the pointer or in focus. */
  const ifMine = (act: () => void) => () => {
    const meant = document.querySelector(".picture:hover, .picture:focus-within");
    if (!meant || meant.contains(frame.current)) act();
  };
  useHotkeys({ "+": ifMine(() => zoomBy(1.5)), "-": ifMine(() => zoomBy(1 / 1.5)), "0": ifMine(reset) });

  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (!arrow || event.ctrlKey || event.metaKey || event.altKey) return;
    if (onArrow) onArrow(...arrow);
    else if (zoom > 1) panzoom.current?.pan(-arrow[0] * 40, -arrow[1] * 40, { relative: true });
    else return;
    event.preventDefault();
  };

  return (
    <div class="picture">
      <div
        ref={frame}
        class={`picture-frame${isDim ? " is-dim" : ""}`}
        style={{
          aspectRatio: `${source.width} / ${source.height}`,
          maxInlineSize: `calc(var(--picture-height, 68vh) * ${source.width / source.height})`,
        }}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the zoomed picture or the chosen cell
        tabIndex={0}
        aria-label={label ?? t("picture.label")}
        onKeyDown={onKeyDown}
        onPointerMove={onPoint && ((event) => onPoint(pointOf(event)))}
        onPointerLeave={onPoint && (() => onPoint(null))}
        onClick={onPick && ((event) => onPick(pointOf(event)))}
      >
        <img
          ref={image}
          src={source.url}
          alt={source.alt}
          width={source.width}
          height={source.height}
          draggable={false}
          class={zoom * ((frame.current?.clientWidth ?? 0) / source.width) > 3 ? "is-pixelated" : ""}
        />
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus */}
        <canvas ref={canvas} aria-hidden="true" />
      </div>
      <div class="picture-tools">
        <button
          type="button"
          class="tool"
          aria-label={t("picture.zoomIn")}
          title={`${t("picture.zoomIn")} (+)`}
          onClick={() => zoomBy(1.5)}
        >
          <Icon of={ZoomIn} />
        </button>
        <button
          type="button"
          class="tool"
          aria-label={t("picture.zoomOut")}
          title={`${t("picture.zoomOut")} (-)`}
          onClick={() => zoomBy(1 / 1.5)}
        >
          <Icon of={ZoomOut} />
        </button>
        <button
          type="button"
          class="tool"
          aria-label={t("picture.zoomReset")}
          title={`${t("picture.zoomReset")} (0)`}
          onClick={reset}
        >
          <Icon of={Maximize} />
        </button>
      </div>
    </div>
  );
}
