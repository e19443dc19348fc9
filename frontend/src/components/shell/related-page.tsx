import { Camera, type IconNode, Orbit } from "lucide";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";

/** Pages of the application for a capability in particular, by its name. */
const PAGES: Readonly<Record<string, { href: string; title: "nav.gan" | "nav.collect"; icon: IconNode }>> = {
  classification: { href: "/collect", title: "nav.collect", icon: Camera },
  generation: { href: "/gan", title: "nav.gan", icon: Orbit },
};

/** A link to the page for this capability; nothing where there is none. */
export function RelatedPage({ of }: { of: string }) {
  const page = PAGES[of];
  if (!page) return null;
  return (
    <a class="card-link" href={page.href}>
      <Icon of={page.icon} size={16} />
      {t(page.title)}
    </a>
  );
}
