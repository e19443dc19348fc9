import { useEffect, useState } from "preact/hooks";
import { after } from "../../api/connection";
import { FileDrop } from "../../form/file-drop";
import { formatNumber, formatPercent, t } from "../../i18n";
import { probabilities } from "../../networks/linear-head";
import type { Camera } from "./camera";
import type { Collection } from "./collection";
import { featuresOfFrame } from "./features";

const PAUSE_MS = 30; // between frames, at least
const PAUSE_AFTER_A_PROBLEM_MS = 1000;

interface PreviewProps {
  collection: Collection;
  camera: Camera;
  colors: Map<string, { line: string }>;
}

/** What the head makes of the camera's picture, or of a picture that is dropped. */
export function Preview({ collection, camera, colors }: PreviewProps) {
  const [features, setFeatures] = useState<Float32Array | null>(null);
  const [rate, setRate] = useState<number | null>(null); // frames a second
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const stream = camera.stream.value;
  const isReady = collection.head.value !== null;
  useEffect(() => {
    if (!stream || !isReady) return;
    let isOn = true;
    const follow = async () => {
      while (isOn) {
        const start = performance.now();
        try {
          const frame = document.hidden ? null : await camera.frame("frame.jpg");
          if (frame) {
            const found = await featuresOfFrame(frame);
            if (isOn) {
              setFeatures(found);
              setRate(1000 / (performance.now() - start));
              setProblem(null);
            }
          }
        } catch (error) {
          if (isOn) setProblem(error instanceof Error ? error.message : String(error));
          await after(PAUSE_AFTER_A_PROBLEM_MS);
        }
        await after(PAUSE_MS);
      }
    };
    void follow();
    return () => {
      isOn = false;
      setRate(null);
    };
  }, [stream, isReady]);
  const tryPicture = async ([file]: File[]) => {
    setBusy(true);
    try {
      setFeatures(await featuresOfFrame(file));
      setProblem(null);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  const fitted = collection.head.value;
  if (!fitted) return <p class="empty">{t("collect.needsTwo")}</p>;
  const values = features && probabilities(fitted.head, features);
  const best = values && fitted.classes[values.indexOf(Math.max(...values))];
  return (
    <>
      <table class="bars collect-bars">
        <caption>
          {best ? <strong>{best}</strong> : t("collect.noPicture")}
          {rate !== null &&
            ` · ${t("collect.rate", { rate: formatNumber(rate, { maximumFractionDigits: 1 }) })}`}
        </caption>
        <tbody>
          {fitted.classes.map((name, index) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <span
                  class="bar"
                  style={{
                    inlineSize: `${100 * (values?.[index] ?? 0)}%`,
                    background: colors.get(name)?.line,
                  }}
                />
              </td>
              <td>{values ? formatPercent(values[index]) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <FileDrop
        accepts="image"
        isSingle
        purpose={t("collect.try")}
        isBusy={isBusy}
        error={problem}
        onFiles={tryPicture}
        onRefuse={setProblem}
      />
    </>
  );
}
