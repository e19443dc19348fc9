import { Check } from "lucide";
import type { ComponentChildren } from "preact";
import { useCatalog } from "../../api/catalog";
import { type Key, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { Explained } from "../glossary/explained";
import { type Item, titleOf } from "./items";
import { type FigureRow, figureRows, type SettingRow, settingRows } from "./rows";

/** The settings that differ, and below them, folded, those that do not. */
export function SettingsTable({ items }: { items: Item[] }) {
  const rows = settingRows(items, useCatalog().items ?? []);
  const [different, same] = [rows.filter(({ isSame }) => !isSame), rows.filter(({ isSame }) => isSame)];
  const count = different.filter(({ isOutcome }) => !isOutcome).length;
  return (
    <section class="card" aria-labelledby="versus-settings">
      <header class="card-head">
        <h2 id="versus-settings">{t("comparison.settings")}</h2>
        <p class="hint">{count > 0 ? t("comparison.different", { n: count }) : t("comparison.allSame")}</p>
      </header>
      {different.length > 0 && (
        <Columns caption={t("comparison.settings")} head={t("comparison.setting")} items={items}>
          {different.map((row) => (
            <Texts key={row.name} row={row} />
          ))}
        </Columns>
      )}
      {same.length > 0 && (
        <details class="facts-more">
          <summary>{t("comparison.same", { n: same.length })}</summary>
          <dl class="facts">
            {same.map(({ name, title, texts }) => (
              <div key={name} class="versus-fact">
                <dt>{title}</dt>
                <dd>{texts[0] ?? "–"}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </section>
  );
}

function Texts({ row }: { row: SettingRow }) {
  return (
    <tr>
      <th scope="row">{row.title}</th>
      {row.texts.map((text, index) => (
        <td key={index} class={row.isOutcome ? undefined : "is-different"}>
          {text ?? "–"}
        </td>
      ))}
    </tr>
  );
}

/** Every metric of every item, the best of a row marked. */
export function FiguresTable({ items }: { items: Item[] }) {
  const rows = figureRows(items);
  if (rows.length === 0) return null;
  const parts = items.map(measuredOn);
  return (
    <section class="card" aria-labelledby="versus-figures">
      <header class="card-head">
        <h2 id="versus-figures">{t("comparison.figures")}</h2>
        <p class="hint">{t("comparison.bestHint")}</p>
      </header>
      <Columns caption={t("comparison.figures")} head={t("comparison.figure")} items={items}>
        {parts.some(Boolean) && (
          <tr>
            <th scope="row">{t("comparison.measuredOn")}</th>
            {parts.map((part, index) => (
              <td key={index} class={new Set(parts).size > 1 ? "is-different" : undefined}>
                {part ?? "–"}
              </td>
            ))}
          </tr>
        )}
        {rows.map((row) => (
          <Figure key={row.name} row={row} />
        ))}
      </Columns>
    </section>
  );
}

function measuredOn({ job }: Item): string | null {
  const part = (job?.result as { measured_on?: string | null } | null)?.measured_on;
  return part === "validation" || part === "test" ? t(`comparison.part.${part}` as Key) : null;
}

function Figure({ row: { title, texts, direction, best, isClear } }: { row: FigureRow }) {
  return (
    <tr>
      <th scope="row">
        <Explained text={title} />
        {direction && <small> {t(`comparison.${direction}`)}</small>}
      </th>
      {texts.map((text, index) => (
        <td key={index} class={best.includes(index) ? "is-best" : undefined}>
          {text ?? "–"}
          {best.includes(index) && (
            <small>
              <Icon of={Check} size={14} /> {t(isClear ? "comparison.best" : "comparison.notClear")}
            </small>
          )}
        </td>
      ))}
    </tr>
  );
}

interface ColumnsProps {
  caption: string;
  head: string;
  items: Item[];
  children: ComponentChildren;
}

/** A table with a column for each item. */
function Columns({ caption, head, items, children }: ColumnsProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keys too
    <div class="scroller" role="group" aria-label={caption} tabIndex={0}>
      <table class="versus-table">
        <thead>
          <tr>
            <th scope="col">{head}</th>
            {items.map((item) => (
              <th key={item.key} scope="col">
                <b class="versus-letter">{item.letter}</b> {titleOf(item)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
