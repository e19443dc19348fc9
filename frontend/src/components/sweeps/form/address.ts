import type { Value } from "../../../form/schema";
import type { Axis } from "./values";

/** The axes of an address, `learning_rate:0.01,0.1;layers:8|16,16`: a bar parts lists. */
export function axesIn(text: string | undefined): Axis[] {
  return (text ?? "")
    .split(";")
    .map((part) => part.split(":"))
    .filter(([param, values]) => param && values !== undefined)
    .map(([param, ...values]) => ({
      param,
      text: values.join(":").replaceAll("|", "; ").replaceAll(",", ", "),
    }));
}

/** The address of a new sweep like this one, by its axes, its seeds, and what all fits have in common. */
export function newAddress(
  like: {
    capability: string;
    of: string;
    axes: { param: string; values: Value[] }[];
    seeds: number[];
    params: object;
  },
  data: Record<string, string> = {},
): string {
  const axes = like.axes.map(
    ({ param, values }) => `${param}:${values.map(inAddress).join(separatorIn(values))}`,
  );
  const query = new URLSearchParams({
    capability: like.capability,
    of: like.of,
    ...data,
    axes: axes.join(";"),
    seeds: like.seeds.join(","),
    ...(Object.keys(like.params).length > 0 && { params: JSON.stringify(like.params) }),
  });
  return `/sweeps/new?${query}`;
}

const inAddress = (value: Value) => (Array.isArray(value) ? value.join(",") : String(value));
const separatorIn = (values: Value[]) => (values.some(Array.isArray) ? "|" : ",");
