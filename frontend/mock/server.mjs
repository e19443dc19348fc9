// Stands in for the backend: the same addresses and shapes, one street, no dependencies.
// /mock/drop?after=60 cuts the next event stream after 60 events; /mock/workers?predict=0 takes the worker away.
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { answerOf, files } from "./answers.mjs";
import { card, models, predictParams, trainParams } from "./catalog.mjs";
import { report } from "./clusters.mjs";
import {
  addJob,
  addUpload,
  events,
  finish,
  jobs,
  listeners,
  predict,
  samples,
  train,
  uploads,
  workers,
} from "./jobs.mjs";
import { isPng, pngSize } from "./png.mjs";
import { street } from "./street.mjs";

const PORT = Number(process.env.PORT ?? 8900);
const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml" };
const SECURITY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'";

let dropAfter = null;

const noParams = { title: "PredictParams", type: "object", additionalProperties: false, properties: {} };
const ofCapability = (name) => ({
  name,
  models: models.filter((model) => model.capability === name),
  samples: samples[name],
  accepts: "image",
  tasks: ["predict"],
  predict_params: noParams,
  train_params: null,
  trains_on: null,
});
const capabilities = () => [
  {
    ...ofCapability("detection"),
    title: "Object detection",
    summary: "Finds things in a picture and draws a box around each.",
    produces: ["boxes"],
    tasks: ["predict", "train"],
    predict_params: predictParams,
    train_params: trainParams,
    paper: "Redmon et al., You Only Look Once, CVPR 2016, arXiv:1506.02640",
    limits: "Small and crowded objects are missed. Six classes only.",
  },
  {
    ...ofCapability("segmentation"),
    title: "Segmentation",
    summary: "Says for each pixel what it belongs to.",
    produces: ["mask"],
    paper: "Chen et al., Rethinking Atrous Convolution, 2017, arXiv:1706.05587",
    limits: "Thin things are lost.",
  },
  {
    ...ofCapability("clustering"),
    title: "Clustering",
    summary: "Finds groups of alike rows in a table.",
    accepts: "table",
    produces: ["scatter-steps"],
    paper: "Lloyd, Least squares quantization in PCM, 1982",
    limits: "Round groups of like size.",
  },
  {
    ...ofCapability("super_resolution"),
    title: "Super-resolution",
    summary: "Enlarges a photograph and restores edges that plain resizing blurs.",
    produces: ["comparison"],
    paper: "Shi et al., CVPR 2016, arXiv:1609.05158",
    limits: "Text and line art come out soft.",
  },
];

function inspection(job) {
  const { counts, words } = answerOf(job);
  const source =
    'def keep(boxes, scores, labels, iou):\n    """Indices of the boxes that survive, strongest first."""\n    return batched_nms(boxes, scores, labels, iou)\n';
  const stages = Object.entries(words).map(([id, [kind, title, explanation]]) => ({
    id,
    kind,
    title,
    explanation,
    count: counts[id] ?? null,
    bytes: 40_000,
    data_url: `/mock/stage/${job.id}/${id}`,
    files: Object.fromEntries(
      ["input.svg", ...Object.keys(files)].map((name) => [name, `/mock/file/${name}`]),
    ),
    code: {
      name: `models.${job.capability}.${id}`,
      file: `models/${job.capability}/${id}.py`,
      line: 12,
      source,
    },
  }));
  return { job_id: job.id, stages };
}

class Problem extends Error {
  constructor(status, title, detail, errors = []) {
    super(detail);
    this.body = { type: "about:blank", title, status, detail, request_id: randomUUID(), errors };
  }
}
const missing = () => new Problem(404, "Not found", "There is nothing at this address.");
const found = (map, id) =>
  map.get(id) ??
  (() => {
    throw missing();
  })();

function readBody(request) {
  return new Promise((resolve) => {
    const parts = [];
    request.on("data", (part) => parts.push(part)).on("end", () => resolve(Buffer.concat(parts)));
  });
}

