import { Moon, Sun, SunMoon } from "lucide";
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "./icon";

const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const ICONS = { auto: SunMoon, light: Sun, dark: Moon };

function stored(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : "auto";
}

export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(stored);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  const change = () => {
    setTheme(next);
    const { dataset } = document.documentElement;
    if (next === "auto") delete dataset.theme;
    else dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // storage is blocked: the choice lasts until the page is left
    }
  };
  const name = t("theme.now", { name: t(`theme.${theme}`) });
  return (
    <button type="button" class="tool is-bare" aria-label={name} title={name} onClick={change}>
      <Icon of={ICONS[theme]} />
    </button>
  );
}
