import { computed, signal } from "@preact/signals";
import { api } from "../../api/client";
import { datasets } from "../../api/datasets";
import { firstItems } from "../../api/lists";
import { crossValidated, fitHead, type Head } from "../../networks/linear-head";
import { featuresOf } from "./features";

export interface Collected {
  id: string; // of the dataset's picture
  label: string;
  uploadId: string;
  features: Float32Array | null; // null: not computed yet
}

const MOST = 1000; // pictures of an earlier visit
const AT_ONCE = 2; // pictures on their way
const CHECKED_UP_TO = 200; // pictures: five further fits

/** Pictures by class, kept on the server as they come, and the head that is fitted to them in the page. */
export class Collection {
  readonly dataset = signal<string | null>(null);
  readonly classes = signal<string[]>([]);
  readonly pictures = signal<Collected[]>([]);
  readonly waiting = signal(0); // pictures that are not stored or seen yet
  readonly problem = signal<string | null>(null);
  readonly head = signal<{ head: Head; classes: string[]; fitMs: number } | null>(null);
  readonly checked = signal<{ right: number; total: number } | null>(null);
  readonly counts = computed(() => {
    const counts = new Map(this.classes.value.map((name) => [name, 0]));
    for (const { label } of this.pictures.value) counts.set(label, (counts.get(label) ?? 0) + 1);
    return counts;
  });
  private readonly queue: (() => Promise<void>)[] = [];
  private running = 0;
  private creating: Promise<string> | null = null;
  private isStale = false; // the head does not fit the pictures

  constructor(
    private readonly name: string,
    private readonly onCreated: (id: string) => void,
  ) {}

  /** Open a dataset of an earlier visit. Throws ApiError. */
  async open(id: string): Promise<void> {
    const [{ classes }, { items }] = await Promise.all([
      datasets.get(id),
      firstItems((page) => datasets.pictures(id, page), MOST),
    ]);
    this.dataset.value = id;
    this.classes.value = classes.map((one) => one.name);
    this.pictures.value = items.flatMap(({ id: picture, annotation, upload_id }) =>
      annotation?.label
        ? {
            id: picture,
            label: annotation.label,
            uploadId: upload_id,
            features: null,
          }
        : [],
    );
    for (const picture of this.pictures.value) this.enqueue(() => this.see(picture.id, picture.uploadId));
  }

  async addClass(name: string): Promise<void> {
    if (!name || this.classes.value.includes(name)) return;
    this.classes.value = [...this.classes.value, name];
    if (this.dataset.value) await datasets.change(this.dataset.value, { classes: this.classes.value });
  }

  async renameClass(from: string, to: string): Promise<void> {
    if (!to || this.classes.value.includes(to)) return;
    if (this.dataset.value) await datasets.change(this.dataset.value, { rename_class: { from, to } });
    this.classes.value = this.classes.value.map((name) => (name === from ? to : name));
    this.pictures.value = this.pictures.value.map((one) =>
      one.label === from ? { ...one, label: to } : one,
    );
    this.refit();
  }

  async removeClass(name: string): Promise<void> {
    for (const { id, label } of this.pictures.value) if (label === name) await this.remove(id);
    this.classes.value = this.classes.value.filter((one) => one !== name);
    if (this.dataset.value) await datasets.change(this.dataset.value, { classes: this.classes.value });
  }

  /** Store a picture and see what the network computes of it. Pictures of one `group` resemble each other. */
  add(file: File, label: string, group?: string): void {
    this.enqueue(async () => {
      const [id, upload] = await Promise.all([this.ready(), api.createUpload(file, "?listed=false")]);
      const { items } = await datasets.add(id, [
        { upload_id: upload.id, annotation: { label, objects: [] }, group: group ?? null },
      ]);
      const [{ id: picture }] = items;
      if (!this.pictures.value.some((one) => one.id === picture))
        this.pictures.value = [
          ...this.pictures.value,
          { id: picture, label, uploadId: upload.id, features: null },
        ];
      await this.see(picture, upload.id);
    });
  }

  async remove(id: string): Promise<void> {
    this.pictures.value = this.pictures.value.filter((one) => one.id !== id);
    if (this.dataset.value) await datasets.removePicture(this.dataset.value, id).catch(() => undefined);
    this.refit();
  }

  /** The dataset's id; it is created with the first picture. */
  private ready(): Promise<string> {
    if (this.dataset.value) return Promise.resolve(this.dataset.value);
    this.creating ??= datasets
      .create({ name: this.name, description: "", kind: "classes", classes: this.classes.value })
      .then(({ id }) => {
        this.dataset.value = id;
        this.onCreated(id);
        return id;
      })
      .finally(() => {
        this.creating = null;
      });
    return this.creating;
  }

  private async see(id: string, uploadId: string): Promise<void> {
    const features = await featuresOf(uploadId);
    this.pictures.value = this.pictures.value.map((one) => (one.id === id ? { ...one, features } : one));
    this.refit();
  }

  private enqueue(task: () => Promise<void>): void {
    this.queue.push(task);
    this.waiting.value++;
    void this.work();
  }

  private async work(): Promise<void> {
    if (this.running >= AT_ONCE) return;
    this.running++;
    for (let task = this.queue.shift(); task; task = this.queue.shift()) {
      try {
        await task();
        this.problem.value = null;
      } catch (error) {
        this.problem.value = error instanceof Error ? error.message : String(error);
      }
      this.waiting.value--;
    }
    this.running--;
  }

  /** Fit the head to the pictures as they are, once the page has time. */
  private refit(): void {
    if (this.isStale) return;
    this.isStale = true;
    setTimeout(() => {
      this.isStale = false;
      this.fit();
    });
  }

  private fit(): void {
    const seen = this.pictures.value.flatMap(({ label, features }) => (features ? { label, features } : []));
    const classes = this.classes.value.filter((name) => seen.some(({ label }) => label === name));
    if (classes.length < 2) {
      this.head.value = this.checked.value = null;
      return;
    }
    const start = performance.now();
    const rows = seen.map(({ features }) => features);
    const labels = seen.map(({ label }) => classes.indexOf(label));
    const head = fitHead(rows, labels, classes.length);
    this.head.value = { head, classes, fitMs: performance.now() - start };
    const isChecked = this.waiting.value <= AT_ONCE && rows.length <= CHECKED_UP_TO;
    this.checked.value = isChecked ? crossValidated(rows, labels, classes.length) : null;
  }
}
