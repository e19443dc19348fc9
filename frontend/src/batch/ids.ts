/** Job ids in an address: 22 characters each instead of 36, so that hundreds fit. */
export function packIds(ids: string[]): string {
  return ids
    .map((id) => {
      const bytes = id.replaceAll("-", "").match(/../g) ?? [];
      return btoa(String.fromCharCode(...bytes.map((byte) => Number.parseInt(byte, 16))))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replaceAll("=", "");
    })
    .join(".");
}

/** The distinct ids of an address; invalid ones are ignored. */
export function unpackIds(text: string): string[] {
  const ids = text.split(".").flatMap((packed) => {
    if (!/^[\w-]{22}$/.test(packed)) return [];
    const bytes = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
    const hex = [...bytes].map((sign) => sign.charCodeAt(0).toString(16).padStart(2, "0")).join("");
    return [hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")];
  });
  return [...new Set(ids)];
}
