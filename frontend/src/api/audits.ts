import { get, path, write, writeOnly } from "./client";
import type { components } from "./schema";
import type { Capability, DatasetKind, Input, Model } from "./types";

/** An audit of a model as a section of its card. */
export type ModelAudit = components["schemas"]["ModelAuditRead"];

export const audits = {
  ofModel: (name: string, signal?: AbortSignal) =>
    get<{ items: ModelAudit[] }>(path("models", name, "audits"), signal),
  /** Writes an audit into its model's card; the same job twice is the same section. */
  addToCard: (name: string, body: { job_id: string; author: string; intended_use: string }) =>
    write<ModelAudit>("POST", path("models", name, "audits"), body),
  removeFromCard: (name: string, id: string) => writeOnly("DELETE", path("models", name, "audits", id)),
};

export type Audited = Capability & {
  audit_params: Record<string, unknown>;
  audits_on: Input | null;
  audits_on_datasets: DatasetKind[];
};

/** The models of a capability that can be audited. One that is built in fits a new model to the data. */
export const auditedModels = ({ models }: Pick<Capability, "models">): Model[] =>
  models.filter((model) => model.is_installed);

const canAudit = (capability: Capability): capability is Audited => capability.audit_params != null;

/** Those whose models can be audited, and the one that audits data alone, which learns nothing. */
export function auditors(items: Capability[]): { ofModels: Audited[]; ofData: Audited | null } {
  const able = items.filter(canAudit);
  const isOfData = ({ train_params, models }: Capability) =>
    !train_params && models.every(({ source }) => source === "built-in");
  return {
    ofModels: able.filter((item) => !isOfData(item)),
    ofData: able.find(isOfData) ?? null,
  };
}

/** The address of the form of a new audit. */
export const newAuditAddress = (choice: Record<string, string>): string =>
  `/audits/new?${new URLSearchParams(choice)}`;
