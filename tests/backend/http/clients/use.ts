// Uses the generated types with fetch: predictions, pages of jobs, the picture. Prints what it got as JSON.
import { readFileSync } from "node:fs";
import type { components, operations } from "./schema";

type Schemas = components["schemas"];
type Answer<Name extends keyof operations> = operations[Name] extends {
  responses: { 200: { content: { "application/json": infer Body } } };
}
  ? Body
  : never;
type Query<Name extends keyof operations> = operations[Name]["parameters"]["query"];
type Form<Name extends keyof operations> = operations[Name] extends {
  requestBody?: { content: { "multipart/form-data": infer Body } };
}
  ? Body
  : never;

const [server, picture, table] = process.argv.slice(2);

async function ask(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server}${path}`, { method, ...init });
}

/** A form as the document describes it: files are sent as they are, objects as JSON. */
function form(fields: Record<string, unknown>, files: Record<string, string>): FormData {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    body.append(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  for (const [name, path] of Object.entries(files)) {
    body.append(name, new Blob([readFileSync(path)]), path.split("/").pop());
  }
  return body;
}

const detection: Omit<Form<"predict_detection">, "image"> = { params: { score: 0.5 } };
const body = form(detection, { image: picture });
const headers = { "Idempotency-Key": "typescript-1" };
const job: Answer<"predict_detection"> = await (
  await ask("POST", "/v1/predict/detection", { body, headers })
).json();

const clustering: Omit<Form<"predict_clustering">, "table"> = { params: { n_clusters: 3 } };
const rows: Schemas["ClusteringJob"] = await (
  await ask("POST", "/v1/predict/clustering", { body: form(clustering, { table }) })
).json();

const names: string[] = [];
let query: Query<"list_jobs"> = { limit: 2 };
for (;;) {
  const page: Schemas["JobList"] = await (
    await ask("GET", `/v1/jobs?${new URLSearchParams(Object.entries(query ?? {}).map(([k, v]) => [k, String(v)]))}`)
  ).json();
  names.push(...page.items.map((each) => each.name));
  if (page.next_cursor === null) break;
  query = { ...query, cursor: page.next_cursor };
}

const drawn = await ask("POST", "/v1/predict/detection/picture", { body: form({}, { image: picture }) });
const signature = Buffer.from(await drawn.arrayBuffer()).subarray(0, 8).toString("hex");

console.log(
  JSON.stringify({
    objects: job.result?.objects.map((found) => found.label),
    scores: job.result?.objects.map((found) => found.score),
    clusters: rows.result?.clusters.map((cluster) => cluster.size),
    labels: rows.result?.labels.length,
    names,
    picture: signature,
  }),
);
