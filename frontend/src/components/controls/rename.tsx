import { Check, Pencil, X } from "lucide";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { t } from "../../i18n";
import { errorText } from "../shell/problem-texts";
import { Icon } from "./icon";

const MAX_CHARACTERS = 120; // of a name, on the server

interface RenameProps {
  value: string;
  /** Throws ApiError: the name was not saved. */
  onRename: (name: string) => Promise<unknown>;
}

/** A button that opens a field for another name, in its place. Enter saves, Escape leaves it as it was; what could not be saved stays open. */
export function Rename({ value, onRename }: RenameProps) {
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
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
        onClick={() => {
          setProblem(null);
          setOpen(true);
        }}
      >
        <Icon of={Pencil} size={16} />
      </button>
    );
  const save = async (event: Event) => {
    event.preventDefault();
    const name = input.current?.value.trim() ?? "";
    if (name === value) return close();
    setBusy(true);
    setProblem(null);
    try {
      await onRename(name);
      setOpen(false);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
      input.current?.focus();
    } finally {
      setBusy(false);
    }
  };
  const close = () => {
    if (!isBusy) setOpen(false); // a name on its way can no longer be left as it was
  };
  return (
    <form
      class="rename"
      onSubmit={save}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <input
        ref={input}
        type="text"
        required
        pattern=".*\S.*"
        maxLength={MAX_CHARACTERS}
        defaultValue={value}
        aria-label={t("rename.name")}
        aria-describedby={problem ? id : undefined}
        aria-invalid={problem ? true : undefined}
      />
      <button type="submit" class="tool is-bare" disabled={isBusy} aria-label={t("rename.save")}>
        <Icon of={Check} size={16} />
      </button>
      <button
        type="button"
        class="tool is-bare"
        disabled={isBusy}
        aria-label={t("action.cancel")}
        onClick={close}
      >
        <Icon of={X} size={16} />
      </button>
      {problem && (
        <p id={id} class="error" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
