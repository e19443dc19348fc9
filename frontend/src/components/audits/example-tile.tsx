import { useContext } from "preact/hooks";
import { useLocation } from "preact-iso";
import { useCapability } from "../../api/catalog";
import { api } from "../../api/client";
import { useResource } from "../../api/resource";
import { firstOf } from "../../form/inputs";
import { formatFigure, formatNumber, t } from "../../i18n";
import type { GroupExample } from "../../stages/shapes";
import { useAction } from "../controls/action";
import { Problem } from "../controls/problem";
import { Thumbnail } from "../pictures/thumbnail";
import { ShownJob } from "../results/shown-job";

/** One row or picture behind a bar. It opens the box of the audited model's answer to it. */
export function ExampleTile({ example }: { example: GroupExample }) {
  const { route } = useLocation();
  const job = useContext(ShownJob);
  const capability = useCapability(job?.capability);
  const { isBusy, problem, run } = useAction();
  const input = capability && firstOf(capability, "image");
  const { upload_id, values, picture, row } = example;
  const inputs = input && upload_id ? { [input.name]: upload_id } : null;
  const name = picture?.split("/").at(-1) ?? t("groups.row", { n: row ?? 0 });
  const facts = factsOf(example);
  const content = (
    <>
      {upload_id && <ExamplePicture id={upload_id} box={example.box} />}
      <span>
        <strong>{name}</strong>
        {facts && <small>{facts}</small>}
      </span>
    </>
  );
  const { model } = job ?? {};
  const known = capability?.models.find(({ name: own }) => own === model?.name);
  const isFitted = known?.source === "built-in"; // to the audited table: it cannot answer one row alone
  if (!model || !(inputs || (values && !isFitted))) return <div class="example">{content}</div>;
  const open = async () => {
    const made = await api.createJob({
      capability: job?.capability ?? "",
      task: "predict",
      model: `${model.name}@${model.version}`,
      inspect: true,
      reuse: true, // opened before, it is the same answer
      ...(inputs ? { inputs } : { row: values }),
    });
    route(`/r/${made.id}/box`);
  };
  return (
    <>
      <button
        type="button"
        class="example"
        title={t("groups.open")}
        disabled={isBusy}
        onClick={() => run(open)}
      >
        {content}
      </button>
      <Problem text={problem} />
    </>
  );
}

/** The actual and the predicted class or number, as far as they are known. */
function factsOf({ actual, predicted, score }: GroupExample): string {
  const text = (value: string | number) => (typeof value === "number" ? formatFigure(value) : value);
  return [
    actual != null && t("groups.actual", { value: text(actual) }),
    predicted != null && t("groups.predicted", { value: text(predicted) }),
    score != null && formatNumber(score, { maximumFractionDigits: 2 }),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** The picture, and over it the box that was found or missed. */
function ExamplePicture({ id, box }: { id: string; box: GroupExample["box"] }) {
  const upload = useResource(box ? id : null, (signal) => api.upload(id, signal));
  const { width, height } = upload.data ?? {};
  return (
    <span class="example-picture">
      <Thumbnail url={api.thumbnailUrl(id)} whole={api.uploadPictureUrl(id)} />
      {box && width && height && (
        <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          <rect x={box[0]} y={box[1]} width={box[2] - box[0]} height={box[3] - box[1]} />
        </svg>
      )}
    </span>
  );
}
