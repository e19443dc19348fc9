interface Chunk {
  file: string;
  css?: string[];
}

const LANGUAGES = /^src\/i18n\/\w\w\//;
let isFetched = false;

/** Puts the scripts of all pages into the browser's cache, so that a page opens even if the connection is lost before. */
export async function prefetchParts(): Promise<void> {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  if (isFetched || connection?.saveData) return;
  isFetched = true;
  try {
    const chunks: Record<string, Chunk> = await (await fetched("/.vite/manifest.json")).json();
    for (const [name, { file, css = [] }] of Object.entries(chunks))
      if (!LANGUAGES.test(name))
        for (const one of [file, ...css]) await (await fetched(`/${one}`)).arrayBuffer();
  } catch {
    isFetched = false; // offline, or the development server, which has no build: the next job tries again
  }
}

async function fetched(path: string): Promise<Response> {
  const response = await fetch(path, { priority: "low" });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}
