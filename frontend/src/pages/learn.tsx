import { ArrowRight } from "lucide";
import { useEffect } from "preact/hooks";
import { useRoute } from "preact-iso";
import { useCatalog } from "../api/catalog";
import { api } from "../api/client";
import { useResource } from "../api/resource";
import { Icon } from "../components/controls/icon";
import { Markdown } from "../components/controls/markdown";
import { blocksOf } from "../components/controls/markdown-blocks";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { RelatedPage } from "../components/shell/related-page";
import { useTitle } from "../components/shell/title";
import { label, t } from "../i18n";
import "../style/learn.css";

/** The document that explains a capability: its model, data, training, and quality. */
export default function Learn() {
  const { params } = useRoute();
  const name = params.capability ?? "";
  const { items } = useCatalog();
  const title = label(`${name}.title`, items?.find((item) => item.name === name)?.title ?? name).text;
  const text = useResource(name, (signal) => api.document(name, signal));
  const { hash } = location;
  useTitle(t("nav.learn", { name: title }));
  useEffect(() => {
    if (text.data && hash) document.getElementById(decodeURIComponent(hash.slice(1)))?.scrollIntoView();
  }, [text.data, hash]);
  if (text.error) return <Notice isPage error={text.error} onRetry={text.reload} />;
  if (text.data === null) return <Placeholder />;
  const names = items?.map((item) => item.name) ?? [];
  const resolve = (address: string) => addressIn(address, name, names);
  return (
    <div class="learn">
      <aside class="learn-side">
        <Contents text={text.data} />
        <a class="button is-primary" href={`/t/${encodeURIComponent(name)}`}>
          {t("learn.try")}
          <Icon of={ArrowRight} size={16} />
        </a>
        <RelatedPage of={name} />
      </aside>
      <article class="card">
        <Markdown text={text.data} level={1} resolve={resolve} />
      </article>
    </div>
  );
}

function Contents({ text }: { text: string }) {
  const headings = blocksOf(text).flatMap((block) =>
    block.kind === "heading" && block.level === 2 ? block : [],
  );
  if (headings.length === 0) return null;
  return (
    <nav aria-labelledby="contents-title">
      <h2 id="contents-title">{t("learn.contents")}</h2>
      <ul lang="en">
        {headings.map((heading) => (
          <li key={heading.id}>
            <a href={`#${heading.id}`}>{heading.text.replaceAll("`", "")}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The address of what a document names relatively: its diagrams, and the documents of other capabilities. */
function addressIn(address: string, capability: string, names: string[]): string | null {
  const diagram = /^diagrams\/([\w.-]+\.svg)$/.exec(address)?.[1];
  if (diagram) return `/v1/capabilities/${encodeURIComponent(capability)}/diagrams/${diagram}`;
  const [, page, heading = ""] = /^([\w-]+)\.md(#.*)?$/.exec(address) ?? [];
  return page && names.includes(page) ? `/learn/${page}${heading}` : null;
}
