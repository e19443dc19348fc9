import { useEffect, useState } from "preact/hooks";
import { decode, pixelsOf } from "../../networks/decoder";
import type { Network } from "../../networks/network";
import type { LatentData, LatentPlane } from "../../stages/shapes";
import { replaced } from "./latent-space";

const SIDE = 12; // pictures in a row

/** Decoded pictures over the plane as the address of one picture, row by row as they are computed; null: none yet. */
export function useDecodedMap(
  network: Network | null,
  data: LatentData,
  plane: LatentPlane,
  z: number[],
  label: number,
): string | null {
  const [map, setMap] = useState<string | null>(null);
  const fixed = z.filter((_, index) => index !== plane.x && index !== plane.y).join(" ");
  useEffect(() => {
    if (!network) return;
    const { width, height } = data.size;
    const canvas = document.createElement("canvas");
    canvas.width = width * SIDE;
    canvas.height = height * SIDE;
    const context = canvas.getContext("2d");
    const at = (dimension: number, share: number) => {
      const { low, high } = data.dimensions[dimension];
      return low + share * (high - low);
    };
    let timer: ReturnType<typeof setTimeout>;
    const drawRow = (row: number) => {
      for (let column = 0; column < SIDE; column++) {
        const left = replaced(z, plane.x, at(plane.x, (column + 0.5) / SIDE));
        const place = replaced(left, plane.y, at(plane.y, 1 - (row + 0.5) / SIDE));
        const values = decode(network, data, place, label);
        context?.putImageData(pixelsOf(values, data), column * width, row * height);
      }
      setMap(canvas.toDataURL());
      if (row + 1 < SIDE) timer = setTimeout(drawRow, 0, row + 1); // the page stays responsive
    };
    timer = setTimeout(drawRow, 0, 0);
    return () => clearTimeout(timer);
  }, [network, data, plane, fixed, label]);
  return map;
}
