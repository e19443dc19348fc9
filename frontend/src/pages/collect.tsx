import { Plus } from "lucide";
import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { ApiError } from "../api/client";
import { paints } from "../components/charts/palette";
import { Camera } from "../components/collect/camera";
import { CameraPanel } from "../components/collect/camera-panel";
import { ClassCard } from "../components/collect/class-card";
import { Collection } from "../components/collect/collection";
import { Keep } from "../components/collect/keep";
import { Preview } from "../components/collect/preview";
import { Icon } from "../components/controls/icon";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { formatDuration, loadTopic, t } from "../i18n";
import "../style/collect.css";

await loadTopic({ en: () => import("../i18n/en/collect"), de: () => import("../i18n/de/collect") });

/** Collect pictures of own classes, see a classifier at once, keep it; `?dataset=` is what was collected before. */
export default function Collect() {
  const { query, route } = useLocation();
  const camera = useMemo(() => new Camera(), []);
  const [error, setError] = useState<ApiError | null>(null);
  const collection = useMemo(
    () => new Collection(t("collect.dataset"), (id) => route(`/collect?dataset=${id}`, true)),
    [],
  );
  useTitle(t("collect.title"));
  useEffect(() => {
    if (!query.dataset) collection.classes.value = [1, 2].map((n) => t("collect.className", { n }));
    else if (query.dataset !== collection.dataset.value)
      collection.open(query.dataset).catch((thrown) => {
        if (!(thrown instanceof ApiError)) throw thrown;
        setError(thrown);
      });
  }, []);
  const classes = collection.classes.value;
  const colors = paints(classes);
  const { head, checked, waiting, problem } = collection;
  if (error) return <Notice isPage error={error} />;
  return (
    <>
      <header class="page-head">
        <h1>{t("collect.title")}</h1>
        <p class="lead">{t("collect.lead")}</p>
      </header>
      <div class="collect">
        <section aria-labelledby="collect-gather">
          <h2 id="collect-gather">{t("collect.gather")}</h2>
          <ul class="plain-list collect-classes">
            {classes.map((name) => (
              <ClassCard
                key={name}
                collection={collection}
                camera={camera}
                name={name}
                color={colors.get(name)?.line ?? ""}
              />
            ))}
          </ul>
          <AddClass collection={collection} />
        </section>
        <div class="collect-side">
          <section class="card" aria-labelledby="collect-camera">
            <h2 id="collect-camera">{t("collect.cameraTitle")}</h2>
            <CameraPanel camera={camera} />
          </section>
          <section class="card" aria-labelledby="collect-preview">
            <h2 id="collect-preview">{t("collect.preview")}</h2>
            <Preview collection={collection} camera={camera} colors={colors} />
            <p class="hint" role="status">
              {waiting.value > 0 && t("collect.waiting", { n: waiting.value })}
              {waiting.value === 0 &&
                head.value &&
                t("collect.fitted", { time: formatDuration(head.value.fitMs / 1000) })}
            </p>
            {checked.value && <p class="hint">{t("collect.checked", { ...checked.value })}</p>}
            {problem.value && (
              <p class="error" role="alert">
                {problem.value}
              </p>
            )}
          </section>
          <section class="card" aria-labelledby="collect-keep">
            <h2 id="collect-keep">{t("collect.keepTitle")}</h2>
            <p class="hint">{t("collect.keepHint")}</p>
            <Keep collection={collection} />
          </section>
        </div>
      </div>
    </>
  );
}

function AddClass({ collection }: { collection: Collection }) {
  const id = useId();
  const [name, setName] = useState("");
  const add = (event: Event) => {
    event.preventDefault();
    const next = name.trim() || t("collect.className", { n: collection.classes.value.length + 1 });
    setName("");
    void collection.addClass(next);
  };
  return (
    <form class="collect-add" onSubmit={add}>
      <label class="visually-hidden" for={id}>
        {t("collect.newClass")}
      </label>
      <input
        id={id}
        type="text"
        maxLength={100}
        placeholder={t("collect.newClass")}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <button type="submit" class="button">
        <Icon of={Plus} />
        {t("collect.addClass")}
      </button>
    </form>
  );
}