async function createUpload(request) {
  const bytes = await readBody(request);
  const body = bytes.toString("latin1");
  const name = body.match(/filename="([^"]*)"/)?.[1] ?? "file";
  const type = body.match(/Content-Type: (\S+)/)?.[1] ?? "";
  const start = body.indexOf("\r\n\r\n") + 4;
  const data = bytes.subarray(start, body.lastIndexOf("\r\n--"));
  if (isPng(data)) {
    const { width, height } = pngSize(data);
    return [201, uploads.get(addUpload(name, "image/png", data, width, height))];
  }
  if (!type.startsWith("image/") || !body.includes("<svg"))
    throw new Problem(
      415,
      "Not a kind of file taken",
      "The file is neither an image, a CSV table nor a ZIP archive.",
    );
  return [201, uploads.get(addUpload(name, "image/svg+xml", Buffer.from(street)))];
}

async function createJob(request) {
  const body = JSON.parse((await readBody(request)).toString());
  if (body.params?.max_objects > 250)
    throw new Problem(422, "Invalid", "1 parameter does not fit.", [
      { pointer: "/params/max_objects", detail: "Input should be less than or equal to 250" },
    ]);
  const job = addJob(body);
  if (body.task === "train") train(job);
  else predict(job);
  return [202, job];
}

