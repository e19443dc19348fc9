import { useState } from "preact/hooks";
import { useCatalog } from "../api/catalog";
import { Placeholder } from "../components/pictures/placeholder";
import { useTitle } from "../components/shell/title";
import { label, t } from "../i18n";
import { useGlossary } from "../i18n/glossary";
import { search } from "../i18n/glossary/terms";
import "../style/glossary.css";

/** All technical terms with their sentences, and the pages that explain them. */
export default function GlossaryPage() {
  const glossary = useGlossary();
  const { items } = useCatalog();
  const [query, setQuery] = useState("");
  useTitle(t("nav.glossary"));
  const found = glossary ? search(glossary.terms, query) : [];
  const pageTitle = (page: string) => {
    const name = page.split("#")[0];
    return label(`${name}.title`, items?.find((item) => item.name === name)?.title ?? name);
  };
  return (
    <>
      <header class="page-head">
        <h1>{t("nav.glossary")}</h1>
        <p class="lead">{t("glossary.lead")}</p>
      </header>
      <input
        class="glossary-search"
        type="search"
        aria-label={t("glossary.search")}
        placeholder={t("glossary.search")}
        value={query}
        onInput={(event) => setQuery(event.currentTarget.value)}
      />
      {!glossary && <Placeholder />}
      {glossary && found.length === 0 && (
        <p class="card empty" role="status">
          {t("glossary.none")}
        </p>
      )}
      {found.length > 0 && (
        <section class="card" aria-label={t("nav.glossary")}>
          <dl class="glossary">
            {found.map(({ id, title, text, page }) => (
              <div key={id} id={id}>
                <dt>{title}</dt>
                <dd>
                  <span>{text}</span>
                  <a href={`/learn/${page}`} lang={pageTitle(page).lang}>
                    {pageTitle(page).text}
                  </a>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  );
}
