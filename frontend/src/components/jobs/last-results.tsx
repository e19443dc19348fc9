import { api } from "../../api/client";
import { useResource } from "../../api/resource";
import { t } from "../../i18n";
import { JobThumb } from "./job-thumb";

const COUNT = "6";

/** The most recent results of all users. */
export function LastResults() {
  const jobs = useResource("last", (signal) =>
    api.jobs({ task: "predict", status: "succeeded", limit: COUNT }, signal),
  );
  return (
    <section class="last" aria-labelledby="last-title">
      <h2 id="last-title">{t("start.last")}</h2>
      {jobs.data?.items.length === 0 && <p class="empty">{t("start.noneYet")}</p>}
      <ul class="thumbs">
        {jobs.data?.items.map((job) => (
          <li key={job.id}>
            <JobThumb job={job} />
          </li>
        ))}
      </ul>
    </section>
  );
}
