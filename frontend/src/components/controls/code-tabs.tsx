import { useId, useState } from "preact/hooks";
import { api } from "../../api/client";
import { useResource } from "../../api/resource";
import { type Call, LANGUAGES, snippet } from "../../form/snippets";
import { t } from "../../i18n";
import { CopyButton } from "./copy-button";

/** The request as a program, with the current values. */
export function CodeTabs({ call }: { call: Call }) {
  const [chosen, setChosen] = useState(0);
  const id = useId();
  const session = useResource("session", (signal) => api.session(signal));
  const text = snippet(LANGUAGES[chosen], { ...call, needsKey: session.data?.key_needed ?? false });
  const move = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = (chosen + by + LANGUAGES.length) % LANGUAGES.length;
    setChosen(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <div class="code-tabs">
      <div class="code-head">
        <div role="tablist" aria-label={t("code.languages")} onKeyDown={move}>
          {LANGUAGES.map((name, index) => (
            <button
              key={name}
              id={`${id}-${index}`}
              type="button"
              role="tab"
              aria-selected={index === chosen}
              aria-controls={`${id}-panel`}
              tabIndex={index === chosen ? 0 : -1}
              onClick={() => setChosen(index)}
            >
              {name}
            </button>
          ))}
        </div>
        <CopyButton text={text} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled by keys too */}
      <pre id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${chosen}`} tabIndex={0}>
        <code>{text}</code>
      </pre>
    </div>
  );
}
