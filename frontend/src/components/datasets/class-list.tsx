import { Plus, TriangleAlert } from "lucide";
import { useId, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { datasets } from "../../api/datasets";
import type { Dataset, DatasetClass } from "../../api/types";
import { formatNumber, t } from "../../i18n";
import { paints } from "../charts/palette";
import { ConfirmButton } from "../controls/confirm-button";
import { Icon, Swatch } from "../controls/icon";
import { Rename } from "../controls/rename";
import { errorText } from "../shell/problem-texts";

interface ClassListProps {
  dataset: Dataset;
  onChange: () => void;
}

/** The classes with the number of their pictures or objects, and the ways to change them. */
export function ClassList({ dataset, onChange }: ClassListProps) {
  const id = useId();
  const { classes } = dataset;
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [merge, setMerge] = useState<{ from: string; to: string } | null>(null);
  const colors = paints(classes.map((one) => one.name));
  const countOf = (one: DatasetClass) => (dataset.kind === "classes" ? one.pictures : one.objects);
  const most = Math.max(1, ...classes.map(countOf));
  const names = classes.map((one) => one.name);
  const change = async (body: Parameters<typeof datasets.change>[1]) => {
    try {
      setProblem(null);
      await datasets.change(dataset.id, body);
      onChange();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
      return false;
    }
  };
  const add = async (event: Event) => {
    event.preventDefault();
    const added = name.trim();
    if (names.includes(added)) return setProblem(t("classes.exists", { name: added }));
    if (added && (await change({ classes: [...names, added] }))) setName("");
  };
  const rename = async (from: string, to: string) => {
    if (names.includes(to)) return setMerge({ from, to }); // which cannot be taken back
    await datasets.change(dataset.id, { rename_class: { from, to } });
    onChange();
  };
  return (
    <section class="card" aria-labelledby="classes-title">
      <h2 id="classes-title">{t("datasets.classes", { n: classes.length })}</h2>
      {classes.length === 0 && <p class="empty">{t("classes.none")}</p>}
      <ul class="class-bars">
        {classes.map((one) => (
          <li key={one.name}>
            <div class="with-rename">
              <Swatch color={colors.get(one.name)?.line} />
              <a
                href={`/datasets/${dataset.id}?${new URLSearchParams({ label: one.name })}`}
                title={t("classes.show")}
              >
                {one.name}
              </a>
              <Rename value={one.name} onRename={(to) => rename(one.name, to)} />
            </div>
            <span class="class-bar" aria-hidden="true">
              <i
                style={{
                  inlineSize: `${(100 * countOf(one)) / most}%`,
                  background: colors.get(one.name)?.line,
                }}
              />
            </span>
            <span class="class-count">
              {dataset.kind === "classes"
                ? t("datasets.pictures", { n: one.pictures })
                : `${t("datasets.objects", { n: one.objects })}, ${t("datasets.pictures", { n: one.pictures })}`}
            </span>
            <ConfirmButton
              title={t("classes.remove", { name: one.name })}
              question={t("classes.reallyRemove", { name: one.name })}
              onConfirm={() => void change({ classes: names.filter((other) => other !== one.name) })}
              isSmall
            />
          </li>
        ))}
      </ul>
      {merge && (
        <div class="notice is-unlike" role="alert">
          <Icon of={TriangleAlert} size={20} />
          <div>
            <p>{t("classes.mergeHint", merge)}</p>
            <div class="actions">
              <button
                type="button"
                class="button is-small"
                onClick={() => {
                  setMerge(null);
                  void change({ rename_class: merge });
                }}
              >
                {t("classes.merge")}
              </button>
              <button type="button" class="button is-small is-quiet" onClick={() => setMerge(null)}>
                {t("action.cancel")}
              </button>
            </div>
          </div>
        </div>
      )}
      {problem && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      <form class="field" onSubmit={add}>
        <label for={id}>{t("classes.new")}</label>
        <div class="with-button">
          <input
            id={id}
            type="text"
            required
            pattern=".*\S.*"
            maxLength={100}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <button type="submit" class="button">
            <Icon of={Plus} />
            {t("classes.add")}
          </button>
        </div>
      </form>
    </section>
  );
}

/** The number of objects of each class, the most frequent first: "2 × car, dog". */
export function objectsText(labels: string[]): string {
  const counts = new Map<string, number>();
  for (const one of labels) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([name, count]) => (count > 1 ? `${formatNumber(count)} × ${name}` : name))
    .join(", ");
}
