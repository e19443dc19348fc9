import { useEffect, useState } from "preact/hooks";
import type { Job } from "../../api/types";
import { t } from "../../i18n";
import { Picture, type PictureSource } from "../pictures/picture";
import { Placeholder } from "../pictures/placeholder";
import { answerPicture } from "./job-picture";

interface PlainAnswerProps {
  job: Job;
  upload: PictureSource | null;
}

/** An answer that kept no stages: its picture, if it made one, and what else is there to say. */
export function PlainAnswer({ job, upload }: PlainAnswerProps) {
  const answer = answerPicture(job);
  const size = useSize(answer?.url ?? null);
  if (answer && !size) return <Placeholder source={upload} isSlow={false} />;
  if (!answer || !size)
    return <p class="stage-main empty">{t(job.artifacts.length > 0 ? "answer.files" : "answer.nothing")}</p>;
  const alt = t("picture.alt", { name: answer.name });
  return (
    <div class="stage-main">
      <Picture source={{ url: answer.url, ...size, alt }} />
      <p class="hint">{t("stage.size", size)}</p>
    </div>
  );
}

/** No row says how large a job's file is; the file does. */
function useSize(url: string | null): { width: number; height: number } | null {
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  useEffect(() => {
    if (!url) return;
    const image = new Image();
    image.onload = () => setSize({ width: image.naturalWidth, height: image.naturalHeight });
    image.src = url;
    return () => {
      image.onload = null;
    };
  }, [url]);
  return size;
}
