import { Upload } from "lucide";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { api, type UploadLimits } from "../api/client";
import type { MediaKind } from "../api/types";
import { Icon } from "../components/controls/icon";
import { formatBytes, type Key, t } from "../i18n";

interface Taken {
  types: string[];
  names: string;
}

const TAKEN: Record<MediaKind, Taken> = {
  image: {
    types: [
      "image/png",
      "image/jpeg",
      "image/webp",
      "image/heic",
      "image/heif",
      "image/avif",
      "image/gif",
      "image/bmp",
      "image/tiff",
      "image/x-portable-anymap",
      "image/x-portable-bitmap",
      "image/x-portable-graymap",
      "image/x-portable-pixmap",
    ],
    names: "PNG, JPEG, WebP, HEIC, AVIF, GIF, BMP, TIFF, PNM",
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

const SORTS: [RegExp, Key][] = [
  [/^application\/pdf$/, "drop.pdf"],
  [/json$/, "drop.json"],
  [/spreadsheet|excel/, "drop.workbook"],
  [/wordprocessing|msword|opendocument\.text/, "drop.document"],
  [/zip|compressed|x-tar/, "drop.archive"],
  [/^text\//, "drop.text"],
  [/^image\//, "drop.image"],
  [/^video\//, "drop.video"],
  [/^audio\//, "drop.audio"],
];

/** What a file is, in words: "a PDF document". */
const sortOf = (type: string): string => {
  const key = SORTS.find(([pattern]) => pattern.test(type))?.[1];
  return key ? t(key, { type }) : t("drop.other", { type });
};

interface FileDropProps {
  accepts: MediaKind | MediaKind[];
  /** Takes one file: of several the first. */
  isSingle?: boolean;
  /** What it is for, where there are several: each then takes only what is dropped or pasted on itself. */
  purpose?: string;
  isBusy: boolean;
  error: string | null;
  /** All that was chosen at once, and of what came with it what this does not take. */
  onFiles: (files: File[], refused: { name: string; problem: string }[]) => void;
  onRefuse: (reason: string) => void;
  /** The files of a drop, where folders are taken too. */
  read?: (dropped: DataTransfer) => Promise<File[]>;
}

const isArchive = ({ name, type }: File): boolean =>
  TAKEN.archive.types.includes(type) || name.toLowerCase().endsWith(".zip");

/** Why a file is not even sent; null: it is. A file without a type is left for the server to look at. */
function problemOf(file: File, taken: Taken, limits: UploadLimits | null): string | null {
  const { name, type, size } = file;
  const limit = (isArchive(file) ? limits?.archive : limits?.other) ?? Number.POSITIVE_INFINITY;
  if (type && !taken.types.includes(type))
    return t("drop.wrongType", { name, sort: sortOf(type), taken: taken.names });
  if (size > limit) return t("drop.tooLarge", { name, size: formatBytes(size), limit: formatBytes(limit) });
  return size === 0 ? t("drop.empty", { name }) : null;
}

/** Choose, drop anywhere on the page, or paste. */
export function FileDrop(props: FileDropProps) {
  const { accepts, isSingle = false, purpose, isBusy, error } = props;
  const id = useId();
  const [isOver, setOver] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props; // the page may have changed since a file was dropped
  const [isWaiting, setWaiting] = useState(false); // for the server's limit
  const isTaking = useRef(false); // as `isWaiting`, at once
  const kinds = [accepts].flat().map((kind) => TAKEN[kind]);
  const taken: Taken = {
    types: kinds.flatMap(({ types }) => types),
    names: kinds.map(({ names }) => names).join(", "),
  };
  useEffect(() => {
    void api.uploadLimits(); // known before a file comes
  }, []);

  const limitsNow = async (): Promise<UploadLimits | null> => {
    isTaking.current = true;
    setWaiting(true);
    const limits = await api.uploadLimits();
    isTaking.current = false;
    setWaiting(false);
    return limits;
  };

  const take = async (list: Iterable<File> | null | undefined) => {
    const files = [...(list ?? [])].slice(0, isSingle ? 1 : undefined);
    if (files.length === 0 || latest.current.isBusy || isTaking.current) return;
    const refusedAbove = (limits: UploadLimits | null) =>
      files.flatMap((file) => {
        const problem = problemOf(file, taken, limits);
        return problem ? { file, name: file.name, problem } : [];
      });
    let refused = refusedAbove(null);
    if (refused.length < files.length) {
      refused = refusedAbove(await limitsNow());
      if (!place.current || latest.current.isBusy) return; // the page was left, or another file was first
    }
    const { onFiles, onRefuse } = latest.current;
    if (refused.length === files.length) onRefuse(refused.map(({ problem }) => problem).join(" "));
    else
      onFiles(
        files.filter((file) => !refused.some((one) => one.file === file)),
        refused.map(({ name, problem }) => ({ name, problem })),
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
      const dropped = event.dataTransfer;
      if (!dropped || !isMeant(event)) return;
      if (latest.current.read) void latest.current.read(dropped).then(take);
      else take(dropped.files);
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
        disabled={isBusy || isWaiting}
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
      {isWaiting && (
        <p class="hint" role="status">
          {t("drop.waiting")}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} class="error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
