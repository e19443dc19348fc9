import type { PanzoomObject } from "@panzoom/panzoom";
import type { Signal } from "@preact/signals";
import { Maximize, ZoomIn, ZoomOut } from "lucide";
import { type ComponentChildren, createContext, type RefObject } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { part } from "../../api/parts";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import { useLoaded } from "../controls/loaded";
import { isMeant, useHotkeys } from "../shell/hotkeys";
import { isSmall, type PictureSource } from "./source";
import { isHuge, splitAt, toPicture, type Viewport, viewportOf } from "./viewport";

/** Where pictures that move together stand. */
export interface Place {
  scale: number;
  x: number;
  y: number;
}

/** All pictures below it that are zoomed and moved as one; null: each on its own. */
export const LinkedZoom = createContext<Signal<Place> | null>(null);

export type Draw = (context: CanvasRenderingContext2D, view: Viewport) => void;

interface PictureProps {
  source: PictureSource;
  draw?: Draw | null;
  label?: string;
  /** Pixels of the picture under the pointer; null when it left. */
  onPoint?: (point: { x: number; y: number } | null) => void;
  onPick?: (point: { x: number; y: number }) => void;
  onArrow?: (columns: number, rows: number) => void;
  /** A second picture over the first, seen to the right of `split` (0 to 1 of the frame's width). */
  over?: { source: PictureSource; split: number };
  /** Shared by pictures that are zoomed and moved as one. */
  together?: Signal<Place>;
  /** What stands in the frame and is not zoomed. */
  children?: ComponentChildren;
}

const MAX_ZOOM = 16;
const TOOLS = [
  { icon: ZoomIn, title: "picture.zoomIn", key: "+" },
  { icon: ZoomOut, title: "picture.zoomOut", key: "-" },
  { icon: Maximize, title: "picture.zoomReset", key: "0" },
] as const;
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A picture that is zoomed and moved; one too large to be loaded at once is offered instead. */
export function Picture(props: PictureProps) {
  const [allowed, allow] = useState<string | null>(null);
  const huge = [props.source, props.over?.source].find((one) => one && isHuge(one) && one.url !== allowed);
  if (huge) return <Offer source={huge} onShow={() => allow(huge.url)} />;
  return <Stage {...props} />;
}

type OfferProps = Parameters<typeof import("./huge-picture").HugePicture>[0];

/** Few pages need it, so it comes when one does. */
function Offer(props: OfferProps) {
  const Huge = useLoaded(() => import("./huge-picture"))?.HugePicture;
  return Huge ? <Huge {...props} /> : null;
}

/**
 * A picture with a layer drawn over it. The picture is zoomed by CSS; the layer is a canvas at the screen's
 * resolution that is drawn anew, so that lines and labels stay sharp.
 */
function Stage(props: PictureProps) {
  const { source, draw, label, onPoint, onPick, onArrow, over, children } = props;
  const linked = useContext(LinkedZoom);
  const together = props.together ?? linked;
  const frame = useRef<HTMLDivElement>(null);
  const layers = useRef<HTMLDivElement>(null);
  const base = useRef<HTMLImageElement>(null);
  const clipped = useRef<HTMLImageElement>(null);
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
    const view = viewport();
    if (over) {
      const place = splitAt(view, source.width, over.split) * 100;
      // each has its own part: a transparent picture does not show the other through
      if (base.current) base.current.style.clipPath = `inset(0 ${100 - place}% 0 0)`;
      if (clipped.current) clipped.current.style.clipPath = `inset(0 0 0 ${place}%)`;
    }
    const surface = canvas.current;
    const context = draw && surface?.getContext("2d");
    if (!surface || !context) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(view.width * ratio), Math.round(view.height * ratio)];
    if (surface.width !== width || surface.height !== height) Object.assign(surface, { width, height });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, view.width, view.height);
    draw(context, view);
  };

  useLayoutEffect(() => paint.current());

  useEffect(() => {
    const [box, element] = [frame.current, layers.current];
    if (!box || !element) return;
    let isThere = true;
    let stop = () => {};
    // a picture is looked at before it is zoomed
    void part(() => import("@panzoom/panzoom")).then(({ default: Panzoom }) => {
      // the page may have been left before its effects were undone
      if (isThere && element.isConnected) stop = zoomable(Panzoom, box, element);
    });
    return () => {
      isThere = false;
      stop();
    };
  }, [source.url, together]);

  function zoomable(
    Panzoom: typeof import("@panzoom/panzoom").default,
    box: HTMLElement,
    element: HTMLElement,
  ) {
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
      if (together) together.value = { scale, ...made.getPan() };
    };
    const unfollow = together?.subscribe(({ scale, x, y }) => {
      const pan = made.getPan();
      if (scale === made.getScale() && x === pan.x && y === pan.y) return;
      made.zoom(scale, { animate: false });
      made.pan(x, y, { animate: false, contain: undefined }); // the other frame has kept it inside
    });
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
      unfollow?.();
      resized.disconnect();
      element.removeEventListener("panzoomchange", follow);
      box.removeEventListener("wheel", wheel);
      made.destroy();
      panzoom.current = null;
    };
  }

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
  const acts = {
    "+": () => zoomBy(1.5),
    "-": () => zoomBy(1 / 1.5),
    "0": () => panzoom.current?.reset({ animate: true }),
  };
  const ifMeant = (act: () => unknown) => () => isMeant(frame.current, ".picture") && act() !== false;
  useHotkeys({ "+": ifMeant(acts["+"]), "-": ifMeant(acts["-"]), "0": ifMeant(acts["0"]) });

  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (event.target !== event.currentTarget) return; // a slider in the frame has arrows of its own
    if (!arrow || event.ctrlKey || event.metaKey || event.altKey) return;
    if (onArrow) onArrow(...arrow);
    else if (zoom > 1) panzoom.current?.pan(-arrow[0] * 40, -arrow[1] * 40, { relative: true });
    else return;
    event.preventDefault();
  };

  // of a small picture each pixel counts, before the width of the frame is known too
  const isFar = isSmall(source) || zoom * ((frame.current?.clientWidth ?? 0) / source.width) > 3;
  return (
    <div class="picture">
      <div
        ref={frame}
        class="picture-frame"
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
        <div ref={layers} class={`picture-layers${isFar ? " is-pixelated" : ""}`}>
          <Layer source={source} image={base} />
          {over && <Layer source={over.source} image={clipped} />}
        </div>
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus */}
        {draw && <canvas ref={canvas} aria-hidden="true" />}
        {children}
      </div>
      <div class="picture-tools">
        {TOOLS.map(({ icon, title, key }) => (
          <button
            key={key}
            type="button"
            class="tool"
            aria-label={t(title)}
            title={`${t(title)} (${key})`}
            onClick={acts[key]}
          >
            <Icon of={icon} />
          </button>
        ))}
      </div>
    </div>
  );
}

function Layer({ source, image }: { source: PictureSource; image?: RefObject<HTMLImageElement | null> }) {
  const { url, alt, width, height } = source;
  return <img ref={image} src={url} alt={alt} width={width} height={height} draggable={false} />;
}
