import { Check, X } from "lucide";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { onSubmit, useAction } from "./action";
import { Icon } from "./icon";

const MAX_CHARACTERS = 120; // of a name, on the server

interface RenameFormProps {
  value: string;
  onRename: (name: string) => Promise<unknown>;
  onClose: () => void;
}

export function RenameForm({ value, onRename, onClose }: RenameFormProps) {
  const { isBusy, problem, run } = useAction();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const save = onSubmit(async () => {
    const name = input.current?.value.trim() ?? "";
    if (name === value || (await run(() => onRename(name)))) onClose();
    else input.current?.focus();
  });
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
