import { Check, X } from "lucide";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiError } from "../../api/client";
import { t } from "../../i18n";
import { errorText } from "../shell/problem-texts";
import { Icon } from "./icon";

const MAX_CHARACTERS = 120; // of a name, on the server

interface RenameFormProps {
  value: string;
  onRename: (name: string) => Promise<unknown>;
  onClose: () => void;
}

export function RenameForm({ value, onRename, onClose }: RenameFormProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const save = async (event: Event) => {
    event.preventDefault();
    const name = input.current?.value.trim() ?? "";
    if (name === value) return onClose();
    setBusy(true);
    setProblem(null);
    try {
      await onRename(name);
      onClose();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(errorText(error));
      input.current?.focus();
      setBusy(false);
    }
  };
  const close = () => {
    if (!isBusy) onClose(); // a name on its way can no longer be left as it was
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
