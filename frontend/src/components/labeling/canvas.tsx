import { Maximize, ZoomIn, ZoomOut } from "lucide";
import type { Ref } from "preact";
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import type { Point, Size } from "../../labeling/annotation";
import type { Tool } from "../../labeling/gestures";
import { fitted, panned, reframed, zoomed } from "../../labeling/view";
import { Icon } from "../controls/icon";
import type { Viewport } from "../pictures/viewport";

export const CURSORS: Record<Tool, string> = {
  select: "default",
  box: "crosshair",
  polygon: "crosshair",
  brush: "cell",
  eraser: "cell",
};

export type Draw = (context: CanvasRenderingContext2D, view: Viewport) => void;

/** One finger, the mouse, or a pen on the picture; points are in pixels of the frame. */
export interface Pointing {
  down: (at: Point) => void;
  move: (at: Point) => void;
  up: (at: Point) => void;
  cancel: () => void;
  hover: (at: Point) => void;
}

export interface Zoom {
  view: Viewport;
  change: (change: (view: Viewport) => Viewport) => void;
  frame: HTMLDivElement | null;
}

interface CanvasProps {
  url: string;
  name: string;
  size: Size;
  label: string;
  hintId: string;
  /** Drawn over each other, each anew only when one of its values changes, or the view. */
  layers: { draw: Draw; values: unknown[] }[];
  pointing: Pointing;
  cursor: string;
  onKeyDown: (event: KeyboardEvent) => void;
  zoom: Ref<Zoom>;
  takesFocus?: boolean;
}

/**
 * A picture to draw on. Its pixels are zoomed by CSS; what is drawn lies on a canvas at the resolution of the screen,
 * so that lines stay sharp. One finger draws, two zoom and move; so do the wheel with Ctrl and the middle button.
 */
export function Canvas(props: CanvasProps) {
  const {
    url,
    name,
    size,
    label,
    hintId,
    layers,
    pointing,
    cursor,
    onKeyDown,
    zoom,
    takesFocus = true,
  } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<Viewport>(() => fitted({ width: 640, height: 480 }, size));
  const pointers = useRef(new Map<number, Point>());
  const isDrawing = useRef(false);
  const change = (next: (view: Viewport) => Viewport) => setView(next);
  useImperativeHandle(zoom, () => ({ view, change, frame: frame.current }), [view]);

  useLayoutEffect(() => {
    const box = frame.current;
    if (!box) return;
    const follow = () => {
      const now = { width: box.clientWidth, height: box.clientHeight };
      if (now.width > 0 && now.height > 0) setView((last) => reframed(last, now, size));
    };
    const resized = new ResizeObserver(follow);
    resized.observe(box);
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls over a picture
      event.preventDefault();
      const at = within(box, event);
      setView((last) => zoomed(last, size, at, Math.exp(-event.deltaY / 300)));
    };
    box.addEventListener("wheel", wheel, { passive: false });
    follow();
    return () => {
      resized.disconnect();
      box.removeEventListener("wheel", wheel);
    };
  }, []);

  useEffect(() => {
    if (takesFocus) frame.current?.focus({ preventScroll: true });
  }, []);

  const down = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    if (event.button > 1) return;
    const at = within(event.currentTarget, event);
    event.currentTarget.setPointerCapture(event.pointerId);
    pointers.current.set(event.pointerId, at);
    const isFirst = pointers.current.size === 1 && event.button === 0;
    if (isFirst) pointing.down(at);
    else if (isDrawing.current) pointing.cancel(); // a second finger: it was no stroke
    isDrawing.current = isFirst;
  };
  const move = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    const at = within(event.currentTarget, event);
    const before = pointers.current.get(event.pointerId);
    if (!before) return pointing.hover(at);
    if (isDrawing.current) {
      const passed = event.getCoalescedEvents?.() ?? [];
      for (const one of passed.length > 0 ? passed : [event]) pointing.move(within(event.currentTarget, one));
    } else pinch(event.pointerId, before, at);
    pointers.current.set(event.pointerId, at);
  };
  const pinch = (id: number, before: Point, at: Point) => {
    const other = [...pointers.current].find(([pointer]) => pointer !== id)?.[1];
    const share = other ? 0.5 : 1; // of two fingers, each moves the picture by half
    const [dx, dy] = [(at.x - before.x) * share, (at.y - before.y) * share];
    const factor = other ? distance(at, other) / Math.max(distance(before, other), 1) : 1;
    setView((last) => panned(zoomed(last, size, other ? middle(at, other) : at, factor), size, dx, dy));
  };
  const end = (event: PointerEvent & { currentTarget: HTMLElement }, isCanceled: boolean) => {
    if (!pointers.current.delete(event.pointerId) || !isDrawing.current) return;
    isDrawing.current = false;
    if (isCanceled) pointing.cancel();
    else pointing.up(within(event.currentTarget, event));
  };

  const zoomBy = (factor: number) =>
    setView((last) => zoomed(last, size, { x: last.width / 2, y: last.height / 2 }, factor));
  const tools = [
    { icon: ZoomIn, title: t("picture.zoomIn"), key: "+", act: () => zoomBy(1.5) },
    { icon: ZoomOut, title: t("picture.zoomOut"), key: "−", act: () => zoomBy(1 / 1.5) },
    {
      icon: Maximize,
      title: t("picture.zoomReset"),
      key: "0",
      act: () => setView((last) => fitted(last, size)),
    },
  ];
  return (
    <div class="label-canvas">
      <div
        ref={frame}
        class="label-frame"
        style={{ cursor, "--ratio": `${size.width} / ${size.height}` }}
        role="application"
        aria-label={label}
        aria-describedby={hintId}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is drawn on by keys
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={(event) => end(event, false)}
        onPointerCancel={(event) => end(event, true)}
      >
        <img
          src={url}
          alt={name}
          width={size.width}
          height={size.height}
          draggable={false}
          class={view.scale > 3 ? "is-pixelated" : undefined}
          style={{ transform: `translate(${view.left}px, ${view.top}px) scale(${view.scale})` }}
        />
        {layers.map(({ draw, values }, index) => (
          <Layer key={index} view={view} draw={draw} values={values} />
        ))}
      </div>
      <div class="picture-tools">
        {tools.map(({ icon, title, key, act }) => (
          <button
            key={key}
            type="button"
            class="tool"
            aria-label={title}
            title={`${title} (${key})`}
            onClick={act}
          >
            <Icon of={icon} />
          </button>
        ))}
      </div>
    </div>
  );
}

function Layer({ view, draw, values }: { view: Viewport; draw: Draw; values: unknown[] }) {
  const surface = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = surface.current?.getContext("2d");
    if (!context) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    const { canvas } = context;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    draw(context, view);
  }, [view, ...values]);
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus
  return <canvas ref={surface} aria-hidden="true" />;
}

function within(box: HTMLElement, { clientX, clientY }: MouseEvent): Point {
  const { left, top } = box.getBoundingClientRect();
  return { x: clientX - left - box.clientLeft, y: clientY - top - box.clientTop };
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
