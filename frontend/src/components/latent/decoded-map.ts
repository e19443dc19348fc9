import { useEffect, useState } from "preact/hooks";
import { decode, pixelsOf } from "../../networks/decoder";
import type { Network } from "../../networks/network";
import type { LatentData, LatentPlane } from "../../stages/shapes";
import { replaced } from "./latent-space";

const ROWS = 12;

/** So many columns that the pictures keep their shape in a map of this size. */
export const columnsOf = (
  map: { width: number; height: number },
  picture: { width: number; height: number },
) => Math.max(Math.round((map.width / map.height) * (picture.height / picture.width) * ROWS), 1);

/** Decoded pictures over the plane as the address of one picture, row by row as they are computed; null: none yet. */
export function useDecodedMap(
  network: Network | null,
  data: LatentData,
  plane: LatentPlane,
  z: number[],
  label: number,
  columns: number,
): string | null {
  const [map, setMap] = useState<string | null>(null);
  const fixed = z.filter((_, index) => index !== plane.x && index !== plane.y).join(" ");
  useEffect(() => {
    if (!network) return;
    const { width, height } = data.size;
    const canvas = document.createElement("canvas");
    canvas.width = width * columns;
    canvas.height = height * ROWS;
    const context = canvas.getContext("2d");
    const at = (dimension: number, share: number) => {
      const { low, high } = data.dimensions[dimension];
      return low + share * (high - low);
    };
    let timer: ReturnType<typeof setTimeout>;
    const drawRow = (row: number) => {
      for (let column = 0; column < columns; column++) {
        const left = replaced(z, plane.x, at(plane.x, (column + 0.5) / columns));
        const place = replaced(left, plane.y, at(plane.y, 1 - (row + 0.5) / ROWS));
        const values = decode(network, data, place, label);
        context?.putImageData(pixelsOf(values, data), column * width, row * height);
      }
      setMap(canvas.toDataURL());
      if (row + 1 < ROWS) timer = setTimeout(drawRow, 0, row + 1); // the page stays responsive
    };
    timer = setTimeout(drawRow, 0, 0);
    return () => clearTimeout(timer);
  }, [network, data, plane, fixed, label, columns]);
  return map;
}
