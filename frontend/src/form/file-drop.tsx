import { Upload } from "lucide";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { MediaKind } from "../api/types";
import { Icon } from "../components/controls/icon";
import { t } from "../i18n";

const TAKEN: Record<MediaKind, { types: string[]; names: string }> = {
  image: {
    types: ["image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff"],
    names: "PNG, JPEG, WebP, GIF, BMP, TIFF",
  },
  table: {
    types: [
      "text/csv",
      "text/tab-separated-values",
      "text/plain",
      "application/vnd.ms-excel",
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
      "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
      "application/vnd.oasis.opendocument.spreadsheet",
    ],
    names: "CSV, Excel, OpenDocument",
  },
  archive: { types: ["application/zip", "application/x-zip-compressed"], names: "ZIP" },
};

interface FileDropProps {
  accepts: MediaKind;
  /** Takes one file: of several the first. */
  isSingle?: boolean;
  /** What it is for, where there are several: each then takes only what is dropped or pasted on itself. */
  purpose?: string;
  isBusy: boolean;
  error: string | null;
  /** All that was chosen at once, and of what came with it what this does not take. */
  onFiles: (files: File[], refused: { name: string; problem: string }[]) => void;
  onRefuse: (reason: string) => void;
}

/** Choose, drop anywhere on the page, or paste. */
export function FileDrop(props: FileDropProps) {
  const { accepts, isSingle = false, purpose, isBusy, error, onFiles, onRefuse } = props;
  const id = useId();
  const [isOver, setOver] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const taken = TAKEN[accepts];

  const take = (list: FileList | null | undefined) => {
    const files = [...(list ?? [])].slice(0, isSingle ? 1 : undefined);
    if (files.length === 0 || isBusy) return;
    // a file without a type is left for the server to look at
    const isWrong = (file: File) => Boolean(file.type && !taken.types.includes(file.type));
    const refused = files.filter(isWrong).map(({ name, type }) => ({
      name,
      problem: t("drop.wrongType", { name, type, taken: taken.names }),
    }));
    if (refused.length === files.length) onRefuse(refused.map(({ problem }) => problem).join(" "));
    else
      onFiles(
        files.filter((file) => !isWrong(file)),
        refused,
      );
  };

  useEffect(() => {
    const isMeant = (event: Event) => !purpose || place.current?.contains(event.target as Node);
    const paste = (event: ClipboardEvent) => {
      if (isMeant(event)) take(event.clipboardData?.files);
    };
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files");
    const over = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault(); // elsewhere on the page too: the browser would open the file in place of the page
      setOver(Boolean(isMeant(event)));
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(false);
      if (isMeant(event)) take(event.dataTransfer?.files);
    };
    addEventListener("paste", paste);
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("paste", paste);
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  });

  return (
    <div ref={place} class="drop">
      <input
        id={id}
        class="visually-hidden"
        type="file"
        multiple={!isSingle}
        accept={taken.types.join(",")}
        disabled={isBusy}
        aria-describedby={error ? `${id}-error` : undefined}
        aria-invalid={error ? true : undefined}
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = ""; // the same file can be chosen again
        }}
      />
      <label for={id} class={`drop-zone${isOver ? " is-over" : ""}`}>
        <Icon of={Upload} size={20} />
        <span>
          {purpose && <span class="visually-hidden">{purpose}: </span>}
          <strong>
            {isSingle
              ? t("drop.chooseOne", { taken: taken.names })
              : t(accepts === "table" ? "drop.chooseTable" : "drop.chooseImage")}
          </strong>{" "}
          {t(isSingle ? "drop.orOne" : "drop.or")}
        </span>
      </label>
      {error && (
        <p id={`${id}-error`} class="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
