import { Orbit } from "lucide";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";

/** Pages of the application that explain the idea of a capability, by its name. */
const PAGES: Readonly<Record<string, { href: string; title: "nav.gan" }>> = {
  generation: { href: "/gan", title: "nav.gan" },
};

/** A link to the page that explains this capability's idea; nothing where there is none. */
export function RelatedPage({ of }: { of: string }) {
  const page = PAGES[of];
  if (!page) return null;
  return (
    <a class="card-link" href={page.href}>
      <Icon of={Orbit} size={16} />
      {t(page.title)}
    </a>
  );
}
