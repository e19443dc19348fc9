import { message } from "../../i18n";
import type { StageProps } from "../../stages/props";
import { Explained } from "../glossary/explained";

/** The title of a stage that stands alone, and its explanation where it is the answer. */
export function StageHead({ about, part }: Pick<StageProps, "about" | "part">) {
  if (!about) return null;
  const title = message(about.title_message, about.title);
  const explanation = message(about.explanation_message, about.explanation);
  return (
    <>
      <h2 lang={title.lang}>{title.text}</h2>
      {part === "answer" && (
        <p class="hint" lang={explanation.lang}>
          <Explained text={explanation.text} />
        </p>
      )}
    </>
  );
}
