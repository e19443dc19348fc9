/** One layer of a network that the page runs, as docs/stages.md describes it; its arrays are in a file of their own. */
export type Layer =
  | { op: "embed"; classes: number; features: number }
  | { op: "linear"; inputs: number; outputs: number }
  | { op: "reshape"; shape: [channels: number, height: number, width: number] }
  | {
      op: "conv" | "conv-transpose";
      inputs: number;
      outputs: number;
      kernel: number;
      stride: number;
      padding: number;
    }
  | { op: "scale-shift"; channels: number }
  | { op: "conditional-norm"; channels: number; features: number }
  | { op: "upsample"; factor: number }
  | { op: "leaky-relu"; slope: number }
  | { op: "relu" | "sigmoid" | "tanh" };

export type LayerOf<Op extends Layer["op"]> = Extract<Layer, { op: Op }>;

/** Of activations, which are stored row by row with the channels of a pixel side by side. */
export interface Shape {
  height: number;
  width: number;
  channels: number;
}

export const lengthOf = ({ height, width, channels }: Shape): number => height * width * channels;

/** The arrays of the layers, taken one after another from the file. */
export class Weights {
  private at = 0;

  constructor(private readonly values: Float32Array) {}

  take(count: number): Float32Array {
    const taken = this.values.subarray(this.at, this.at + count);
    if (taken.length < count) throw new Error(`the weights end ${count - taken.length} values too early`);
    this.at += count;
    return taken;
  }

  get left(): number {
    return this.values.length - this.at;
  }
}
