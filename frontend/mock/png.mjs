// PNGs without a library: grey, RGB or by palette.
import { deflateSync } from "node:zlib";

const CRC = Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE((body.reduce((crc, byte) => CRC[(crc ^ byte) & 255] ^ (crc >>> 8), ~0) ^ ~0) >>> 0, 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

const [GREY, RGB, PALETTE] = [0, 2, 3];

function encode(width, height, pixels, type, palette = null) {
  const line = pixels.length / height;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, type, 0, 0, 0], 8);
  const lines = Buffer.alloc(height * (line + 1));
  for (let y = 0; y < height; y++) pixels.copy(lines, y * (line + 1) + 1, y * line, (y + 1) * line);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk("IHDR", header),
    ...(palette ? [chunk("PLTE", Buffer.from(palette.flat()))] : []),
    chunk("IDAT", deflateSync(lines)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

export const greyPng = (width, height, pixels) => encode(width, height, pixels, GREY);
export const rgbPng = (width, height, pixels) => encode(width, height, pixels, RGB);
export const palettePng = (width, height, pixels, palette) => encode(width, height, pixels, PALETTE, palette);

export const isPng = (data) => data.length > 24 && data.readUInt32BE(0) === 0x89504e47;
export const pngSize = (data) => ({ width: data.readUInt32BE(16), height: data.readUInt32BE(20) });
