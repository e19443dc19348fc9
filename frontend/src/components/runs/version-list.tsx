import { ArrowRight, Check } from "lucide";
import type { Model } from "../../api/types";
import { formatTime, t } from "../../i18n";
import { ConfirmButton } from "../controls/confirm-button";
import { Icon } from "../controls/icon";
import { TagList } from "./labels";
import { isOwn } from "./model-name-field";
import { CompareBar, keyOfModel, SelectBox, useSelection } from "./selection";
import "./topic";

interface VersionListProps {
  versions: Model[]; // newest first
  onMakeDefault: (model: Model) => void;
  onDelete: (model: Model) => void;
}

/** The versions of a model: which one answers, where each is from, and two of them compared. */
export function VersionList({ versions, onMakeDefault, onDelete }: VersionListProps) {
  const selection = useSelection();
  const [newest] = versions;
  const older = versions.find((model) => model.is_default && model !== newest);
  return (
    <>
      {older && (
        <p class="hint" role="note">
          {t("runs.newer", { old: older.version, n: newest.version })}
        </p>
      )}
      <ul class="plain-list">
        {versions.map((model) => (
          <li key={model.id} class="version">
            <div class="run-version">
              {versions.length > 1 && (
                <SelectBox
                  of={keyOfModel(model)}
                  name={t("model.version", { n: model.version })}
                  selection={selection}
                />
              )}
              <p>
                <strong>{t("model.version", { n: model.version })}</strong>{" "}
                <small>{formatTime(model.created_at)}</small>
              </p>
            </div>
            {model !== newest && model.description && <p class="run-description">{model.description}</p>}
            {model !== newest && (
              <TagList tags={model.tags} addressOf={(tag) => `/models?${new URLSearchParams({ tag })}`} />
            )}
            <div class="actions">
              {model.is_default ? (
                <span class="tag is-strong">
                  <Icon of={Check} size={14} />
                  {t("model.isDefault")}
                </span>
              ) : (
                <button
                  type="button"
                  class="button is-small"
                  disabled={!model.is_installed}
                  onClick={() => onMakeDefault(model)}
                >
                  {t("model.makeDefault")}
                </button>
              )}
              {model.job_id && (
                <a class="button is-small is-quiet" href={`/train/${model.job_id}`}>
                  {t("model.training")}
                </a>
              )}
              <a
                class="button is-small is-quiet"
                href={`/t/${model.capability}?model=${model.name}@${model.version}`}
              >
                {t("model.use")}
                <Icon of={ArrowRight} size={16} />
              </a>
              {isOwn(model) && versions.length > 1 && (
                <ConfirmButton title={t("runs.deleteVersion")} onConfirm={() => onDelete(model)} isSmall />
              )}
            </div>
          </li>
        ))}
      </ul>
      <CompareBar selection={selection} />
    </>
  );
}
