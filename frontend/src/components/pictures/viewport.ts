import type { Box } from "../../stages/shapes";

/** Where a picture of `width` × `height` pixels lies on the screen, in CSS pixels. */
export interface Viewport {
  width: number; // of the frame
  height: number;
  scale: number; // CSS pixels per pixel of the picture
  left: number; // of the picture's own corner, in the frame
  top: number;
}

/** Panzoom scales around the frame's middle, then moves by `pan` times the zoom. */
export function viewportOf(
  frame: { width: number; height: number },
  pictureWidth: number,
  zoom: number,
  pan: { x: number; y: number },
): Viewport {
  const middle = { x: frame.width / 2, y: frame.height / 2 };
  return {
    width: frame.width,
    height: frame.height,
    scale: (frame.width / pictureWidth) * zoom,
    left: middle.x + zoom * (pan.x - middle.x),
    top: middle.y + zoom * (pan.y - middle.y),
  };
}

export function toScreen(view: Viewport, box: Box): { x: number; y: number; width: number; height: number } {
  return {
    x: view.left + box.xmin * view.scale,
    y: view.top + box.ymin * view.scale,
    width: (box.xmax - box.xmin) * view.scale,
    height: (box.ymax - box.ymin) * view.scale,
  };
}

export function toPicture(view: Viewport, x: number, y: number): { x: number; y: number } {
  return { x: (x - view.left) / view.scale, y: (y - view.top) / view.scale };
}

/** What part of a picture's width lies left of `split`, 0 to 1 of the frame's. */
export function splitAt(view: Viewport, pictureWidth: number, split: number): number {
  const part = (split * view.width - view.left) / (pictureWidth * view.scale);
  return Math.min(Math.max(part, 0), 1);
}

interface Size {
  width: number;
  height: number;
  pixels?: number; // of the file, where it is drawn at another size
}

const HUGE_PIXELS = 40_000_000; // decoded, four bytes each: what a phone can still hold

export const pixelsOf = ({ width, height, pixels }: Size): number => pixels ?? width * height;

export const isHuge = (size: Size): boolean => pixelsOf(size) > HUGE_PIXELS;
