import { useEffect, useRef } from "preact/hooks";
import { api } from "../api/client";
import { type Resource, useResource } from "../api/resource";
import type { TableReport } from "../api/types";
import type { Translation } from "../i18n";
import { fieldsOf, readingOf, typesIn, type Value, type Values } from "./schema";
import { choiceText, fieldText } from "./texts";

/** A table, read with the options of the form. */
export interface ReadTable extends Resource<TableReport> {
  types: Record<string, string>; // of the columns whose type is not guessed
  setTypes: ((types: Value) => void) | null; // null: the capability has no such option
  correct: ((options: Values) => void) | null; // read it in another way
  nameOf: (option: string) => { title: Translation; choice: (value: Value) => string }; // for a reader
}

/** The report of an upload, loaded again when the read options change. */
export function useTable(
  uploadId: string | null,
  schema: Record<string, unknown>,
  values: Values,
  onChange: (values: Values) => void,
  textsOf = "",
): ReadTable {
  const { types: name, options } = readingOf(schema, values);
  const text = Object.keys(options).length > 0 ? JSON.stringify(options) : "";
  const table = useResource(uploadId && `${uploadId} ${text}`, (signal) =>
    api.table(uploadId ?? "", text, signal),
  );
  // the last report stays until the next one is loaded, so that its controls keep the focus
  const last = useRef<{ id: string | null; data: TableReport | null }>({ id: null, data: null });
  if (table.data || last.current.id !== uploadId) last.current = { id: uploadId, data: table.data };
  const types = typesIn(values[name]);
  const fields = fieldsOf(schema);
  const correct = (next: Values) => {
    const known = Object.entries(next).filter(([option]) => fields.some((field) => field.name === option));
    const merged = known.map(([option, value]) => [
      option,
      option === name ? { ...types, ...typesIn(value) } : value,
    ]);
    onChange({ ...values, ...Object.fromEntries(merged) });
  };
  const nameOf = (option: string) => {
    const field = fields.find((one) => one.name === option);
    const unknown: Translation = { text: option, lang: "en" };
    return {
      title: field ? fieldText(textsOf, field, "title") : unknown,
      choice: (value: Value) => (field ? choiceText(textsOf, field, String(value)) : String(value)),
    };
  };
  const setTypes = (next: Value) => onChange({ ...values, [name]: next });
  const names = new Set(table.data?.columns.map((column) => column.name));
  const strange = table.data ? Object.keys(types).filter((one) => !names.has(one)) : [];
  useEffect(() => {
    // another table, or other cells: the types of columns that no longer exist are removed
    if (strange.length > 0)
      setTypes(Object.fromEntries(Object.entries(types).filter(([one]) => names.has(one))));
  }, [strange.join()]);
  const can = name !== "";
  return {
    ...table,
    data: table.error ? null : last.current.data,
    types,
    setTypes: can ? setTypes : null,
    correct: can ? correct : null,
    nameOf,
  };
}
