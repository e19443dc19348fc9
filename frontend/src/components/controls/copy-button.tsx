import { Check, Copy, Link2 } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "./icon";

interface CopyButtonProps {
  text: string | (() => string);
  title?: string;
  isLink?: boolean;
}

export function CopyButton({ text, title, isLink = false }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<"copied" | "refused" | null>(null);
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(null), 2500);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await write(typeof text === "string" ? text : text());
      setOutcome("copied");
    } catch {
      setOutcome("refused");
    }
  };
  return (
    <button type="button" class="button is-quiet" onClick={copy}>
      <Icon of={outcome === "copied" ? Check : isLink ? Link2 : Copy} />
      <span aria-live="polite">{outcome ? t(`copy.${outcome}`) : (title ?? t("copy.copy"))}</span>
    </button>
  );
}

/** Browsers give the clipboard only to https and loopback; elsewhere a selected text field still copies. */
async function write(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  if (!isDone) throw new Error("the browser did not copy");
}
