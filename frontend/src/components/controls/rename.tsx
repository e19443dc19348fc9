import { Check, Pencil, X } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "./icon";

interface RenameProps {
  value: string;
  onRename: (name: string) => Promise<unknown>;
}

/** A button that opens a field for another name, in its place. Enter saves, Escape leaves it as it was. */
export function Rename({ value, onRename }: RenameProps) {
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (isOpen) input.current?.select();
    else if (wasOpen.current) opener.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  if (!isOpen)
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
  const save = async (event: Event) => {
    event.preventDefault();
    const name = input.current?.value.trim() ?? "";
    if (name && name !== value) {
      setBusy(true);
      await onRename(name);
      setBusy(false);
    }
    setOpen(false);
  };
  return (
    <form
      class="rename"
      onSubmit={save}
      onKeyDown={(event) => {
        if (event.key === "Escape") setOpen(false);
      }}
    >
      <input ref={input} type="text" maxLength={200} defaultValue={value} aria-label={t("rename.name")} />
      <button type="submit" class="tool is-bare" disabled={isBusy} aria-label={t("rename.save")}>
        <Icon of={Check} size={16} />
      </button>
      <button
        type="button"
        class="tool is-bare"
        aria-label={t("action.cancel")}
        onClick={() => setOpen(false)}
      >
        <Icon of={X} size={16} />
      </button>
    </form>
  );
}
