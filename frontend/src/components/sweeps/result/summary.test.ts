import { beforeAll, expect, test, vi } from "vitest";
import { chooseLanguage, loadTopic } from "../../../i18n";
import type { Lead, Setting } from "../../../stages/sweep/analysis";
import { leadText } from "./summary";

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: {} });
  await chooseLanguage("en");
  await loadTopic({
    en: () => import("../../../i18n/en/sweeps"),
    de: () => import("../../../i18n/de/sweeps"),
  });
});

const setting = { values: { width: 8 } } as unknown as Setting;
const lead: Lead = { best: setting, next: setting, difference: 0.4, margin: 1.3, wins: 2, seeds: 3 };
const names = { setting: ({ width }: Record<string, unknown>) => `width ${width}` };

test("a lead within the noise of the seeds may be chance, and one beyond it is more", () => {
  expect(leadText(lead, 1.1, names)).toBe(
    "It beats the next one (width 8) by 0.4. The seed alone moves one and the same setting by 1.1 (standard deviation). " +
      "Compared seed by seed, the lead is 0.4 ± 1.3 (95% interval), which includes 0, and it is ahead with 2 of 3 seeds: " +
      "the order may be chance. More seeds narrow the interval.",
  );
  expect(leadText({ ...lead, margin: 0.1 }, 1.1, names)).toContain("0.4 ± 0.1 (95% interval)");
  expect(leadText({ ...lead, margin: 0.1 }, 1.1, names)).toContain("more than the noise of the seeds");
  expect(leadText({ ...lead, margin: null }, null, names)).toBe("It beats the next one (width 8) by 0.4.");
  expect(leadText({ ...lead, difference: 0 }, 1.1, names)).toContain("shares its place");
});
