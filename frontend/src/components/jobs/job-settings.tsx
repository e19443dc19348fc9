import { Fragment } from "preact";
import { useCatalog } from "../../api/catalog";
import type { Capability, Job } from "../../api/types";
import {
  defaultsOf,
  type Field,
  fieldsOf,
  isMeantBy,
  isSame,
  type Value,
  type Values,
} from "../../form/schema";
import { choiceText, fieldText } from "../../form/texts";
import { formatNumber, t } from "../../i18n";

export interface JobSetting {
  name: string;
  title: string;
  text: string;
  isUsual: boolean;
}

/** The settings of a job; none until the cards are loaded. */
export function useJobSettings(job: Job): JobSetting[] {
  const { items } = useCatalog();
  return items ? settingsOf(job, items.find(({ name }) => name === job.capability) ?? null) : [];
}

const TASKS = ["train", "audit"] as const; // with params of their own

/** The settings of a job by their titles, those that had an effect; where the card lacks one, by its name. */
export function settingsOf(job: Job, capability: Capability | null): JobSetting[] {
  if (job.task === "sweep") return []; // its fits have settings
  const task = TASKS.find((one) => one === job.task) ?? "predict";
  const schema = capability?.[`${task}_params`] ?? {};
  const textsOf = `${job.capability}.${task}`;
  const values = { ...defaultsOf(schema), ...(job.params as Values) };
  const fields = fieldsOf(schema);
  const known = fields
    .filter((field) => field.name in job.params && isMeantBy(field, values))
    .map((field) => ({
      name: field.name,
      title: fieldText(textsOf, field, "title").text,
      text: settingText(textsOf, field, values[field.name]),
      isUsual: isSame(values[field.name], field.default),
    }));
  const others = Object.entries(job.params as Values)
    .filter(([name]) => !fields.some((field) => field.name === name))
    .map(([name, value]) => ({ name, title: name, text: valueText(value), isUsual: false }));
  return [...known, ...others];
}

/** The value of a setting in the reader's words. */
export const settingText = (textsOf: string, field: Field, value: Value): string =>
  typeof value === "string" && value !== "" && field.type === "choice"
    ? choiceText(textsOf, field, value)
    : valueText(value);

function valueText(value: Value): string {
  if (value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0))
    return t("form.auto");
  if (typeof value === "boolean") return t(value ? "facts.yes" : "facts.no");
  if (typeof value === "number")
    return formatNumber(value, {
      useGrouping: false,
      maximumSignificantDigits: Number.isInteger(value) ? undefined : 6, // a seed is shown whole
    });
  if (Array.isArray(value)) return listText(value.map(valueText));
  if (typeof value === "object")
    return listText(Object.entries(value).map(([name, one]) => `${name}: ${valueText(one)}`));
  return value;
}

/** Separated by semicolons where a part has a comma itself, such as a German decimal. */
const listText = (parts: string[]): string =>
  parts.join(parts.some((one) => one.includes(",")) ? "; " : ", ");

/** All settings of a job as a list with its heading; nothing where it has none. */
export function JobSettings({ job }: { job: Job }) {
  const settings = useJobSettings(job);
  if (settings.length === 0) return null;
  return (
    <>
      <h3>{t("facts.params")}</h3>
      <dl class="facts">
        {settings.map(({ name, title, text }) => (
          <Fragment key={name}>
            <dt>{title}</dt>
            <dd>{text}</dd>
          </Fragment>
        ))}
      </dl>
    </>
  );
}
