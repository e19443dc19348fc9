import { useEffect } from "preact/hooks";
import { BoxPicture } from "../../components/boxes/box-picture";
import { type BoxScene, useBoxScene } from "../../components/boxes/box-scene";
import { Funnel } from "../../components/boxes/funnel";
import { LayerChips } from "../../components/boxes/layer-chips";
import { Thresholds } from "../../components/boxes/thresholds";
import { useLoaded } from "../../components/controls/loaded";
import type { View } from "../../components/workbench/view";
import { t } from "../../i18n";
import type { StageProps } from "../props";
import type { BoxesData, GridData } from "../shapes";

/** Labelled boxes on the picture. With candidates, the thresholds are live. */
export function Boxes({ data, picture, view, part, other, unopened }: StageProps<BoxesData>) {
  const isStep = part === "step";
  const Heading = isStep ? "h4" : "h2"; // beneath the stage's own title
  const scene = useBoxScene(data, view, !isStep);
  const isLive = scene.isLive || (data.defaults !== undefined && unopened !== undefined);
  const grid = isStep ? undefined : gridOf(scene, other);
  useTriedThresholds(scene, view, isLive);
  useCandidates(scene, unopened);
  const main = picture && (
    <BoxPicture
      scene={scene}
      source={{ ...picture, width: data.width, height: data.height }}
      view={view}
      grid={grid}
    />
  );
  return (
    <>
      <div class="stage-main">
        {main}
        {!isStep && isLive && <LayerChips scene={scene} hasGrid={grid !== undefined} />}
        {scene.isLive && <Funnel data={data} scene={scene} />}
      </div>
      <div class="stage-side">
        {isLive && (
          <section class="side-part">
            <Heading>{t("thresholds.title")}</Heading>
            <Thresholds data={data} scene={scene} unopened={unopened} />
          </section>
        )}
        {part !== "sample" && (
          <section class="side-part">
            <List data={data} scene={scene} view={view} picture={picture} part={part} />
          </section>
        )}
      </div>
    </>
  );
}

/** The boxes as a list, which a sample does without. */
function List(props: Parameters<typeof import("../../components/boxes/box-list").BoxList>[0]) {
  const BoxList = useLoaded(() => import("../../components/boxes/box-list"))?.BoxList;
  return BoxList ? <BoxList {...props} /> : null;
}

/** The cells, as soon as their layer is on: null while they load, undefined where the answer has none. */
function gridOf(scene: BoxScene, other: StageProps["other"]): GridData | null | undefined {
  return other?.("grid", scene.layers.includes("grid")) as GridData | null | undefined;
}

/** Live thresholds are params of the same names. */
function useTriedThresholds({ settings }: BoxScene, view: View, isLive: boolean): void {
  const [score, iou] = [settings.score.value, settings.iou.value];
  useEffect(() => {
    if (isLive) view.tried.value = { ...(score !== null && { score }), ...(iou !== null && { iou }) };
  }, [score, iou, isLive]);
}

/** Thresholds and layers other than the kept boxes need the candidates. */
function useCandidates({ settings, layers }: BoxScene, unopened: StageProps["unopened"]): void {
  const isMoved = settings.score.value !== null || settings.iou.value !== null;
  const isNeeded = unopened !== undefined && (isMoved || layers.some((layer) => layer !== "kept"));
  useEffect(() => {
    if (isNeeded) unopened.open();
  }, [isNeeded]);
}
