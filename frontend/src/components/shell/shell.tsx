import { Box, Menu } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useLocation } from "preact-iso";
import { activeCount, useActivity } from "../../api/activity";
import { isKeyNeeded } from "../../api/client";
import { chooseLanguage, type Key, type Language, language, languages, t } from "../../i18n";
import { Icon } from "../controls/icon";
import { useLoaded } from "../controls/loaded";
import { ThemeSwitch } from "../controls/theme-switch";
import { Placeholder } from "../pictures/placeholder";
import { PageWait } from "./page-wait";
import { ReadinessBanner } from "./readiness";

const PAGES: { href: string; title: Key; below?: string[] }[] = [
  { href: "/", title: "nav.try", below: ["/t/", "/r/", "/learn"] },
  { href: "/lessons", title: "nav.lessons", below: ["/gan"] },
  { href: "/datasets", title: "nav.datasets", below: ["/collect"] },
  { href: "/train", title: "nav.train" },
  { href: "/models", title: "nav.models" },
  { href: "/audits", title: "nav.audit", below: ["/sweeps", "/reviews", "/log"] },
  { href: "/jobs", title: "nav.jobs", below: ["/compare"] },
  { href: "/api", title: "nav.api" },
];

/** The frame of every page. */
export function Shell({ children }: { children: ComponentChildren }) {
  const { path } = useLocation();
  const menu = useRef<HTMLDetailsElement>(null);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  const HotkeySheet = useLoaded(() => import("./hotkey-sheet"))?.HotkeySheet;
  useActivity();
  useEffect(() => {
    if (menu.current) menu.current.open = false;
    // focus moves to a new page's content, but not to that of the first page
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [path]);
  return (
    <>
      <a class="skip" href="#main">
        {t("nav.skip")}
      </a>
      <header class="top">
        <a class="brand" href="/">
          <Icon of={Box} size={22} />
          Glassbox
        </a>
        <nav class="top-wide" aria-label={t("nav.label")}>
          <NavLinks path={path} />
        </nav>
        <div class="top-tools">
          <LanguageSwitch />
          <ThemeSwitch />
          <details ref={menu} class="top-menu">
            <summary aria-label={t("nav.menu")}>
              <Icon of={Menu} />
            </summary>
            <nav aria-label={t("nav.label")}>
              <NavLinks path={path} />
            </nav>
          </details>
        </div>
      </header>
      <ReadinessBanner />
      <main id="main" ref={main} tabIndex={-1}>
        <PageWait />
        {isKeyNeeded.value ? <KeyNeeded /> : children}
      </main>
      <footer class="foot">
        <span>{t("foot.note")}</span>
        <a href="/glossary">{t("nav.glossary")}</a>
        {HotkeySheet && <HotkeySheet />}
      </footer>
    </>
  );
}

function KeyNeeded() {
  const SignIn = useLoaded(() => import("./sign-in"))?.SignIn;
  return SignIn ? <SignIn /> : <Placeholder />;
}

function NavLinks({ path }: { path: string }) {
  const active = activeCount.value;
  return (
    <ul>
      {PAGES.map(({ href, title, below = [] }) => {
        const isHere = path === href || [`${href}/`, ...below].some((start) => path.startsWith(start));
        return (
          <li key={href}>
            <a href={href} aria-current={isHere ? "page" : undefined}>
              {t(title)}
              {href === "/jobs" && active > 0 && (
                <span class="count">
                  {active}
                  <span class="visually-hidden"> {t("nav.active")}</span>
                </span>
              )}
            </a>
          </li>
        );
      })}
    </ul>
  );
}

function LanguageSwitch() {
  return (
    <select
      class="language"
      aria-label={t("nav.language")}
      value={language.value}
      onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}
    >
      {Object.entries(languages).map(([name, title]) => (
        <option key={name} value={name} lang={name}>
          {title}
        </option>
      ))}
    </select>
  );
}
