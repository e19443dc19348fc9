import { useTitle } from "../components/shell/title";
import { SweepLists } from "../components/sweeps/sweep-lists";
import { loadTopic, t } from "../i18n";
import "../style/sweeps.css";

await loadTopic({ en: () => import("../i18n/en/sweeps"), de: () => import("../i18n/de/sweeps") });

/** Every sweep, and the way to a new one. */
export default function Sweeps() {
  useTitle(t("sweeps.title"));
  return <SweepLists />;
}
