import type { ComponentChildren } from "preact";

/**
 * The part of Markdown that model cards use, as elements: headings, lists, tables, code and paragraphs.
 * Nothing in it can become HTML.
 */
export function Markdown({ text }: { text: string }) {
  const blocks = text.replaceAll("\r", "").split(/\n{2,}/);
  return (
    <div class="prose" lang="en">
      {blocks.map((block, index) => (
        <Block key={index} lines={block.split("\n").filter((line) => line.trim() !== "")} />
      ))}
    </div>
  );
}

function Block({ lines }: { lines: string[] }): ComponentChildren {
  if (lines.length === 0) return null;
  const heading = lines[0].match(/^(#+)\s+(.*)/);
  if (heading) {
    const Tag = (heading[1].length === 1 ? "h3" : "h4") as "h3";
    return (
      <>
        <Tag>{inline(heading[2])}</Tag>
        <Block lines={lines.slice(1)} />
      </>
    );
  }
  if (lines.every((line) => line.trim().startsWith("|"))) return <PipeTable lines={lines} />;
  const List = /^\s*[-*]\s/.test(lines[0]) ? "ul" : /^\s*\d+\.\s/.test(lines[0]) ? "ol" : null;
  if (List)
    return (
      <List>
        {itemsOf(lines).map((item) => (
          <li key={item}>{inline(item)}</li>
        ))}
      </List>
    );
  if (lines[0].startsWith("```"))
    return <pre>{lines.filter((line) => !line.startsWith("```")).join("\n")}</pre>;
  return <p>{inline(lines.join(" "))}</p>;
}

/** A line that starts no item of its own goes on the one before. */
function itemsOf(lines: string[]): string[] {
  const items: string[] = [];
  for (const line of lines) {
    const start = line.match(/^\s*(?:[-*]|\d+\.)\s+(.*)/);
    if (start || items.length === 0) items.push(start?.[1] ?? line);
    else items[items.length - 1] += ` ${line.trim()}`;
  }
  return items;
}

function PipeTable({ lines }: { lines: string[] }) {
  const cells = lines.map((line) =>
    line
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => cell.trim()),
  );
  const [head, ...rows] = cells.filter((row) => !row.every((cell) => /^:?-+:?$/.test(cell)));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too
    <div class="scroller" tabIndex={0}>
      <table>
        <thead>
          <tr>{head.map((name) => (name ? <th scope="col">{inline(name)}</th> : <td />))}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]}>
              {row.map((cell) => (
                <td>{inline(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** `code`, **strong** and [links](https://…) to be read, not followed: the app asks no other host. */
function inline(text: string): ComponentChildren[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`") && part.length > 2) return <code>{part.slice(1, -1)}</code>;
    if (part.startsWith("**") && part.length > 4) return <strong>{part.slice(2, -2)}</strong>;
    return part;
  });
}
