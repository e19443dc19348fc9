import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useGlossary } from "../../i18n/glossary";
import { type Term as Entry, withTerms } from "../../i18n/glossary/terms";
import { CARD_ID, closeCard, closeCardSoon, isShown, showCard } from "./card";
import "../../style/glossary.css";

/** A text with its technical terms marked, each at its first occurrence. */
export function Terms({ text }: { text: string }): ComponentChildren {
  const glossary = useGlossary();
  if (!glossary) return text;
  return withTerms(text, glossary).map((piece, index) =>
    piece.term ? <Term key={index} entry={piece.term} text={piece.text} /> : piece.text,
  );
}

/** One term: hover, focus, or a tap explains it; a click or Enter opens the page about it. */
export function Term({ entry, text }: { entry: Entry; text: string }) {
  const anchor = useRef<HTMLAnchorElement>(null);
  const isFirstTap = useRef(false);
  const show = () => anchor.current && showCard(entry, anchor.current);
  return (
    <a
      ref={anchor}
      class="term"
      href={`/learn/${entry.page}`}
      aria-describedby={isShown(anchor.current) ? CARD_ID : undefined}
      onPointerEnter={(event) => event.pointerType === "mouse" && show()}
      onPointerLeave={(event) => event.pointerType === "mouse" && closeCardSoon()}
      onPointerDown={(event) => {
        isFirstTap.current = event.pointerType !== "mouse" && !isShown(anchor.current);
      }}
      onFocus={show}
      onBlur={closeCardSoon}
      onClick={(event) => {
        if (!isFirstTap.current) return closeCard();
        isFirstTap.current = false;
        event.preventDefault();
        event.stopPropagation(); // of the label around it and of the router
        show();
      }}
    >
      {text}
    </a>
  );
}
