import { Play } from "lucide";
import { onlyInput } from "../../form/inputs";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import type { Bench } from "./bench";

/** Runs what is chosen; in a form the form does so. */
export function RunButton({
  bench,
  isAgain,
  onRun,
}: {
  bench: Bench;
  isAgain?: boolean;
  onRun?: () => void;
}) {
  const isTable = bench.capability && onlyInput(bench.capability)?.kind === "table";
  return (
    <button
      type={onRun ? "button" : "submit"}
      class="button is-primary"
      disabled={bench.isBusy || !bench.isReady}
      onClick={onRun}
    >
      <Icon of={Play} />
      {t(isAgain ? "bench.again" : isTable ? "bench.run" : "bench.start")}
    </button>
  );
}
