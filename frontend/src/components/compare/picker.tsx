import { Plus } from "lucide";
import { useCatalog } from "../../api/catalog";
import { api } from "../../api/client";
import { useResource } from "../../api/resource";
import type { Job } from "../../api/types";
import { formatAgo, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { keyFigure } from "../jobs/job-summary";
import { keyOfModel } from "../runs/selection";
import { modelText } from "../workbench/model-text";
import { capabilityOf, haveSameInputs, type Item } from "./items";

interface PickerProps {
  to: Item; // that the others are to be compared with
  keys: string[]; // already in the comparison
  onAdd: (key: string) => void;
}

interface Offer {
  key: string;
  title: string;
  details: (string | null)[];
}

const LISTED = 30;

/** What can be added: of the same capability and kind, results of the same input first. */
export function Picker({ to, keys, onAdd }: PickerProps) {
  const { items } = useCatalog();
  const capability = capabilityOf(to);
  const task = { run: "train", result: "predict", model: null }[to.kind];
  const jobs = useResource(task && `${task} ${capability}`, (signal) =>
    api.jobs({ task: task ?? "", capability, limit: String(LISTED) }, signal),
  );
  const models = items?.find(({ name }) => name === capability)?.models ?? [];
  const all: Offer[] = task
    ? (jobs.data?.items ?? [])
        .toSorted((a, b) => Number(isAlike(b, to)) - Number(isAlike(a, to)))
        .map(offerOf)
    : models
        .filter((model) => model.is_installed)
        .map((model) => ({
          key: keyOfModel(model),
          title: modelText(model, "title").text,
          details: [model.name, t("model.version", { n: model.version })],
        }));
  const offers = all.filter(({ key }) => !keys.includes(key));

  function offerOf(job: Job): Offer {
    const alike = isAlike(job, to) ? t("comparison.sameInput") : null;
    return {
      key: job.id,
      title: job.name || capability,
      details: [alike, formatAgo(job.created_at), job.model?.name ?? null, keyFigure(job), ...job.tags],
    };
  }
  if (offers.length === 0) return <p class="empty">{t("comparison.none")}</p>;
  return (
    <ul class="plain-list versus-offers">
      {offers.map(({ key, title, details }) => (
        <li key={key}>
          <button type="button" class="link" onClick={() => onAdd(key)}>
            <Icon of={Plus} size={16} />
            <span>
              <strong>{title}</strong> <small>{details.filter(Boolean).join(" · ")}</small>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

const isAlike = (job: Job, { kind, job: other }: Item): boolean =>
  kind === "result" && other !== null && haveSameInputs([job, other]);
