import { useId } from "preact/hooks";

interface ChoiceProps {
  legend: string;
  options: { name: string; hint?: string }[];
  chosen: number;
  onChoose: (index: number) => void;
}

/** A choice among a few visible options: native radio buttons in a row. */
export function Choice({ legend, options, chosen, onChoose }: ChoiceProps) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {options.map((option, index) => (
        <label key={option.name}>
          <input type="radio" name={name} checked={index === chosen} onChange={() => onChoose(index)} />
          <span>
            {option.name} {option.hint && <small>{option.hint}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
