import type { Input, MediaKind } from "../api/types";

export interface Call {
  origin: string;
  capability: string;
  /** A form field for each input, with what the reader's own file is called; none: the body is JSON. */
  files: { field: string; name: string }[];
  model: string | null;
  params: Record<string, unknown>;
  needsKey?: boolean; // the server has API keys
}

export const LANGUAGES = ["curl", "Python", "JavaScript"] as const;
export type SnippetLanguage = (typeof LANGUAGES)[number];

const DRAWN = "drawing.png"; // its exact colors would not survive a JPEG
const USUAL_NAMES: Record<MediaKind, string> = {
  image: "picture.jpg",
  table: "table.csv",
  archive: "photos.zip",
};

/** The form fields of these inputs; `names` are those of the reader's files, as far as there are any. */
export function fileFields(inputs: Input[], names: Readonly<Record<string, string>> = {}): Call["files"] {
  const isOnly = inputs.length === 1;
  const usualName = ({ name, kind, sketch }: Input) => {
    const usual = sketch ? DRAWN : USUAL_NAMES[kind];
    return isOnly ? usual : `${name}${usual.slice(usual.lastIndexOf("."))}`;
  };
  return inputs
    .filter(({ name, required }) => required || name in names)
    .map((input) => ({
      field: isOnly ? "file" : input.name,
      name: names[input.name] || usualName(input),
    }));
}

/** A program that sends this request to the public API. */
export function snippet(language: SnippetLanguage, call: Call): string {
  return { curl, Python: python, JavaScript: javascript }[language](call);
}

const KEY = "GLASSBOX_API_KEY"; // of the environment: a key does not belong in a program

const address = ({ origin, capability }: Call): string => `${origin}/v1/predict/${capability}`;
/** For a shell: the text between single quotes, a quote itself written as '\''. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const body = ({ params, model }: Call) => ({ params, ...(model && { model }) });

function curl(call: Call): string {
  const lines = [`curl -s ${address(call)}`];
  if (call.needsKey) lines.push(`-H "Authorization: Bearer $${KEY}"`);
  if (call.files.length === 0)
    lines.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body(call)))}`);
  else {
    for (const { field, name } of call.files) lines.push(`-F ${quoted(`${field}=@${name}`)}`);
    if (Object.keys(call.params).length > 0)
      lines.push(`-F ${quoted(`params=${JSON.stringify(call.params)}`)}`);
    if (call.model) lines.push(`-F ${quoted(`model=${call.model}`)}`);
  }
  return lines.join(" \\\n  ");
}

function python(call: Call): string {
  const isForm = call.files.length > 0;
  const imports = [...(isForm ? ["json"] : []), ...(call.needsKey ? ["os"] : [])];
  const key = call.needsKey ? [`headers={"Authorization": f"Bearer {os.environ['${KEY}']}"},`] : [];
  const form = [`"params": json.dumps(${pythonValue(call.params)})`];
  if (call.model) form.push(`"model": ${JSON.stringify(call.model)}`);
  const [only, ...others] = call.files;
  const opened = ({ name }: { name: string }) => `open(${JSON.stringify(name)}, "rb")`;
  const files = others.length
    ? call.files.map((file) => `${JSON.stringify(file.field)}: ${opened(file)}`).join(", ")
    : only && `${JSON.stringify(only.field)}: file`;
  const content = isForm
    ? [`files={${files}},`, `data={${form.join(", ")}},`]
    : [`json=${pythonValue(body(call))},`];
  const request = [
    "response = requests.post(",
    ...[`${JSON.stringify(address(call))},`, ...key, ...content].map((line) => `    ${line}`),
    ")",
  ];
  const isOpened = call.files.length === 1;
  return `${[
    ...imports.map((name) => `import ${name}`),
    ...(imports.length > 0 ? [""] : []),
    "import requests",
    "",
    ...(isOpened ? [`with ${opened(only)} as file:`, ...request.map((line) => `    ${line}`)] : request),
    "response.raise_for_status()",
    'print(response.json()["result"])',
  ].join("\n")}`;
}

function pythonValue(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(pythonValue).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([name, inner]) => `${JSON.stringify(name)}: ${pythonValue(inner)}`)
    .join(", ")}}`;
}

function javascript(call: Call): string {
  const isForm = call.files.length > 0;
  const headers = [
    ...(isForm ? [] : [`"Content-Type": "application/json"`]),
    ...(call.needsKey ? [`Authorization: \`Bearer \${process.env.${KEY}}\``] : []),
  ];
  const form = [
    "const form = new FormData();",
    ...call.files.map(({ field }, index) => {
      const file = call.files.length > 1 ? field : "file";
      const note = index === 0 ? ' // a File or Blob, as from <input type="file">' : "";
      return `form.append(${JSON.stringify(field)}, ${file});${note}`;
    }),
    `form.append("params", JSON.stringify(${JSON.stringify(call.params)}));`,
    ...(call.model ? [`form.append("model", ${JSON.stringify(call.model)});`] : []),
    "",
  ];
  return [
    ...(isForm ? form : []),
    `const response = await fetch(${JSON.stringify(address(call))}, {`,
    `  method: "POST",`,
    ...(headers.length > 0 ? [`  headers: { ${headers.join(", ")} },`] : []),
    `  body: ${isForm ? "form" : `JSON.stringify(${JSON.stringify(body(call))})`},`,
    "});",
    "if (!response.ok) throw new Error((await response.json()).detail);",
    "const { result } = await response.json();",
  ].join("\n");
}
