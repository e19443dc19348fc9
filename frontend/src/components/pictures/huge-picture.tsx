import { Download } from "lucide";
import { formatNumber, t } from "../../i18n";
import { Icon } from "../controls/icon";
import type { PictureSource } from "./source";
import { pixelsOf } from "./viewport";

interface HugePictureProps {
  source: PictureSource;
  onShow: () => void;
}

/** An image that could exhaust the browser's memory, offered as a download or to be shown anyway. */
export function HugePicture({ source, onShow }: HugePictureProps) {
  const megapixels = formatNumber(pixelsOf(source) / 1e6, { maximumFractionDigits: 0 });
  return (
    <div class="huge">
      <p>
        <strong>{source.alt}</strong>
      </p>
      <p class="hint">{t("picture.huge", { megapixels })}</p>
      <div class="actions">
        <a class="button is-primary" href={source.url} download>
          <Icon of={Download} />
          {t("action.download")}
        </a>
        <button type="button" class="button" onClick={onShow}>
          {t("picture.showHuge")}
        </button>
      </div>
    </div>
  );
}
