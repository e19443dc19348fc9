import { checksum } from "../../batch/zip";
import { bytesOf, type Drawing } from "./drawing";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const TRUECOLOR = 2;
const NO_FILTER = 0;

/**
 * The drawing as a PNG (ISO/IEC 15948) of exactly these colors. A canvas would do unless the browser protects
 * against fingerprinting: then the pixels that it gives back are slightly changed.
 */
export async function pngOf(drawing: Drawing, palette: string[]): Promise<Blob> {
  const { width, height } = drawing;
  const rgb = bytesOf(drawing, palette, 3);
  const rows = new Uint8Array(height * (1 + width * 3));
  for (let row = 0; row < height; row++) {
    rows[row * (1 + width * 3)] = NO_FILTER;
    rows.set(rgb.subarray(row * width * 3, (row + 1) * width * 3), row * (1 + width * 3) + 1);
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, 8); // bits of a channel
  header.setUint8(9, TRUECOLOR);
  return new Blob(
    [
      SIGNATURE,
      await chunk("IHDR", new Blob([header])),
      await chunk("IDAT", await compressed(new Blob([rows]))),
      await chunk("IEND", new Blob([])),
    ],
    { type: "image/png" },
  );
}

async function chunk(type: string, data: Blob): Promise<Blob> {
  const summed = new Blob([type, data]);
  return new Blob([bigEndian(data.size), summed, bigEndian(await checksum(summed))]);
}

function bigEndian(value: number): ArrayBuffer {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value);
  return bytes.buffer;
}

const compressed = (data: Blob): Promise<Blob> =>
  new Response(data.stream().pipeThrough(new CompressionStream("deflate"))).blob();
