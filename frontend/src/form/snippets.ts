export interface Call {
  origin: string;
  capability: string;
  file: string; // what the reader's own file is called
  model: string | null;
  params: Record<string, unknown>;
  needsKey?: boolean; // the server has API keys
}

export const LANGUAGES = ["curl", "Python", "JavaScript"] as const;
export type SnippetLanguage = (typeof LANGUAGES)[number];

/** A program that asks the same public endpoint the same thing. */
export function snippet(language: SnippetLanguage, call: Call): string {
  return { curl, Python: python, JavaScript: javascript }[language](call);
}

const KEY = "GLASSBOX_API_KEY"; // of the environment: a key does not belong in a program

const address = ({ origin, capability }: Call): string => `${origin}/v1/predict/${capability}`;
/** For a shell: the text between single quotes, a quote itself written as '\''. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function curl(call: Call): string {
  const lines = [`curl -s ${address(call)}`];
  if (call.needsKey) lines.push(`-H "Authorization: Bearer $${KEY}"`);
  lines.push(`-F ${quoted(`file=@${call.file}`)}`);
  if (Object.keys(call.params).length > 0)
    lines.push(`-F ${quoted(`params=${JSON.stringify(call.params)}`)}`);
  if (call.model) lines.push(`-F ${quoted(`model=${call.model}`)}`);
  return lines.join(" \\\n  ");
}

function python(call: Call): string {
  const data = [`"params": json.dumps(${pythonValue(call.params)})`];
  if (call.model) data.push(`"model": ${JSON.stringify(call.model)}`);
  const key = call.needsKey ? `\n        headers={"Authorization": f"Bearer {os.environ['${KEY}']}"},` : "";
  return `import json${call.needsKey ? "\nimport os" : ""}

import requests

with open(${JSON.stringify(call.file)}, "rb") as file:
    response = requests.post(
        ${JSON.stringify(address(call))},${key}
        files={"file": file},
        data={${data.join(", ")}},
    )
response.raise_for_status()
print(response.json()["result"])`;
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
  const key = call.needsKey ? `\n  headers: { Authorization: \`Bearer \${process.env.${KEY}}\` },` : "";
  const model = call.model ? `\nform.append("model", ${JSON.stringify(call.model)});` : "";
  return `const form = new FormData();
form.append("file", file); // a File or Blob, as from <input type="file">
form.append("params", JSON.stringify(${JSON.stringify(call.params)}));${model}

const response = await fetch(${JSON.stringify(address(call))}, {
  method: "POST",${key}
  body: form,
});
if (!response.ok) throw new Error((await response.json()).detail);
const { result } = await response.json();`;
}
