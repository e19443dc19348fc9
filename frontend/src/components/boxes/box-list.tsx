import { Download } from "lucide";
import { part as loadedPart } from "../../api/parts";
import { t } from "../../i18n";
import type { StageProps } from "../../stages/props";
import type { BoxesData } from "../../stages/shapes";
import { Icon } from "../controls/icon";
import { saveFile } from "../controls/save-file";
import type { View } from "../workbench/view";
import type { BoxScene } from "./box-scene";
import { CandidateTable, Verdict } from "./candidate-table";
import { ObjectTable } from "./object-table";

interface BoxListProps {
  data: BoxesData;
  scene: BoxScene;
  view: View;
  picture: StageProps["picture"];
  part: StageProps["part"];
}

/** The boxes as a list: the objects, or on a step all of its candidates. */
export function BoxList({ data, scene, view, picture, part }: BoxListProps) {
  const isStep = part === "step";
  const Heading = isStep ? "h4" : "h2";
  if (!isStep || data.show === "kept" || data.show === undefined)
    return (
      <>
        <Heading>{t("objects.title", { n: scene.outcome.kept.length })}</Heading>
        <ObjectTable scene={scene} view={view} />
        {picture && part === "answer" && <SaveBoxes picture={picture} data={data} scene={scene} />}
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

interface SaveBoxesProps {
  picture: NonNullable<StageProps["picture"]>;
  data: BoxesData;
  scene: BoxScene;
}

/** The picture with its boxes as a file. */
function SaveBoxes({ picture, data, scene }: SaveBoxesProps) {
  const save = async () => {
    const { pngOf } = await loadedPart(() => import("./boxes-png"));
    saveFile(await pngOf(picture, data, scene), "boxes.png");
  };
  return (
    <div class="actions">
      <button type="button" class="button is-quiet is-small" onClick={save}>
        <Icon of={Download} />
        PNG
      </button>
    </div>
  );
}
