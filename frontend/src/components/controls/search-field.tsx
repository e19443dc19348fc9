import { useEffect, useId, useRef, useState } from "preact/hooks";

const TYPING_MS = 300;

interface SearchFieldProps {
  label: string;
  value: string;
  onSearch: (text: string) => void;
}

/** A text to search for, passed on once the reader pauses. */
export function SearchField({ label, value, onSearch }: SearchFieldProps) {
  const id = useId();
  const [text, setText] = useState(value);
  const search = useRef(onSearch);
  search.current = onSearch; // what else is filtered may change during the pause
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => search.current(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="field is-inline">
      <label for={id}>{label}</label>
      <input id={id} type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} />
    </div>
  );
}
