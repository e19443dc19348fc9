import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { part } from "../../api/parts";
import type { Job } from "../../api/types";
import { type Key, t } from "../../i18n";
import { Comparison } from "../../stages/pictures/comparison";
import type { ComparedPicture, ComparisonData } from "../../stages/shapes";
import { LinkedZoom, type Place } from "../pictures/picture";
import type { PictureSource } from "../pictures/source";
import { Answer, useAnswerContext } from "../results/answer";
import { useBox } from "../results/use-box";
import { View } from "../workbench/view";
import { haveSameInputs, type Item, legendOf, titleOf } from "./items";

/** An answer that is a picture, as the slider takes it. */
interface AnswerPicture {
  name: string;
  url: string;
  width: number;
  height: number;
  alt: string;
}

/** The answers of several jobs: pictures over each other, and all of them side by side. */
export function Answers({ items }: { items: Item[] }) {
  const [pictures, setPictures] = useState<Record<string, AnswerPicture | null>>({});
  const zoom = useSignal<Place>({ scale: 1, x: 0, y: 0 });
  const jobs = items.flatMap(({ job }) => job ?? []);
  const drawn = items.flatMap(({ key }) => pictures[key] ?? []);
  const isSame = haveSameInputs(jobs);
  return (
    <>
      {isSame && drawn.length > 1 && drawn.length === items.length && <Over pictures={drawn} />}
      <section class="card" aria-labelledby="versus-answers">
        <header class="card-head">
          <h2 id="versus-answers">{t("comparison.answers")}</h2>
          <p class="hint">
            {t(isSame ? "comparison.sameInputs" : "comparison.otherInputs")} {t("comparison.zoomed")}
          </p>
        </header>
        <LinkedZoom.Provider value={zoom}>
          <div class="versus-columns">
            {items.map((item) => (
              <OneAnswer
                key={item.key}
                item={item}
                onPicture={(picture) => setPictures((all) => ({ ...all, [item.key]: picture }))}
              />
            ))}
          </div>
        </LinkedZoom.Provider>
      </section>
    </>
  );
}

/** Pictures of one scene: with a divider between two of them, or two side by side. */
function Over({ pictures }: { pictures: AnswerPicture[] }) {
  const view = useMemo(() => new View(), []);
  const [{ width, height }] = pictures;
  const data: ComparisonData = {
    width,
    height,
    pictures: pictures.map(({ name, url, ...size }): ComparedPicture => ({ name, file: url, ...size })),
    left: 0,
    right: 1,
  };
  return (
    <section class="card" aria-labelledby="versus-over">
      <h2 id="versus-over">{t("comparison.pictures")}</h2>
      <Comparison
        data={data}
        files={Object.fromEntries(pictures.map(({ url }) => [url, url]))}
        picture={null}
        input={null}
        view={view}
        part="sample"
      />
    </section>
  );
}

interface OneAnswerProps {
  item: Item;
  onPicture: (picture: AnswerPicture | null) => void;
}

function OneAnswer({ item, onPicture }: OneAnswerProps) {
  const { job } = item;
  const { box } = useBox(job, false);
  const context = useAnswerContext(job, box);
  const view = useMemo(() => new View(), [item.key]);
  useEffect(() => {
    if (job?.status === "succeeded" && context.uploads.data !== null)
      void pictureOf(job, context.picture, legendOf(item)).then(onPicture);
  }, [job?.status, context.uploads.data]);
  return (
    <div class="versus-column">
      <h3>
        <b class="versus-letter">{item.letter}</b> {titleOf(item)}
      </h3>
      {job?.status === "succeeded" ? (
        <Answer job={job} context={context} view={view} part="sample" />
      ) : (
        <p class="empty">
          {t("comparison.unfinished", { status: t(`status.${job?.status ?? "failed"}` as Key) })}
        </p>
      )}
    </div>
  );
}

/** The answer's own picture; null: it is boxes, a mask, a table or something else. */
async function pictureOf(job: Job, input: PictureSource | null, name: string): Promise<AnswerPicture | null> {
  const { makePlain } = await part(() => import("../results/plain-answer"));
  const answer = await makePlain(job, input);
  if (answer?.kind !== "image" && answer?.kind !== "comparison") return null;
  const data = answer.data as Partial<ComparisonData> & ComparedPicture;
  const shown = data.pictures?.at(-1) ?? data;
  const url = shown.file ? answer.files[shown.file] : null;
  return url ? { name, url, width: shown.width, height: shown.height, alt: shown.alt } : null;
}
