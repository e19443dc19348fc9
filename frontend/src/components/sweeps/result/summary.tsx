import { formatNumber, t } from "../../../i18n";
import type { SweepData } from "../../../stages/shapes";
import {
  curseOf,
  type Lead,
  leadOf,
  ranked,
  type Setting,
  seedDeviation,
} from "../../../stages/sweep/analysis";
import type { Names } from "../../../stages/sweep/names";
import { Explained } from "../../glossary/explained";

interface SummaryProps {
  data: SweepData;
  settings: Setting[];
  names: Names;
}

/** The sweep in words: which setting is best, whether the seeds explain its lead, and what the choice costs. */
export function Summary({ data, settings, names }: SummaryProps) {
  const [best] = ranked(settings, data.greater_is_better);
  const lines = best ? [bestText(best, data, names), ...leadLines({ data, settings, names })] : [];
  const curse = curseText(data, names);
  return (
    <ul class="sweep-summary">
      {best ? lines.map((line) => <Line key={line} text={line} />) : <Line text={t("sweep.none")} />}
      {curse && <Line text={curse} />}
      {best && data.part === "test" && <Line text={t("sweep.chosenOnTest")} />}
      {best && data.part === "training" && <Line text={t("sweep.chosenOnTraining")} />}
      {endedText(data) && <Line text={endedText(data)} />}
    </ul>
  );
}

const Line = ({ text }: { text: string }) => (
  <li>
    <Explained text={text} />
  </li>
);

function bestText({ values, value, test }: Setting, data: SweepData, names: Names): string {
  const parts = {
    setting: names.setting(values),
    figure: names.figure,
    value: names.written(value?.mean),
    n: value?.count ?? 0,
  };
  const text = t(data.part === "validation" ? "sweep.bestValidation" : "sweep.best", parts);
  return test && data.part === "validation"
    ? `${text} ${t("sweep.bestTest", { value: names.written(test.mean) })}`
    : text;
}

function leadLines({ data, settings, names }: SummaryProps): string[] {
  if (settings.length < 2) return [];
  const deviation = seedDeviation(settings);
  const lead = leadOf(settings, data);
  const lines = [];
  if (lead) lines.push(leadText(lead, deviation, names));
  if (data.seeds.length < 2 || deviation === null) lines.push(t("sweep.oneSeed"));
  return lines;
}

/** To two digits: a difference between figures of a sweep, which are close to each other. */
const small = (value: number) => formatNumber(value, { maximumSignificantDigits: 2 });

/** The lead, the noise of the seeds, and which of the two is the larger. */
export function leadText(lead: Lead, deviation: number | null, names: Pick<Names, "setting">): string {
  const { next, difference, margin, wins, seeds } = lead;
  if (difference === 0) return t("sweep.tied", { next: names.setting(next.values) });
  const parts = [t("sweep.lead", { next: names.setting(next.values), difference: small(difference) })];
  if (deviation === null) return parts[0];
  parts.push(t("sweep.noise", { deviation: small(deviation) }));
  if (margin === null) return parts.join(" ");
  const values = { difference: small(difference), margin: small(margin), wins, n: seeds };
  parts.push(t(difference > margin ? "sweep.isLarger" : "sweep.isChance", values));
  return parts.join(" ");
}

function curseText(data: SweepData, names: Names): string | null {
  const curse = curseOf(data);
  if (!curse) return null;
  const { best, loss, meanLoss, testRank, count } = curse;
  const values = {
    n: count,
    validation: names.written(best.validation),
    test: names.written(best.test),
    loss: small(loss),
    mean: small(meanLoss),
    rank: testRank,
  };
  if (loss <= 0) return t("sweep.noCurse", values);
  return `${t("sweep.curse", values)} ${t(loss > meanLoss ? "sweep.cursed" : "sweep.notCursed")}`;
}

function endedText({ cells }: SweepData): string {
  const count = (status: string) => cells.filter((fit) => fit.status === status).length;
  const [failed, canceled] = [count("failed"), count("canceled")];
  return [
    failed > 0 && t("sweep.failed", { n: failed }),
    canceled > 0 && t("sweep.canceled", { n: canceled }),
  ]
    .filter(Boolean)
    .join(" ");
}
