import { beforeAll, expect, test, vi } from "vitest";
import { ApiError } from "../../api/client";
import { chooseLanguage, label } from "../../i18n";
import { errorText, fieldErrors, problemTitle } from "./problem-texts";

const TEXTS = {
  "core.problems.invalid": "Ungültige Angaben",
  "core.fields.greater_than": "Der Wert muss größer als {gt} sein",
  "core.outages.redis": "Redis ist nicht erreichbar.",
};

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: {} });
  vi.stubGlobal("fetch", async () => Response.json({ language: "de", texts: TEXTS }));
  await chooseLanguage("de");
  await vi.waitFor(() => expect(label("core.problems.invalid", "").text).toBe("Ungültige Angaben"));
});

test("title, detail and field errors are in the reader's language, and in English without a translation", () => {
  const part = (id: string, values = {}) => [{ id, values }];
  const error = new ApiError(422, {
    title: "Invalid request",
    title_message: part("core.problems.invalid"),
    detail: "Redis is unreachable.",
    detail_message: part("core.outages.redis"),
    errors: [
      {
        pointer: "/params/C",
        detail: "Input should be greater than 0",
        detail_message: part("core.fields.greater_than", { gt: 0 }),
      },
      { pointer: "/params/layers/1", detail: "should be a valid integer", detail_message: [] },
      { pointer: "/upload_id", detail: "is needed", detail_message: part("core.fields.unknown") },
    ],
  });

  expect(problemTitle(error)).toBe("Ungültige Angaben");
  expect(errorText(error)).toBe("Redis ist nicht erreichbar.");
  expect(fieldErrors(error)).toEqual({
    C: "Der Wert muss größer als 0 sein",
    layers: "should be a valid integer",
    upload_id: "is needed",
  });
});
