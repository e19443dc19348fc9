import { Tag } from "lucide";
import { useState } from "preact/hooks";
import type { Job, Upload } from "../../api/types";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import { useLoaded } from "../controls/loaded";

interface CorrectProps {
  job: Job;
  uploads: Record<string, Upload> | null;
}

/** The way from an answer about a picture to a dataset, in which the answer is corrected. */
export function Correct({ job, uploads }: CorrectProps) {
  const [isOpen, setOpen] = useState(false);
  const upload = Object.values(uploads ?? {}).find(({ width }) => width);
  const { objects, classes } = job.result ?? {};
  if (job.status !== "succeeded" || !upload || !(objects ?? classes)) return null;
  return (
    <>
      <button type="button" class="button is-quiet" onClick={() => setOpen(true)}>
        <Icon of={Tag} />
        {t("action.correct")}
      </button>
      {isOpen && <Dialog job={job} upload={upload} onClose={() => setOpen(false)} />}
    </>
  );
}

function Dialog({ job, upload, onClose }: { job: Job; upload: Upload; onClose: () => void }) {
  const loaded = useLoaded(() => import("../datasets/correct-result"));
  return loaded && <loaded.CorrectResult job={job} upload={upload.id} name={upload.name} onClose={onClose} />;
}
