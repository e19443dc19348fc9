import type { ApiError } from "../../api/client";
import { message, t } from "../../i18n";

/** What went wrong, in a few words. */
export function problemTitle({ status, problem }: ApiError): string {
  if (status === 0) return t("error.unreachable");
  if (status === 404) return t("error.gone");
  if (status === 429) return t("error.busy");
  return problem.title ? message(problem.title_message, problem.title).text : t("error.failed");
}

/** Why, and when to try again. */
export function errorText({ status, problem, retryAfter }: ApiError): string {
  if (status === 0) return t("error.unreachableHint");
  if (status === 404) return t("error.goneHint");
  const wait = retryAfter ? ` ${t("error.retryAfter", { n: retryAfter })}` : "";
  return `${message(problem.detail_message, problem.detail ?? "").text}${wait}`;
}

/** The server's errors by field name: `/params/score` belongs to `score`, `/params/layers/1` to `layers`. */
export function fieldErrors({ problem }: ApiError): Record<string, string> {
  const entries = problem.errors?.map(({ pointer, detail, detail_message }) => {
    const [, first, ...rest] = pointer.split("/");
    const field = first === "params" && rest.length > 0 ? rest[0] : (rest.at(-1) ?? first);
    return [field, message(detail_message, detail).text];
  });
  return Object.fromEntries(entries ?? []);
}
