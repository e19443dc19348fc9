const MOST = 200; // what the server gives at once

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

/** The first `limit` items of a list, however many pages they are on. */
export async function firstItems<Item>(
  ask: (page: Record<string, string>) => Promise<{ items: Item[]; next_cursor?: string | null }>,
  limit: number,
): Promise<Page<Item>> {
  const items: Item[] = [];
  let next: string | null = null;
  do {
    const count = String(Math.min(limit - items.length, MOST));
    const page = await ask({ limit: count, ...(next && { cursor: next }) });
    items.push(...page.items);
    next = page.next_cursor ?? null;
  } while (next && items.length < limit);
  return { items, next_cursor: next };
}
