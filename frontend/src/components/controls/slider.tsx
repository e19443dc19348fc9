import { useId } from "preact/hooks";

interface SliderProps {
  title: string;
  value: number;
  max: number;
  /** The value as text, where a number alone is not clear. */
  valueText?: string;
  onInput: (value: number) => void;
}

/** An integer from 0 to `max` with its title and value. */
export function Slider({ title, value, max, valueText, onInput }: SliderProps) {
  const id = useId();
  return (
    <div class="field">
      <div class="field-head">
        <label for={id}>{title}</label>
        <output for={id}>{valueText ?? value}</output>
      </div>
      <input
        id={id}
        type="range"
        min={0}
        max={max}
        value={value}
        aria-valuetext={valueText}
        onInput={(event) => onInput(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
