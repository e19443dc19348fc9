import { Play, Plus } from "lucide";
import { useId, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { noteActivity } from "../../../api/activity";
import { bodyOf, chosenIn, queryOf, takenKinds, useTableUpload } from "../../../api/datasets";
import { sweeps } from "../../../api/sweeps";
import type { Capability } from "../../../api/types";
import { onlyInput } from "../../../form/inputs";
import { changedValues, defaultsOf, type Field, type Values, valuesIn } from "../../../form/schema";
import { SchemaForm } from "../../../form/schema-form";
import { useTable } from "../../../form/table";
import { choiceText, fieldText } from "../../../form/texts";
import { formatDuration, t } from "../../../i18n";
import { onSubmit, useAction } from "../../controls/action";
import { Choice } from "../../controls/choice";
import { Icon } from "../../controls/icon";
import { useLoaded } from "../../controls/loaded";
import { DataChoice } from "../../datasets/data-choice";
import { Notice } from "../../shell/notice";
import { TableView } from "../../tables/table-view";
import { CapabilityField } from "../../workbench/capability-field";
import { axesIn } from "./address";
import { AxisField } from "./axis-field";
import { useSecondsOfFit } from "./use-estimate";
import {
  type Axis,
  MOST_AXES,
  MOST_FITS,
  neededBy,
  problemOf,
  seedsOf,
  valuesOf,
  variableFields,
} from "./values";

const USUAL_SEEDS = "0, 1, 2";
const NO_AXIS: Axis = { param: "", text: "" };

interface SweepFormProps {
  capability: Capability;
  capabilities: Capability[];
  query: Record<string, string>;
  /** Another capability, task, or choice of data. */
  onChoose: (next: Record<string, string>) => void;
}

/** The capability, its data, what varies, and how long it may take. */
export function SweepForm({ capability, capabilities, query, onChoose }: SweepFormProps) {
  const { route } = useLocation();
  const id = useId();
  const of = query.of === "predict" && onlyInput(capability) ? "predict" : "train";
  const schema = (of === "train" ? capability.train_params : capability.predict_params) ?? {};
  const textsOf = `${capability.name}.${of}`;
  const [values, setValues] = useState<Values>(() => ({ ...defaultsOf(schema), ...valuesIn(query.params) }));
  const [axes, setAxes] = useState<Axis[]>(() => {
    const given = axesIn(query.axes).slice(0, MOST_AXES);
    return given.length > 0 ? given : [NO_AXIS];
  });
  const [seedText, setSeedText] = useState(query.seeds ?? USUAL_SEEDS);
  const [budget, setBudget] = useState({ minutes: "", fits: "" });
  const [name, setName] = useState("");
  const { isBusy, error, fields: errors, run: request } = useAction();
  const data = useData(capability, of, query);
  const table = useTable(data.tableId, schema, values, setValues, textsOf);
  const secondsOfFit = useSecondsOfFit(capability.name, of);

  const fields = variableFields(schema);
  const hasSeeds = "seed" in values;
  const { seeds, isValid: areSeedsValid } = hasSeeds ? seedsOf(seedText) : { seeds: [], isValid: true };
  const varied = axes.flatMap((axis) => {
    const field = fields.find((one) => one.name === axis.param);
    return field ? [{ field, text: axis.text }] : [];
  });
  const needed = neededBy(
    varied.map(({ field }) => field),
    values,
  );
  const settings = varied.reduce((total, { field, text }) => total * valuesOf(field, text).length, 1);
  const count = settings * Math.max(seeds.length, 1);
  const run = Math.min(count, Number(budget.fits) || count);
  const isComplete =
    varied.length === axes.length &&
    varied.every(({ field, text }) => !problemOf(field, text)) &&
    data.isChosen;

  const start = async () => {
    const common = Object.entries({ ...values, ...needed }).filter(
      ([param]) => !axes.some((axis) => axis.param === param) && !(param === "seed" && seeds.length > 0),
    );
    const job = await sweeps.create({
      capability: capability.name,
      of,
      ...data.body,
      params: changedValues(schema, Object.fromEntries(common)),
      axes: varied.map(({ field, text }) => ({ param: field.name, values: valuesOf(field, text) })),
      seeds,
      ...(budget.minutes && { minutes: Number(budget.minutes) }),
      ...(budget.fits && { fits: Number(budget.fits) }),
      ...(name.trim() && { name: name.trim() }),
    });
    noteActivity();
    route(`/sweeps/${job.id}`);
  };
  return (
    <form class="card sweep-form" onSubmit={onSubmit(() => request(start))} aria-label={t("sweepForm.title")}>
      <CapabilityField
        capabilities={capabilities}
        chosen={capability}
        onChoose={(chosen) => onChoose({ capability: chosen })}
      />
      {onlyInput(capability) && (
        <Choice
          legend={t("sweepForm.of")}
          options={[{ name: t("sweepForm.train") }, { name: t("sweepForm.predict") }]}
          chosen={of === "train" ? 0 : 1}
          onChoose={(index) =>
            onChoose({ capability: capability.name, of: index === 0 ? "train" : "predict" })
          }
        />
      )}
      <DataFields capability={capability} of={of} query={query} errors={errors} onChoose={onChoose} />
      {data.tableId && <TableView table={table} />}
      <div class="sweep-axes">
        <h2>{t("sweepForm.vary")}</h2>
        {axes.map((axis, index) => (
          <AxisField
            key={`${index} ${axis.param}`}
            axis={axis}
            number={index + 1}
            fields={fields.filter(
              (one) => one.name === axis.param || !axes.some(({ param }) => param === one.name),
            )}
            textsOf={textsOf}
            error={errors[axis.param]}
            onChange={(next) => setAxes(axes.map((one, place) => (place === index ? next : one)))}
            onRemove={axes.length > 1 ? () => setAxes(axes.filter((_, place) => place !== index)) : null}
          />
        ))}
        {Object.keys(needed).length > 0 && (
          <p class="hint">{t("sweepForm.needs", { settings: neededText(schema, textsOf, needed) })}</p>
        )}
        {axes.length < MOST_AXES && (
          <button type="button" class="button is-small" onClick={() => setAxes([...axes, NO_AXIS])}>
            <Icon of={Plus} size={16} />
            {t("sweepForm.add")}
          </button>
        )}
      </div>
      {hasSeeds ? (
        <div class="field">
          <label for={`${id}-seeds`}>{t("sweepForm.seeds")}</label>
          <input
            id={`${id}-seeds`}
            type="text"
            value={seedText}
            aria-describedby={`${id}-seeds-hint`}
            aria-invalid={areSeedsValid ? undefined : true}
            onInput={(event) => setSeedText(event.currentTarget.value)}
          />
          <p class="hint" id={`${id}-seeds-hint`}>
            {t("sweepForm.seedsHint")}
          </p>
          {!areSeedsValid && (
            <p class="error" role="alert">
              {t("sweepForm.badSeeds")}
            </p>
          )}
        </div>
      ) : (
        <p class="hint">{t("sweepForm.noSeeds")}</p>
      )}
      <fieldset class="sweep-budget">
        <legend class="visually-hidden">{t("sweepForm.budget")}</legend>
        {(["minutes", "fits"] as const).map((kind) => (
          <div key={kind} class="field">
            <label for={`${id}-${kind}`}>{t(`sweepForm.${kind}`)}</label>
            <input
              id={`${id}-${kind}`}
              type="number"
              min={kind === "fits" ? 1 : 0.1}
              max={kind === "fits" ? MOST_FITS : undefined}
              step={kind === "fits" ? 1 : "any"}
              placeholder={t("sweepForm.noLimit")}
              value={budget[kind]}
              onInput={(event) => setBudget({ ...budget, [kind]: event.currentTarget.value })}
            />
          </div>
        ))}
        <div class="field">
          <label for={`${id}-name`}>{t("sweepForm.name")}</label>
          <input
            id={`${id}-name`}
            type="text"
            maxLength={120}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </div>
      </fieldset>
      <details class="facts-more">
        <summary>{t("sweepForm.common")}</summary>
        <SchemaForm
          textsOf={textsOf}
          schema={without(schema, [...axes.map(({ param }) => param), ...(seeds.length > 0 ? ["seed"] : [])])}
          values={{ ...values, ...needed }}
          errors={errors}
          columns={table.data?.columns}
          onChange={(next) => setValues({ ...values, ...next })}
        />
      </details>
      {error && <Notice error={error} />}
      {varied.length < axes.length ? (
        <p class="hint">{t("sweepForm.choose")}.</p>
      ) : (
        <Count count={count} run={run} settings={settings} seeds={seeds.length} secondsOfFit={secondsOfFit} />
      )}
      <button
        type="submit"
        class="button is-primary"
        disabled={isBusy || !isComplete || !areSeedsValid || count > MOST_FITS}
      >
        <Icon of={Play} />
        {t("sweepForm.start")}
      </button>
    </form>
  );
}

interface CountProps {
  count: number;
  run: number; // within the budget of fits
  settings: number;
  seeds: number;
  secondsOfFit: number | null;
}

/** How many fits there will be, and how long they may take. */
function Count({ count, run, settings, seeds, secondsOfFit }: CountProps) {
  if (count > MOST_FITS)
    return (
      <p class="error" role="alert">
        {t("sweepForm.tooMany", { n: count, limit: MOST_FITS })}
      </p>
    );
  return (
    <p role="status">
      <strong>
        {t("sweepForm.countOf", {
          n: count,
          how: `${t("sweepForm.settingCount", { n: settings })} × ${t("sweepForm.seedCount", { n: Math.max(seeds, 1) })}`,
        })}
      </strong>{" "}
      {secondsOfFit === null
        ? t("sweepForm.noEstimate")
        : t("sweepForm.estimate", {
            time: formatDuration(run * secondsOfFit),
            each: formatDuration(secondsOfFit),
          })}
    </p>
  );
}

interface DataFieldsProps {
  capability: Capability;
  of: "train" | "predict";
  query: Record<string, string>;
  errors: Record<string, string>;
  onChoose: (next: Record<string, string>) => void;
}

/** What all fits work on: a dataset, an upload, or what the capability brings. */
function DataFields({ capability, of, query, errors, onChoose }: DataFieldsProps) {
  const DatasetChoice = useLoaded(() => import("../../datasets/dataset-choice"))?.DatasetChoice;
  const kinds = of === "train" ? takenKinds(capability) : [];
  const takes = of === "train" ? capability.trains_on : onlyInput(capability);
  const dataset = chosenIn(query);
  const choose = (next: Record<string, string>) => onChoose({ capability: capability.name, of, ...next });
  return (
    <>
      {kinds.length > 0 && DatasetChoice && (
        <DatasetChoice
          kinds={kinds}
          chosen={dataset}
          error={errors.dataset_id ?? errors.dataset_version}
          onChoose={(next) => choose(queryOf(next))}
        />
      )}
      {dataset && of === "train" ? null : takes ? (
        <DataChoice
          capability={capability}
          takes={takes}
          legend={t("sweepForm.data")}
          uploadId={query.upload ?? null}
          error={errors[takes.name] ?? errors.upload_id}
          onUpload={(upload) => choose(upload ? { upload } : {})}
        />
      ) : (
        <p class="hint">{t("train.data")}</p>
      )}
    </>
  );
}

/** The chosen data as the request names it. */
function useData(capability: Capability, of: "train" | "predict", query: Record<string, string>) {
  const dataset = of === "train" ? chosenIn(query) : null;
  const takes = of === "train" ? capability.trains_on : onlyInput(capability);
  const isTable = takes?.kind === "table";
  const ofDataset = useTableUpload(isTable && dataset ? dataset.id : null);
  const upload = dataset ? null : (query.upload ?? null);
  return {
    tableId: isTable ? (upload ?? ofDataset.data) : null,
    isChosen: dataset !== null || upload !== null || !takes?.required,
    body: {
      ...(upload && { upload_id: upload }),
      ...bodyOf(dataset),
    },
  };
}

/** The schema without these params: they vary. */
function without(schema: Record<string, unknown>, params: string[]): Record<string, unknown> {
  const properties = Object.entries((schema.properties ?? {}) as object);
  return {
    ...schema,
    properties: Object.fromEntries(properties.filter(([name]) => !params.includes(name))),
    examples: undefined, // presets set what varies
  };
}

/** What the settings that vary need, in words. */
function neededText(schema: Record<string, unknown>, textsOf: string, needed: Values): string {
  const fields = new Map<string, Field>(variableFields(schema).map((field) => [field.name, field]));
  return Object.entries(needed)
    .map(([name, value]) => {
      const field = fields.get(name);
      return field
        ? `${fieldText(textsOf, field, "title").text}: ${choiceText(textsOf, field, String(value))}`
        : `${name}: ${value}`;
    })
    .join(", ");
}
