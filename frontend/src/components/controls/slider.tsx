import { useId } from "preact/hooks";

interface SliderProps {
  title: string;
  value: number;
  max: number;
  /** What the value says, where a number alone does not. */
  words?: string;
  onInput: (value: number) => void;
}

/** A whole number from 0 to `max`, with its name and value in sight. */
export function Slider({ title, value, max, words, onInput }: SliderProps) {
  const id = useId();
  return (
    <div class="field">
      <div class="field-head">
        <label for={id}>{title}</label>
        <output for={id}>{words ?? value}</output>
      </div>
      <input
        id={id}
        type="range"
        min={0}
        max={max}
        value={value}
        aria-valuetext={words}
        onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
