import { Camera as CameraIcon, CameraOff } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";
import type { Camera } from "./camera";

/** The camera's picture; it is on only while the reader wants it, and goes off with the page. */
export function CameraPanel({ camera }: { camera: Camera }) {
  const video = useRef<HTMLVideoElement>(null);
  const stream = camera.stream.value;
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  useEffect(() => {
    const hide = () => document.hidden && camera.stop();
    document.addEventListener("visibilitychange", hide);
    return () => {
      document.removeEventListener("visibilitychange", hide);
      camera.stop();
    };
  }, [camera]);
  const problem = camera.problem.value;
  return (
    <div class="collect-camera">
      {stream && <video ref={video} autoplay muted playsInline aria-label={t("collect.cameraPicture")} />}
      <div class="actions">
        <button
          type="button"
          class={`button${stream ? "" : " is-primary"}`}
          onClick={() => (stream ? camera.stop() : void camera.start())}
        >
          <Icon of={stream ? CameraOff : CameraIcon} />
          {t(stream ? "collect.cameraOff" : "collect.cameraOn")}
        </button>
        {camera.devices.value.length > 1 && stream && (
          <select
            aria-label={t("collect.whichCamera")}
            value={stream.getVideoTracks()[0]?.getSettings().deviceId}
            onChange={(event) => void camera.start(event.currentTarget.value)}
          >
            {camera.devices.value.map(({ deviceId, label }, index) => (
              <option key={deviceId} value={deviceId}>
                {label || t("collect.cameraNumber", { n: index + 1 })}
              </option>
            ))}
          </select>
        )}
      </div>
      {problem && (
        <p class="error" role="alert">
          {t(`collect.camera.${problem}`)}
        </p>
      )}
    </div>
  );
}
