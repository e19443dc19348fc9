import type { MetricRow } from "../../i18n/metric-names";
import { Explained } from "../glossary/explained";

/** Metrics by name; `isList`: one a line. */
export function MetricFigures({ rows, isList = false }: { rows: MetricRow[]; isList?: boolean }) {
  if (rows.length === 0) return null;
  return (
    <dl class={isList ? "figures is-list" : "figures"}>
      {rows.map(({ name, title, text }) => (
        <div key={name}>
          <dt>
            <Explained text={title} />
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}
