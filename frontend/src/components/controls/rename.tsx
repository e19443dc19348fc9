import { Pencil } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "./icon";
import { useLoaded } from "./loaded";

interface RenameProps {
  value: string;
  /** Throws ApiError: the name was not saved. */
  onRename: (name: string) => Promise<unknown>;
}

/** A button that opens a field for another name, in its place. Enter saves, Escape leaves it as it was; what could not be saved stays open. */
export function Rename({ value, onRename }: RenameProps) {
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (!isOpen && wasOpen.current) opener.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  if (isOpen) return <Form value={value} onRename={onRename} onClose={() => setOpen(false)} />;
  return (
    <button
      ref={opener}
      type="button"
      class="tool is-bare rename-open"
      aria-label={`${t("rename.rename")}: ${value}`}
      title={t("rename.rename")}
      onClick={() => setOpen(true)}
    >
      <Icon of={Pencil} size={16} />
    </button>
  );
}

type FormProps = Parameters<typeof import("./rename-form").RenameForm>[0];

/** Few names are changed, so it comes when one is. */
function Form(props: FormProps) {
  const Loaded = useLoaded(() => import("./rename-form"))?.RenameForm;
  return Loaded ? <Loaded {...props} /> : null;
}
