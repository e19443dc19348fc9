import type { IconNode } from "lucide";
import { Icon } from "./icon";

interface ToolButtonProps {
  icon: IconNode;
  title: string;
  isOff?: boolean;
  onClick: () => void;
}

/** A button with only an icon, such as undo. */
export const ToolButton = ({ icon, title, isOff = false, onClick }: ToolButtonProps) => (
  <button
    type="button"
    class="tool"
    aria-disabled={isOff} // not disabled: that would take the focus away
    aria-label={title}
    title={title}
    onClick={() => !isOff && onClick()}
  >
    <Icon of={icon} />
  </button>
);
