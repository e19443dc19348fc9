import { useEffect, useId, useMemo, useState } from "preact/hooks";
import { decoded } from "../../api/connection";
import { DimensionTable } from "../../components/latent/dimension-table";
import { randomZ } from "../../components/latent/latent-space";
import { Plane } from "../../components/latent/plane";
import { Sliders } from "../../components/latent/sliders";
import { ValuePicture } from "../../components/latent/value-picture";
import { Walk } from "../../components/latent/walk";
import type { View } from "../../components/workbench/view";
import { formatNumber, t } from "../../i18n";
import { decode, differenceOf, loadDecoder, pixelsOf, valuesOf } from "../../networks/decoder";
import type { Network } from "../../networks/network";
import type { StageProps } from "../props";
import type { LatentData } from "../shapes";

/** A decoder that runs in the page: z is moved, and the decoded picture follows. */
export function Latent({ data, files, view, part }: StageProps<LatentData>) {
  const [z, setZ] = useZ(data, view);
  const classSetting = view.number("class");
  const label = Math.min(Math.max(classSetting.value ?? data.class ?? 0, 0), (data.classes?.length ?? 1) - 1);
  const [pointed, point] = useState<number[] | null>(null);
  const { network, error } = useDecoder(data, files[data.file]);
  const target = useTarget(data, data.target && files[data.target]);
  const shown = pointed ?? z;
  const values = useMemo(() => network && decode(network, data, shown, label), [network, data, shown, label]);
  const pixels = useMemo(() => values && pixelsOf(values, data), [values, data]);
  const isWhole = part !== "sample";
  const isNarrow = useNarrow();
  const controls = isWhole && (
    <section class="side-part">
      <Controls
        data={data}
        z={shown}
        label={label}
        heading={part === "step" ? "h4" : "h2"} // beneath the stage's own title
        onChange={setZ}
        onClass={(next) => {
          classSetting.value = next;
        }}
        onReset={() => {
          view.list("z").value = null;
          classSetting.value = null;
        }}
      />
    </section>
  );
  return (
    <>
      <div class="stage-main latent">
        <div class="latent-pictures">
          {target && <ValuePicture pixels={target} size={data.size} title={t("latent.target")} />}
          <ValuePicture
            pixels={pixels}
            size={data.size}
            title={t(pointed ? "latent.pointed" : target ? "latent.decoded" : "latent.picture")}
          />
          {target && values && <Distance x={valuesOf(target, data.channels)} decoded={values} />}
        </div>
        {error && <p role="alert">{t("latent.failed", { reason: error })}</p>}
        {isNarrow && controls}
        {data.walk && isWhole && <Walk walk={data.walk} onMove={setZ} />}
        {data.plane && (
          <Plane
            data={data}
            plane={data.plane}
            network={network}
            z={z}
            label={label}
            onMove={setZ}
            onPoint={point}
            hasTable={isWhole}
          />
        )}
        {isWhole && (
          <DimensionTable
            dimensions={data.dimensions}
            z={shown}
            isOpen={part === "step" && !isNarrow && data.dimensions.some(({ kl }) => kl !== undefined)}
          />
        )}
      </div>
      {!isNarrow && controls && <div class="stage-side">{controls}</div>}
    </>
  );
}

const NARROW = "(width < 1100px)"; // as in box.css: there is no side

/** Whether the bars come below the pictures instead of beside them. */
function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const media = matchMedia(NARROW);
    const follow = () => setNarrow(media.matches);
    media.addEventListener("change", follow);
    return () => media.removeEventListener("change", follow);
  }, []);
  return isNarrow;
}

interface ControlsProps {
  data: LatentData;
  z: number[];
  label: number;
  heading: "h2" | "h4";
  onChange: (z: number[]) => void;
  onClass: (index: number) => void;
  onReset: () => void;
}

/** The class and the bars of z. */
function Controls({ data, z, label, heading: Heading, onChange, onClass, onReset }: ControlsProps) {
  return (
    <>
      <Heading>{t("latent.z")}</Heading>
      {data.classes && <ClassChoice classes={data.classes} chosen={label} onChoose={onClass} />}
      <div class="actions">
        <button type="button" class="button is-small" onClick={onReset}>
          {t("latent.reset")}
        </button>
        <button type="button" class="button is-small" onClick={() => onChange(randomZ(data.dimensions))}>
          {t("latent.random")}
        </button>
      </div>
      <Sliders dimensions={data.dimensions} z={z} onChange={onChange} />
    </>
  );
}

/** z, which the link of the view keeps; initially that of the answer. */
function useZ(data: LatentData, view: View): [number[], (z: number[]) => void] {
  const setting = view.list("z");
  const moved = setting.value;
  const z = useMemo(() => {
    const values = moved?.map(Number) ?? [];
    return values.length === data.z.length && values.every(Number.isFinite) ? values : data.z;
  }, [moved, data]);
  const setZ = (next: number[]) => {
    setting.value = next.map((value) => String(Number(value.toFixed(3))));
  };
  return [z, setZ];
}

function useDecoder(data: LatentData, url: string): { network: Network | null; error: string } {
  const [network, setNetwork] = useState<Network | null>(null);
  const [error, setError] = useState("");
  useEffect(() => {
    let isWanted = true;
    loadDecoder(data, url).then(
      (loaded) => isWanted && setNetwork(loaded),
      (reason) => isWanted && setError(reason instanceof Error ? reason.message : String(reason)),
    );
    return () => {
      isWanted = false;
    };
  }, [url]);
  return { network, error };
}

/** The pixels of the picture to compare with. */
function useTarget({ size: { width, height } }: LatentData, url: string | undefined): ImageData | null {
  const [pixels, setPixels] = useState<ImageData | null>(null);
  useEffect(() => {
    if (!url) return;
    let isWanted = true;
    const read = (image: HTMLImageElement) => {
      const canvas = document.createElement("canvas");
      canvas.width = width;
      canvas.height = height;
      const context = canvas.getContext("2d");
      context?.drawImage(image, 0, 0, width, height);
      if (isWanted && context) setPixels(context.getImageData(0, 0, width, height));
    };
    decoded(url).then(read, () => undefined); // without it the picture is decoded all the same
    return () => {
      isWanted = false;
    };
  }, [url]);
  return pixels;
}

function Distance({ x, decoded: other }: { x: Float32Array; decoded: Float32Array }) {
  const { norm, psnr } = differenceOf(x, other);
  return (
    <dl class="latent-distance" aria-live="polite">
      <dt>‖x − x̂‖</dt>
      <dd>{formatNumber(norm, { maximumFractionDigits: 2 })}</dd>
      <dt>PSNR</dt>
      <dd>{Number.isFinite(psnr) ? `${formatNumber(psnr, { maximumFractionDigits: 1 })} dB` : "∞"}</dd>
    </dl>
  );
}

interface ClassChoiceProps {
  classes: string[];
  chosen: number;
  onChoose: (index: number) => void;
}

function ClassChoice({ classes, chosen, onChoose }: ClassChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t("latent.class")}</label>
      <select id={id} onChange={(event) => onChoose(Number(event.currentTarget.value))}>
        {classes.map((name, index) => (
          <option key={name} value={index} selected={index === chosen}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
