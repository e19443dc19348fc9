import { useCatalog } from "../api/catalog";
import { useTitle } from "../components/shell/title";
import { type Key, loadTopic, t } from "../i18n";
import { LESSONS, presetAddress, TOPICS } from "../lessons/lessons";
import "../style/lessons.css";

await loadTopic({ en: () => import("../i18n/en/lessons"), de: () => import("../i18n/de/lessons") });

/** The lessons in the order of the course; those whose page this server does not have are left out. */
export default function Lessons() {
  const { items } = useCatalog();
  useTitle(t("nav.lessons"));
  const taught = LESSONS.filter(({ preset }) => !items || presetAddress(preset, items));
  return (
    <>
      <header class="page-head">
        <h1>{t("nav.lessons")}</h1>
        <p class="lead">{t("lessons.lead")}</p>
      </header>
      <ol class="lesson-topics">
        {TOPICS.map((topic) => {
          const own = taught.filter((lesson) => lesson.topic === topic);
          if (own.length === 0) return null;
          return (
            <li key={topic} class="card">
              <h2>{t(`lessons.topic.${topic}`)}</h2>
              <ul class="plain-list">
                {own.map(({ name }) => (
                  <li key={name}>
                    <a class="row-link" href={`/lessons/${name}`}>
                      <span>
                        <strong>{t(`lesson.${name}.title` as Key)}</strong>
                        <small>{t(`lesson.${name}.summary` as Key)}</small>
                      </span>
                    </a>
                  </li>
                ))}
              </ul>
            </li>
          );
        })}
      </ol>
    </>
  );
}
