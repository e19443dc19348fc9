import { ArrowLeft, ArrowRight, Printer } from "lucide";
import { useLocation, useRoute } from "preact-iso";
import { useCatalog } from "../api/catalog";
import { CopyButton } from "../components/controls/copy-button";
import { Icon } from "../components/controls/icon";
import { Explained } from "../components/glossary/explained";
import { useTitle } from "../components/shell/title";
import { type Key, loadTopic, t } from "../i18n";
import { LESSONS, type Lesson, presetAddress } from "../lessons/lessons";
import "../style/lessons.css";

await loadTopic({ en: () => import("../i18n/en/lessons"), de: () => import("../i18n/de/lessons") });

/** One lesson: what it is about, the page that it opens, a task, and a question with its answer. */
export default function LessonPage() {
  const { params } = useRoute();
  const lesson = LESSONS.find(({ name }) => name === params.name);
  useTitle(lesson ? textOf(lesson, "title") : t("nav.lessons"));
  if (lesson) return <LessonOf key={lesson.name} lesson={lesson} />;
  return (
    <div class="card empty">
      <h1>{t("nav.lessons")}</h1>
      <p>{t("lessons.unknown")}</p>
      <a href="/lessons">{t("lessons.back")}</a>
    </div>
  );
}

type Text = "title" | "text" | "steps" | "question" | "answer";

const textOf = ({ name }: Lesson, text: Text): string => t(`lesson.${name}.${text}` as Key);

function LessonOf({ lesson }: { lesson: Lesson }) {
  const { query, path } = useLocation();
  const { items } = useCatalog();
  const address = presetAddress(lesson.preset, items);
  const isHidden = query.answer === "hidden"; // a link of a teacher
  const place = LESSONS.indexOf(lesson);
  return (
    <article class="lesson">
      <header class="page-head">
        <p class="tags">
          <span class="tag">{t(`lessons.topic.${lesson.topic}`)}</span>
        </p>
        <h1>{textOf(lesson, "title")}</h1>
      </header>
      <section class="card">
        {textOf(lesson, "text")
          .split("\n\n")
          .map((paragraph) => (
            <p key={paragraph}>
              <Explained text={paragraph} />
            </p>
          ))}
        {address ? (
          <a class="button is-primary" href={address}>
            {t("lessons.open")}
            <Icon of={ArrowRight} />
          </a>
        ) : (
          items && <p class="empty">{t("lessons.missing")}</p>
        )}
      </section>
      <section class="card" aria-labelledby="try-title">
        <h2 id="try-title">{t("lessons.try")}</h2>
        <ol class="lesson-steps">
          {textOf(lesson, "steps")
            .split("\n")
            .map((step) => (
              <li key={step}>{step}</li>
            ))}
        </ol>
      </section>
      <section class="card" aria-labelledby="question-title">
        <h2 id="question-title">{t("lessons.question")}</h2>
        <p>{textOf(lesson, "question")}</p>
        {isHidden ? (
          <p class="hint">{t("lessons.hidden")}</p>
        ) : (
          <details class="facts-more">
            <summary>{t("lessons.answer")}</summary>
            <p class="lesson-answer">{textOf(lesson, "answer")}</p>
          </details>
        )}
      </section>
      <footer class="lesson-foot">
        <nav class="actions" aria-label={t("lessons.others")}>
          <a class="card-link" href="/lessons">
            {t("lessons.back")}
          </a>
          {[place - 1, place + 1].map(
            (other) =>
              LESSONS[other] && (
                <a key={other} class="card-link" href={`/lessons/${LESSONS[other].name}`}>
                  {other < place && <Icon of={ArrowLeft} size={16} />}
                  {textOf(LESSONS[other], "title")}
                  {other > place && <Icon of={ArrowRight} size={16} />}
                </a>
              ),
          )}
        </nav>
        <div class="actions" role="group" aria-label={t("lessons.teacher")}>
          <CopyButton isLink title={t("action.copyLink")} text={() => location.origin + path} />
          <CopyButton
            isLink
            title={t("lessons.copyHidden")}
            text={() => `${location.origin}${path}?answer=hidden`}
          />
          <button type="button" class="button is-quiet" onClick={() => print()}>
            <Icon of={Printer} />
            {t("lessons.print")}
          </button>
        </div>
      </footer>
    </article>
  );
}