function stream(job, request, response) {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  response.write("retry: 200\n\n");
  let sent = Number(request.headers["last-event-id"] ?? 0);
  let left = dropAfter ?? Number.POSITIVE_INFINITY;
  dropAfter = null;
  const push = () => {
    const list = events.get(job.id);
    while (sent < list.length) {
      if (left-- <= 0) return response.destroy();
      const { id, name, data } = list[sent++];
      response.write(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
      if (["succeeded", "failed", "canceled"].includes(name)) return response.end();
    }
  };
  const wakes = listeners.get(job.id) ?? new Set();
  listeners.set(job.id, wakes.add(push));
  response.on("close", () => wakes.delete(push));
  push();
}

const page = (items, query) => ({
  items: items.slice(0, Number(query.get("limit") ?? 50)),
  next_cursor: null,
});
const without = ({ data, ...row }) => row;

const routes = [
  [
    "GET",
    /^\/v1\/translations\/(\w+)$/,
    (_, [language]) => [200, { language, texts: { "Object detection": "Objekterkennung" } }],
  ],
  ["GET", /^\/v1\/capabilities$/, () => [200, { items: capabilities() }]],
  [
    "GET",
    /^\/v1\/capabilities\/(\w+)$/,
    (_, [name]) => [200, capabilities().find((one) => one.name === name)],
  ],
  ["POST", /^\/v1\/uploads$/, (request) => createUpload(request)],
  ["GET", /^\/v1\/uploads\/([^/]+)$/, (_, [id]) => [200, without(found(uploads, id))]],
  ["GET", /^\/v1\/uploads\/([^/]+)\/table$/, () => [200, report]],
  ["POST", /^\/v1\/jobs$/, (request) => createJob(request)],
  [
    "GET",
    /^\/v1\/jobs$/,
    (_, __, query) => {
      const wanted = [...jobs.values()]
        .reverse()
        .filter((job) =>
          ["task", "status", "capability"].every((name) => !query.get(name) || job[name] === query.get(name)),
        );
      return [200, page(wanted, query)];
    },
  ],
  ["GET", /^\/v1\/jobs\/([^/]+)$/, (_, [id]) => [200, found(jobs, id)]],
  [
    "POST",
    /^\/v1\/jobs\/([^/]+)\/cancel$/,
    (_, [id]) => {
      const job = found(jobs, id);
      finish(job, "canceled");
      return [200, job];
    },
  ],
  [
    "POST",
    /^\/v1\/jobs\/([^/]+)\/retry$/,
    (_, [id]) => {
      const job = addJob(found(jobs, id));
      (job.task === "train" ? train : predict)(job);
      return [202, job];
    },
  ],
  [
    "DELETE",
    /^\/v1\/jobs\/([^/]+)$/,
    (_, [id]) => {
      found(jobs, id);
      jobs.delete(id);
      return [204];
    },
  ],
  ["GET", /^\/v1\/jobs\/([^/]+)\/inspection$/, (_, [id]) => [200, inspection(found(jobs, id))]],
  [
    "GET",
    /^\/mock\/stage\/([^/]+)\/(\w+)$/,
    (_, [id, stage]) => [200, answerOf(found(jobs, id)).stages[stage]],
  ],
  ["GET", /^\/v1\/models$/, () => [200, { items: models }]],
  [
    "GET",
    /^\/v1\/models\/([^/]+)$/,
    (_, [name]) => [200, { items: models.filter((model) => model.name === name) }],
  ],
  [
    "PUT",
    /^\/v1\/models\/([^/]+)\/default$/,
    (_, [name]) => {
      for (const model of models) model.is_default = model.name === name;
      return [200, {}];
    },
  ],
  ["GET", /^\/v1\/session$/, () => [200, { key_needed: false, signed_in: true }]],
  [
    "GET",
    /^\/readyz$/,
    () => [
      workers.predict ? 200 : 503,
      {
        ready: workers.predict > 0,
        parts: [{ name: "worker:predict", ready: workers.predict > 0, detail: "" }],
      },
    ],
  ],
  [
    "GET",
    /^\/mock\/drop$/,
    (_, __, query) => {
      dropAfter = Number(query.get("after"));
      return [200, {}];
    },
  ],
  [
    "GET",
    /^\/mock\/workers$/,
    (_, __, query) => {
      workers.predict = Number(query.get("predict"));
      return [200, workers];
    },
  ],
];

const letterboxed = street
  .replace(
    'width="800" height="560" viewBox="0 0 800 560"',
    'width="224" height="224" viewBox="0 -120 800 800"',
  )
  .replace("<defs>", '<rect y="-120" width="800" height="800" fill="#727272"/><defs>');

function raw(path, response) {
  const send = (type, data, headers = {}) =>
    response.writeHead(200, { "Content-Type": type, ...headers }).end(data);
  const content = path.match(/^\/v1\/uploads\/([^/]+)\/content$/);
  if (content) {
    const { media_type, data } = found(uploads, content[1]);
    return send(media_type, data);
  }
  if (path === "/mock/file/input.svg") return send("image/svg+xml", letterboxed);
  const file = path.match(/^\/mock\/file\/(.+\.png)$/);
  if (file) return send("image/png", files[file[1]]);
  if (/^\/v1\/models\/[^/]+\/card$/.test(path)) return send("text/markdown", card);
  if (path.startsWith("/v1/") || path.startsWith("/mock/")) throw missing();
  const asset = join(DIST, normalize(path));
  const isFile = extname(path) !== "" && existsSync(asset);
  send(
    TYPES[isFile ? extname(path) : ".html"] ?? "application/octet-stream",
    readFileSync(isFile ? asset : join(DIST, "index.html")),
    { "Content-Security-Policy": SECURITY },
  );
}

async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, "http://mock");
  try {
    const events = pathname.match(/^\/v1\/jobs\/([^/]+)\/events$/);
    if (events) return stream(found(jobs, events[1]), request, response);
    for (const [method, pattern, act] of routes) {
      const match = method === request.method && pathname.match(pattern);
      if (!match) continue;
      const [status, body] = await act(request, match.slice(1).map(decodeURIComponent), searchParams);
      return response
        .writeHead(status, { "Content-Type": "application/json" })
        .end(
          body === undefined
            ? ""
            : JSON.stringify(body, (key, value) => (key === "data" ? undefined : value)),
        );
    }
    raw(pathname, response);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    response
      .writeHead(error.body.status, { "Content-Type": "application/problem+json" })
      .end(JSON.stringify(error.body));
  }
}

createServer(answer).listen(PORT, "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}`));
