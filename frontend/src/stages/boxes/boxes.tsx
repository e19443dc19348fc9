import { BoxPicture } from "../../components/boxes/box-picture";
import { type BoxScene, useBoxScene } from "../../components/boxes/box-scene";
import { CandidateTable, Verdict } from "../../components/boxes/candidate-table";
import { Funnel } from "../../components/boxes/funnel";
import { ObjectTable } from "../../components/boxes/object-table";
import { Thresholds } from "../../components/boxes/thresholds";
import { LayerChips } from "../../components/pictures/layer-chips";
import type { View } from "../../components/workbench/view";
import { t } from "../../i18n";
import type { BoxesData } from "../shapes";
import type { StageProps } from "../stage";

/** Labelled boxes on the picture. With candidates, the thresholds are live. */
export function Boxes({ data, picture, view, part, grid }: StageProps<BoxesData>) {
  const isStep = part === "step";
  const Heading = isStep ? "h4" : "h2"; // beneath the stage's own title
  const scene = useBoxScene(data, view, !isStep);
  const main = picture && (
    <BoxPicture
      scene={scene}
      source={{ ...picture, width: data.width, height: data.height }}
      view={view}
      grid={grid}
    />
  );
  const thresholds = scene.isLive && <Thresholds data={data} scene={scene} view={view} />;
  return (
    <>
      <div class="stage-main">
        {main}
        {!isStep && scene.isLive && <LayerChips scene={scene} view={view} hasGrid={grid !== undefined} />}
        {scene.isLive && <Funnel data={data} scene={scene} />}
      </div>
      <div class="stage-side">
        {thresholds && (
          <section class="side-part">
            <Heading>{t("thresholds.title")}</Heading>
            {thresholds}
          </section>
        )}
        {part !== "sample" && (
          <section class="side-part">
            <BoxList data={data} scene={scene} view={view} isStep={isStep} />
          </section>
        )}
      </div>
    </>
  );
}

interface BoxListProps {
  data: BoxesData;
  scene: BoxScene;
  view: View;
  isStep: boolean;
}

function BoxList({ data, scene, view, isStep }: BoxListProps) {
  const Heading = isStep ? "h4" : "h2";
  if (!isStep || data.show === "kept" || data.show === undefined)
    return (
      <>
        <Heading>{t("objects.title", { n: scene.outcome.kept.length })}</Heading>
        <ObjectTable scene={scene} view={view} />
      </>
    );
  const isSuppressed = data.show === "suppressed";
  const ranked = [...scene.byId.values()].sort((a, b) => b.score - a.score);
  return (
    <>
      <Heading>{isSuppressed ? t("candidates.suppressedTitle") : t("candidates.title")}</Heading>
      <Verdict scene={scene} view={view} />
      <CandidateTable
        scene={scene}
        view={view}
        items={isSuppressed ? scene.outcome.suppressed : ranked}
        isSuppressed={isSuppressed}
      />
    </>
  );
}
