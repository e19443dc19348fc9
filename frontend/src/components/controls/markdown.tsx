import type { ComponentChildren } from "preact";
import { type Block, blocksOf } from "./markdown-blocks";

interface MarkdownProps {
  text: string;
  /** The level of the text's highest headings on the page. */
  level?: number;
  lang?: string;
  /** The address of a picture or page that the text names relatively; null: it has none here. */
  resolve?: (address: string) => string | null;
}

/**
 * The part of Markdown that model cards and documents use, as elements: headings, lists, tables, code, pictures,
 * and paragraphs. Nothing in it can become HTML.
 */
export function Markdown({ text, level = 3, lang = "en", resolve = () => null }: MarkdownProps) {
  return (
    <div class="prose" lang={lang}>
      {blocksOf(text).map((block, index) => (
        <BlockView key={index} block={block} level={level} resolve={resolve} />
      ))}
    </div>
  );
}

type Resolve = NonNullable<MarkdownProps["resolve"]>;

function BlockView({ block, level, resolve }: { block: Block; level: number; resolve: Resolve }) {
  const written = (text: string) => inline(text, resolve);
  switch (block.kind) {
    case "heading": {
      const Tag = `h${Math.min(block.level + level - 1, 6)}` as "h3";
      return (
        <Tag id={block.id} tabIndex={-1}>
          {written(block.text)}
        </Tag>
      );
    }
    case "table":
      return <PipeTable block={block} written={written} />;
    case "list": {
      const List = block.isOrdered ? "ol" : "ul";
      return (
        <List>
          {block.items.map((item, index) => (
            <li key={index}>{written(item)}</li>
          ))}
        </List>
      );
    }
    case "code":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled by keys too
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case "image": {
      const source = resolve(block.source);
      if (!source) return <p>{block.alt}</p>;
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a diagram wider than a phone is scrolled by keys too
        <div class="scroller" tabIndex={0}>
          <img src={source} alt={block.alt} loading="lazy" />
        </div>
      );
    }
    case "quote":
      return <blockquote>{written(block.text)}</blockquote>;
    default:
      return <p>{written(block.text)}</p>;
  }
}

interface PipeTableProps {
  block: Extract<Block, { kind: "table" }>;
  written: (text: string) => ComponentChildren;
}

function PipeTable({ block: { head, rows }, written }: PipeTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too
    <div class="scroller" tabIndex={0}>
      <table>
        <thead>
          <tr>{head.map((name) => (name ? <th scope="col">{written(name)}</th> : <td />))}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]}>
              {row.map((cell) => (
                <td>{written(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const INLINE =
  /(\\[!-/:-@[-`{-~]|`[^`]+`|\*\*[^*]+\*\*|(?<![\w*])\*[^*\s][^*]*\*(?!\w)|\[[^\]]+\]\([^)\s]+\))/;

/** `code`, **strong**, *emphasis*, and [links](address). */
function inline(text: string, resolve: Resolve): ComponentChildren[] {
  return text.split(INLINE).map((part, index) => {
    if (index % 2 === 0) return part;
    if (part.startsWith("\\")) return part.slice(1);
    if (part.startsWith("`")) return <code>{part.slice(1, -1)}</code>;
    if (part.startsWith("**")) return <strong>{inline(part.slice(2, -2), resolve)}</strong>;
    if (part.startsWith("*")) return <em>{inline(part.slice(1, -1), resolve)}</em>;
    const [, name, address] = /^\[(.*)\]\((.*)\)$/.exec(part) ?? [];
    return <Link name={inline(name, resolve)} address={address} resolve={resolve} />;
  });
}

interface LinkProps {
  name: ComponentChildren;
  address: string;
  resolve: Resolve;
}

/** A link within the app or to another site; a file of the repository, which is no page here, is only named. */
function Link({ name, address, resolve }: LinkProps): ComponentChildren {
  if (/^https?:/.test(address))
    return (
      <a href={address} target="_blank" rel="noreferrer">
        {name}
      </a>
    );
  const page = address.startsWith("#") ? address : resolve(address);
  return page ? <a href={page}>{name}</a> : name;
}
