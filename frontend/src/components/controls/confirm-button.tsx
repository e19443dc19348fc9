import { type IconNode, Trash2 } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "./icon";

const SURE_MS = 4000;

interface ConfirmButtonProps {
  title: string;
  onConfirm: () => void;
  question?: string;
  icon?: IconNode;
  isSmall?: boolean;
  /** Nothing is lost: it acts at once. */
  isHarmless?: boolean;
}

/** The first press asks for confirmation; a second one within a few seconds acts. */
export function ConfirmButton({
  title,
  onConfirm,
  question = t("action.reallyDelete"),
  icon = Trash2,
  isSmall,
  isHarmless = false,
}: ConfirmButtonProps) {
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    if (!isAsking) return;
    const timer = setTimeout(() => setAsking(false), SURE_MS);
    return () => clearTimeout(timer);
  }, [isAsking]);
  const press = () => {
    if (isAsking || isHarmless) onConfirm();
    setAsking(!isAsking && !isHarmless);
  };
  return (
    <button
      type="button"
      class={`button is-quiet${isSmall ? " is-small" : ""}${isAsking ? " is-danger" : ""}`}
      onClick={press}
    >
      <Icon of={icon} size={isSmall ? 16 : 18} />
      <span aria-live="polite">{isAsking ? question : title}</span>
    </button>
  );
}
