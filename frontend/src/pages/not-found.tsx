import { useTitle } from "../components/shell/title";
import { t } from "../i18n";

export function NotFound() {
  useTitle(t("notFound.title"));
  return (
    <div class="card empty">
      <h1>{t("notFound.title")}</h1>
      <p>{t("notFound.hint")}</p>
      <a class="button" href="/">
        {t("notFound.home")}
      </a>
    </div>
  );
}
