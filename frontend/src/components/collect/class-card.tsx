import { Camera as CameraIcon, FolderOpen, Trash2, X } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../../api/client";
import { t } from "../../i18n";
import { ConfirmButton } from "../controls/confirm-button";
import { Icon, Swatch } from "../controls/icon";
import { Rename } from "../controls/rename";
import { Thumbnail } from "../pictures/thumbnail";
import type { Camera } from "./camera";
import type { Collection } from "./collection";

const FRAMES_PER_SECOND = 6;
const SHOWN = 24; // of the newest pictures

interface ClassCardProps {
  collection: Collection;
  camera: Camera;
  name: string;
  color: string;
}

/** One class: its name, its pictures, and the ways to add some. */
export function ClassCard({ collection, camera, name, color }: ClassCardProps) {
  const [isAll, showAll] = useState(false);
  const own = collection.pictures.value.filter(({ label }) => label === name);
  const shown = isAll ? own : own.slice(-SHOWN);
  return (
    <li class="card collect-class">
      <header class="with-rename">
        <Swatch color={color} />
        <h3>{name}</h3>
        <Rename value={name} onRename={(to) => collection.renameClass(name, to)} />
        <ConfirmButton
          title={t("collect.removeClass", { name })}
          icon={Trash2}
          isHarmless={own.length === 0}
          onConfirm={() => collection.removeClass(name)}
        />
      </header>
      <p class="hint">{t("collect.count", { n: own.length })}</p>
      <div class="actions">
        {camera.stream.value && <RecordButton collection={collection} camera={camera} name={name} />}
        <FilesButton
          name={name}
          onFiles={(files) => {
            for (const file of files) collection.add(file, name);
          }}
        />
      </div>
      <ul class="plain-list collect-pictures">
        {shown.map(({ id, uploadId, features }) => (
          <li key={id} class={features ? "" : "is-waiting"}>
            <Thumbnail url={api.thumbnailUrl(uploadId)} whole={api.uploadPictureUrl(uploadId)} />
            <button
              type="button"
              class="tool is-bare"
              aria-label={t("collect.removePicture")}
              onClick={() => void collection.remove(id)}
            >
              <Icon of={X} size={14} />
            </button>
          </li>
        ))}
      </ul>
      {own.length > SHOWN && (
        <button type="button" class="button is-quiet is-small" onClick={() => showAll(!isAll)}>
          {isAll ? t("collect.fewer") : t("collect.all", { n: own.length })}
        </button>
      )}
    </li>
  );
}

/** Records as long as it is held, by the pointer or by Space or Enter. */
function RecordButton({ collection, camera, name }: Omit<ClassCardProps, "color">) {
  const [isHeld, hold] = useState(false);
  useEffect(() => {
    if (!isHeld) return;
    const start = Date.now();
    let number = 0;
    const record = async () => {
      const frame = await camera.frame(`${name}-${start}-${number++}.jpg`);
      if (frame) collection.add(frame, name, `recording ${start}`);
    };
    void record();
    const timer = setInterval(record, 1000 / FRAMES_PER_SECOND);
    const release = () => hold(false);
    addEventListener("pointerup", release);
    addEventListener("pointercancel", release);
    addEventListener("blur", release);
    return () => {
      clearInterval(timer);
      removeEventListener("pointerup", release);
      removeEventListener("pointercancel", release);
      removeEventListener("blur", release);
    };
  }, [isHeld]);
  const isKey = ({ key }: KeyboardEvent) => key === " " || key === "Enter";
  return (
    <button
      type="button"
      class={`button is-primary${isHeld ? " is-recording" : ""}`}
      aria-pressed={isHeld}
      onPointerDown={(event) => {
        event.preventDefault(); // no selection, no scrolling by a finger that rests
        event.currentTarget.focus();
        hold(true);
      }}
      onKeyDown={(event) => {
        if (!isKey(event)) return;
        event.preventDefault();
        hold(true);
      }}
      onKeyUp={(event) => isKey(event) && hold(false)}
      onBlur={() => hold(false)}
      onContextMenu={(event) => event.preventDefault()} // of a long touch
    >
      <Icon of={CameraIcon} />
      {t(isHeld ? "collect.recording" : "collect.record")}
    </button>
  );
}

function FilesButton({ name, onFiles }: { name: string; onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        multiple
        accept="image/*"
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = ""; // the same files can be chosen again
        }}
      />
      <button type="button" class="button" onClick={() => input.current?.click()}>
        <Icon of={FolderOpen} />
        {t("collect.files")}
        <span class="visually-hidden">: {name}</span>
      </button>
    </>
  );
}
