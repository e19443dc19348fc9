import type { Plural, Translated } from "../message";

/** Many files at once: loaded with the page of a batch. */
export const messages = {
  "batch.title": "Batch: {name}",
  "batch.left": { one: "{n} file left", other: "{n} files left" },
  "batch.done": { one: "{n} done", other: "{n} done" },
  "batch.refused": { one: "{n} rejected", other: "{n} rejected" },
  "batch.failed": { one: "{n} failed", other: "{n} failed" },
  "batch.canceled": { one: "{n} canceled", other: "{n} canceled" },
  "batch.paused": {
    one: "The queue is full. Continuing in {n} second.",
    other: "The queue is full. Continuing in {n} seconds.",
  },
  "batch.stay": "Keep this tab open until all files are uploaded.",
  "batch.files": "Files",
  "batch.waiting": "Not uploaded yet",
  "batch.sending": "Uploading…",
  "batch.stateRefused": "Rejected",
  "batch.notSent": "Not uploaded: the batch was canceled.",
  "batch.tooMany": "A batch can have at most {n} files.",
  "batch.cancelAll": "Cancel all",
  "batch.zip": { one: "ZIP of {n} result", other: "ZIP of {n} results" },
  "batch.zipping": "{n} of {total} added to the ZIP",
  "batch.zipLarge": "The results exceed the 4 GB limit of a ZIP file. Download them individually.",
  "batch.empty": "This batch is empty.",
  "batch.more": "Add files",
  "batch.open": "Open the result for {name}",
  "batch.again": "Retry {name}",
} satisfies Record<string, string | Plural>;

export type BatchMessages = Translated<typeof messages>;
