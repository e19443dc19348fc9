import { signal } from "@preact/signals";

const SIDE = 320; // of a frame's longer side, in pixels: the network sees no more
const QUALITY = 0.9;

export type CameraProblem = "denied" | "missing" | "insecure" | "busy";

const PROBLEMS: Record<string, CameraProblem> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
};

/** The camera, which runs only while the user wants it. */
export class Camera {
  readonly stream = signal<MediaStream | null>(null);
  readonly problem = signal<CameraProblem | null>(null);
  readonly devices = signal<MediaDeviceInfo[]>([]);
  private readonly video = document.createElement("video");
  private readonly canvas = document.createElement("canvas");

  async start(deviceId?: string): Promise<void> {
    this.stop();
    this.problem.value = null;
    if (!navigator.mediaDevices) {
      this.problem.value = "insecure"; // pages of other hosts need HTTPS
      return;
    }
    try {
      const video = { width: 640, height: 480, ...(deviceId && { deviceId: { exact: deviceId } }) };
      const stream = await navigator.mediaDevices.getUserMedia({ video });
      this.video.muted = true;
      this.video.playsInline = true;
      this.video.srcObject = stream;
      await this.video.play();
      // unplugged, or stopped in the browser's own bar
      for (const track of stream.getTracks()) track.addEventListener("ended", () => this.stop());
      this.stream.value = stream;
      const all = await navigator.mediaDevices.enumerateDevices();
      this.devices.value = all.filter(({ kind }) => kind === "videoinput");
    } catch (error) {
      this.problem.value = PROBLEMS[error instanceof DOMException ? error.name : ""] ?? "busy";
    }
  }

  stop(): void {
    for (const track of this.stream.value?.getTracks() ?? []) track.stop();
    this.video.srcObject = null;
    this.stream.value = null;
  }

  /** The picture at this moment as a JPEG file; null: there is none. */
  async frame(name: string): Promise<File | null> {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!this.stream.value || !width || !height) return null;
    const scale = Math.min(1, SIDE / Math.max(width, height));
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.canvas.getContext("2d")?.drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => {
      this.canvas.toBlob(resolve, "image/jpeg", QUALITY);
    });
    return blob && new File([blob], name, { type: "image/jpeg" });
  }
}
