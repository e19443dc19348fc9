import { FileDrop } from "../../form/file-drop";
import { isBatchable, onlyInput } from "../../form/inputs";
import { t } from "../../i18n";
import type { Bench } from "./bench";
import { InputField } from "./input-field";
import { Samples } from "./samples";
import { SketchPlace } from "./sketch-place";

interface InputPickerProps {
  bench: Bench;
  /** Before there is an answer the samples take its place. */
  isLarge?: boolean;
}

/** The input: a sample with one click, or the user's own files. */
export function InputPicker({ bench, isLarge = false }: InputPickerProps) {
  const { capability } = bench;
  if (!capability) return null;
  const only = onlyInput(capability);
  return (
    <>
      <Samples bench={bench} isLarge={isLarge} />
      {only && !bench.isDraft && <SketchPlace bench={bench} input={only} isOpen={isLarge} />}
      {only && (only.kind === "table" || !bench.isDraft) ? (
        <FileDrop
          accepts={only.kind}
          isSingle={!isBatchable(capability)}
          isBusy={bench.isBusy}
          error={bench.refusal?.reason ?? null}
          onFiles={(files, refused) => bench.take(only, files, refused)}
          onRefuse={(reason) => bench.refuse(only, reason)}
        />
      ) : (
        capability.inputs.map((input) => <InputField key={input.name} bench={bench} input={input} />)
      )}
      <p class="visually-hidden" role="status">
        {bench.isBusy ? t("bench.sending") : ""}
      </p>
    </>
  );
}
