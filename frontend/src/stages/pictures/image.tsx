import { Picture } from "../../components/pictures/picture";
import { t } from "../../i18n";
import type { StageProps } from "../props";
import type { ImageData } from "../shapes";

/** One picture: a file of the stage, or the upload itself. */
export function Image({ data, files, picture }: StageProps<ImageData>) {
  const url = data.file === null ? picture?.url : files[data.file];
  if (!url) return <p class="empty">{t("stage.noPicture")}</p>;
  return (
    <div class="stage-main">
      <Picture source={{ url, width: data.width, height: data.height, alt: data.alt }} />
      <p class="hint">{t("stage.size", { width: data.width, height: data.height })}</p>
    </div>
  );
}
