import type { Viewport } from "../components/pictures/viewport";
import type { Point, Size } from "./annotation";
import { held } from "./geometry";

const MOST_ZOOM = 32; // screen pixels per pixel of the picture, at least as far as one can aim
const MARGIN = 0.02; // around the whole picture

const fitScale = (frame: Size, picture: Size): number =>
  Math.min(frame.width / picture.width, frame.height / picture.height) * (1 - MARGIN);

/** The whole picture, as large as the frame allows, in its middle. */
export function fitted(frame: Size, picture: Size): Viewport {
  const scale = fitScale(frame, picture);
  return {
    ...frame,
    scale,
    left: (frame.width - picture.width * scale) / 2,
    top: (frame.height - picture.height * scale) / 2,
  };
}

/** Zoomed by `factor`; the pixel at the point `at` of the frame stays there. */
export function zoomed(view: Viewport, picture: Size, at: Point, factor: number): Viewport {
  const least = fitScale(view, picture);
  const scale = held(view.scale * factor, least, Math.max(MOST_ZOOM, least));
  const change = scale / view.scale;
  return inside(
    { ...view, scale, left: at.x - (at.x - view.left) * change, top: at.y - (at.y - view.top) * change },
    picture,
  );
}

export const panned = (view: Viewport, picture: Size, dx: number, dy: number): Viewport =>
  inside({ ...view, left: view.left + dx, top: view.top + dy }, picture);

/** The same part of the picture in a frame of another size. */
export function reframed(view: Viewport, frame: Size, picture: Size): Viewport {
  const isWhole = view.scale <= fitScale(view, picture) * 1.001;
  if (isWhole) return fitted(frame, picture);
  const [dx, dy] = [(frame.width - view.width) / 2, (frame.height - view.height) / 2];
  return zoomed({ ...view, ...frame, left: view.left + dx, top: view.top + dy }, picture, { x: 0, y: 0 }, 1);
}

/** Moved so that `point` of the picture can be seen. */
export function showing(view: Viewport, picture: Size, { x, y }: Point): Viewport {
  const edge = Math.min(view.width, view.height) / 10;
  const [left, top] = [view.left + x * view.scale, view.top + y * view.scale];
  const dx = held(left, edge, view.width - edge) - left;
  const dy = held(top, edge, view.height - edge) - top;
  return dx === 0 && dy === 0 ? view : panned(view, picture, dx, dy);
}

/** No empty space on one side while the other hides a part; a side that fits is in the middle. */
function inside(view: Viewport, picture: Size): Viewport {
  const along = (offset: number, frame: number, length: number) =>
    length <= frame ? (frame - length) / 2 : held(offset, frame - length, 0);
  return {
    ...view,
    left: along(view.left, view.width, picture.width * view.scale),
    top: along(view.top, view.height, picture.height * view.scale),
  };
}
