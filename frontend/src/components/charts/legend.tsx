import { Mark } from "./plot";

interface LegendProps {
  names: string[];
  fills?: string[];
}

/** The meaning of each shape and color. */
export function Legend({ names, fills }: LegendProps) {
  return (
    <ul class="legend">
      {names.map((name, index) => (
        <li key={name}>
          <svg viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true">
            <Mark at={[0, 0]} group={index} fill={fills?.[index]} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}
