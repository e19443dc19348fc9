import { Trash2 } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "./icon";

const SURE_MS = 4000;

/** The first press asks for confirmation; a second one within a few seconds acts. */
export function ConfirmButton({
  title,
  onConfirm,
  isSmall,
}: {
  title: string;
  onConfirm: () => void;
  isSmall?: boolean;
}) {
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    if (!isAsking) return;
    const timer = setTimeout(() => setAsking(false), SURE_MS);
    return () => clearTimeout(timer);
  }, [isAsking]);
  const press = () => {
    if (isAsking) onConfirm();
    setAsking(!isAsking);
  };
  return (
    <button
      type="button"
      class={`button is-quiet${isSmall ? " is-small" : ""}${isAsking ? " is-danger" : ""}`}
      onClick={press}
    >
      <Icon of={Trash2} size={isSmall ? 16 : 18} />
      <span aria-live="polite">{isAsking ? t("action.reallyDelete") : title}</span>
    </button>
  );
}
