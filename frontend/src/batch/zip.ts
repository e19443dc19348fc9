// ZIP without compression (APPNOTE 6.3.10): pictures are compressed already.

export interface ZipEntry {
  name: string;
  data: Blob;
}

const LIMIT = 0xffffffff; // offsets have 32 bits without ZIP64
const UTF8_NAMES = 0x0800;
const VERSION = 20;

export class TooLarge extends Error {}

const TABLE = Uint32Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** CRC-32, piece by piece, so that the page stays awake over a large file. */
export async function checksum(data: Blob): Promise<number> {
  let crc = 0xffffffff;
  const reader = data.stream().getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    for (const byte of piece.value) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Numbers of 2 or 4 bytes in a row, lowest byte first. */
function packed(fields: [size: 2 | 4, value: number][], name = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const length = fields.reduce((total, [size]) => total + size, 0);
  const bytes = new Uint8Array(length + name.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  bytes.set(name, length);
  return bytes;
}

const timeOf = (when: Date) => (when.getHours() << 11) | (when.getMinutes() << 5) | (when.getSeconds() >> 1);
const dateOf = (when: Date) =>
  (Math.max(when.getFullYear() - 1980, 0) << 9) | ((when.getMonth() + 1) << 5) | when.getDate();

/** One ZIP of all entries, in their order. Throws TooLarge beyond 4 GiB. */
export async function zip(entries: AsyncIterable<ZipEntry>, when = new Date()): Promise<Blob> {
  const parts: BlobPart[] = [];
  const directory: BlobPart[] = [];
  let [offset, directorySize, count] = [0, 0, 0];
  for await (const { name, data } of entries) {
    const bytes = new TextEncoder().encode(name);
    const shared: [2 | 4, number][] = [
      [2, VERSION],
      [2, UTF8_NAMES],
      [2, 0], // stored
      [2, timeOf(when)],
      [2, dateOf(when)],
      [4, await checksum(data)],
      [4, data.size],
      [4, data.size],
      [2, bytes.length],
      [2, 0],
    ];
    const header = packed([[4, 0x04034b50], ...shared], bytes);
    const listed = packed(
      [[4, 0x02014b50], [2, VERSION], ...shared, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]],
      bytes,
    );
    parts.push(header, data);
    directory.push(listed);
    offset += header.length + data.size;
    directorySize += listed.length;
    count += 1;
    if (offset + directorySize > LIMIT) throw new TooLarge();
  }
  const end = packed([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, directorySize],
    [4, offset],
    [2, 0],
  ]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}
