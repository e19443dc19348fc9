import { signal } from "@preact/signals";
import { ApiError, api } from "../../api/client";
import { datasets } from "../../api/datasets";
import type { DatasetPictureCreate } from "../../api/types";
import { patiently, Stopped } from "../../batch/patience";
import { t } from "../../i18n";
import { errorText } from "../shell/problem-texts";
import { folderOf, pathOf } from "./folders";

export interface AddingState {
  total: number;
  joined: number;
  known: number; // of these were pictures of the dataset before
  refused: { name: string; problem: string }[];
  isDone: boolean;
}

/** The class of new pictures: that of their folder, a certain one, or none where the dataset has no classes. */
export type NewClass = "folder" | { label: string | null } | null;

const SENDERS = 3;
const GROUP = 20; // pictures that join the dataset together

/** Files on their way into a dataset: each is uploaded, and joins the dataset in a group. */
export class Adding {
  private state: AddingState = { total: 0, joined: 0, known: 0, refused: [], isDone: false };
  private readonly pausedUntil = signal<number | null>(null);
  private readonly control = new AbortController();
  private uploaded: DatasetPictureCreate[] = [];

  constructor(
    private readonly dataset: string,
    private readonly newClass: NewClass,
    private readonly onState: (state: AddingState) => void,
    private readonly onAdded: () => void,
  ) {}

  stop(): void {
    this.control.abort();
  }

  async run(files: File[], refused: AddingState["refused"]): Promise<void> {
    this.change({ total: files.length + refused.length, refused });
    const before = await this.size();
    const waiting = [...files];
    const send = async () => {
      for (let file = waiting.shift(); file; file = waiting.shift()) {
        await this.upload(file);
        if (this.uploaded.length >= GROUP) await this.join();
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, send));
    await this.join();
    const after = await this.size();
    const { joined } = this.state;
    const known = before === null || after === null ? 0 : Math.max(joined - (after - before), 0);
    this.change({ isDone: true, known });
    this.onAdded();
  }

  /** The number of the dataset's pictures; null: unknown. */
  private async size(): Promise<number | null> {
    try {
      return (await datasets.get(this.dataset)).pictures;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return null;
    }
  }

  private change(part: Partial<AddingState>): void {
    this.state = { ...this.state, ...part };
    this.onState(this.state);
  }

  private refuse(name: string, error: unknown): void {
    if (!(error instanceof ApiError) && !(error instanceof Stopped)) throw error;
    const problem = error instanceof ApiError ? errorText(error) : t("picture.stopped");
    this.change({ refused: [...this.state.refused, { name, problem }] });
  }

  private async upload(file: File): Promise<void> {
    try {
      const send = () => api.createUpload(file, "?listed=false");
      const { id } = await patiently(send, this.pausedUntil, this.control.signal);
      this.uploaded.push({ upload_id: id, name: pathOf(file), ...this.annotationOf(file) });
    } catch (error) {
      this.refuse(file.name, error);
    }
  }

  private annotationOf(file: File): Pick<DatasetPictureCreate, "annotation"> {
    const label = this.newClass === "folder" ? folderOf(file) : this.newClass?.label;
    return label ? { annotation: { label } } : {};
  }

  private async join(): Promise<void> {
    const group = this.uploaded;
    this.uploaded = [];
    if (group.length === 0) return;
    try {
      const add = () => datasets.add(this.dataset, group);
      const { items } = await patiently(add, this.pausedUntil, new AbortController().signal);
      this.change({ joined: this.state.joined + items.length });
      this.onAdded();
    } catch (error) {
      for (const { name } of group) this.refuse(name ?? "", error);
    }
  }
}
