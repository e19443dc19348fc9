import { Picture } from "../../components/pictures/picture";
import { said, t } from "../../i18n";
import type { ImageData } from "../shapes";
import type { StageProps } from "../stage";

/** One picture: a file of the stage, or the upload itself. */
export function Image({ data, files, picture }: StageProps<ImageData>) {
  const url = data.file === null ? picture?.url : files[data.file];
  if (!url) return <p class="empty">{t("stage.noPicture")}</p>;
  return (
    <div class="stage-main">
      <Picture source={{ url, width: data.width, height: data.height, alt: said(data.alt) }} />
      <p class="hint">{t("stage.size", { width: data.width, height: data.height })}</p>
    </div>
  );
}
