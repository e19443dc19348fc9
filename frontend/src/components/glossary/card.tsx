import { signal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { Term } from "../../i18n/glossary/terms";

export const CARD_ID = "term-card";

const LEAVE_MS = 250; // long enough for the pointer to reach the card
const EDGE = 8;

interface Shown {
  term: Term;
  anchor: HTMLElement;
}

const shown = signal<Shown | null>(null);
let leaving: ReturnType<typeof setTimeout> | undefined;

export const isShown = (anchor: HTMLElement | null): boolean =>
  shown.value !== null && shown.value.anchor === anchor;

export function showCard(term: Term, anchor: HTMLElement): void {
  clearTimeout(leaving);
  if (!isShown(anchor)) shown.value = { term, anchor };
}

export function closeCard(): void {
  clearTimeout(leaving);
  shown.value = null;
}

export function closeCardSoon(): void {
  clearTimeout(leaving);
  leaving = setTimeout(closeCard, LEAVE_MS);
}

/** The explanation of the term that is pointed at or focused: one for the whole page, outside of its layout. */
function Card() {
  const card = useRef<HTMLElement>(null);
  const now = shown.value;
  useLayoutEffect(() => {
    if (now && card.current) place(card.current, now.anchor);
  });
  useEffect(() => {
    if (!now) return;
    const follow = () => card.current && place(card.current, now.anchor);
    const press = (event: KeyboardEvent) => event.key === "Escape" && closeCard();
    const point = (event: PointerEvent) => {
      const target = event.target as Node;
      if (!card.current?.contains(target) && !now.anchor.contains(target)) closeCard();
    };
    addEventListener("scroll", follow, true);
    addEventListener("resize", follow);
    addEventListener("keydown", press);
    addEventListener("pointerdown", point);
    addEventListener("popstate", closeCard);
    return () => {
      removeEventListener("scroll", follow, true);
      removeEventListener("resize", follow);
      removeEventListener("keydown", press);
      removeEventListener("pointerdown", point);
      removeEventListener("popstate", closeCard);
    };
  }, [now]);
  if (!now?.anchor.isConnected) return null;
  return (
    <aside
      ref={card}
      class="term-card"
      aria-label={t("nav.glossary")}
      onMouseDown={(event) => event.preventDefault()} // the focus stays on the term
      onPointerEnter={() => clearTimeout(leaving)}
      onPointerLeave={(event) => event.pointerType === "mouse" && closeCardSoon()}
    >
      <p id={CARD_ID} role="tooltip">
        <strong>{now.term.title}</strong> {now.term.text}
      </p>
      <a href={`/learn/${now.term.page}`} tabIndex={-1} onClick={closeCard}>
        {t("glossary.more")}
      </a>
    </aside>
  );
}

/** Below the term, or above it where there is no room, and always within the window. */
function place(card: HTMLElement, anchor: HTMLElement): void {
  const term = anchor.getClientRects()[0] ?? anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  const isBelow = term.bottom + height + EDGE <= innerHeight || term.top < height + EDGE;
  const left = Math.max(Math.min(term.left, document.documentElement.clientWidth - width - EDGE), EDGE);
  card.style.left = `${left}px`;
  card.style.top = `${isBelow ? term.bottom + 4 : term.top - height - 4}px`;
}

render(<Card />, document.body.appendChild(document.createElement("div")));
