import { CircleAlert, Play } from "lucide";
import { useId } from "preact/hooks";
import type { Job } from "../../api/types";
import { formatNumber, t } from "../../i18n";
import { Icon } from "../controls/icon";
import type { Bench } from "../workbench/bench";
import { InstallModel } from "../workbench/install-model";
import { modelText } from "../workbench/model-text";
import type { View } from "../workbench/view";
import type { Box } from "./box";
import { familiarityOf, fittingModel, labelsOf } from "./familiarity";

const SHOWN = 10; // of the names; all are one click away
const STAGE = "familiarity"; // that shows the picture among held-out ones
const TWO_DIGITS = { maximumFractionDigits: 2 };

/** For a picture unlike those that the model learned from: what it knows, and a model that may know more. */
export function Unlike({ job, bench, box, view }: { job: Job; bench: Bench; box: Box; view: View }) {
  const id = useId();
  const explain = () => {
    view.goTo(STAGE);
    box.open?.();
    document.getElementById("box")?.scrollIntoView({ block: "start" });
  };
  const found = familiarityOf(job);
  if (!found?.is_unlike) return null;
  const labels = labelsOf(job);
  const first = labels.slice(0, SHOWN).join(", ");
  return (
    <section class="notice is-unlike" aria-labelledby={id}>
      <Icon of={CircleAlert} size={20} />
      <div>
        <p id={id}>
          <strong>
            {labels.length > 0 && (
              <>
                {t("unlike.knows", { n: labels.length })} <span lang="en">{first}</span>
                {labels.length > SHOWN ? ", … " : ". "}
              </>
            )}
            {t("unlike.unlike")}
          </strong>
        </p>
        {labels.length > SHOWN && (
          <details>
            <summary>{t("unlike.all", { n: labels.length })}</summary>
            <p lang="en">{labels.join(", ")}</p>
          </details>
        )}
        <p class="hint">
          {t("unlike.measured", {
            deviation: formatNumber(found.deviation, TWO_DIGITS),
            threshold: formatNumber(found.threshold, TWO_DIGITS),
          })}
        </p>
        {box.open && (
          <button type="button" class="button is-small" onClick={explain}>
            {t("unlike.how")}
          </button>
        )}
        <Offer job={job} bench={bench} />
      </div>
    </section>
  );
}

/** The same upload, answered by the preferred model; where that is missing, a way to install it. */
function Offer({ job, bench }: { job: Job; bench: Bench }) {
  const model = fittingModel(bench.capability, job);
  if (!bench.capability) return null;
  if (!model) return <p>{t("unlike.none")}</p>;
  const { text, lang } = modelText(model, "summary");
  const title = modelText(model, "title").text;
  return (
    <>
      <p>
        {title}: <span lang={lang}>{text}</span>
      </p>
      {model.is_installed ? (
        <button
          type="button"
          class="button is-primary"
          disabled={bench.isBusy}
          onClick={() => bench.runOn(`${model.name}@${model.version}`)}
        >
          <Icon of={Play} />
          {t("unlike.answer", { model: title })}
        </button>
      ) : (
        <InstallModel model={model} />
      )}
    </>
  );
}
