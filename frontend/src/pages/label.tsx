import { ArrowLeft, ArrowRight, SkipForward } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation, useRoute } from "preact-iso";
import { ApiError } from "../api/client";
import { datasets } from "../api/datasets";
import { useResource } from "../api/resource";
import type { Dataset, DatasetPicture } from "../api/types";
import { Icon } from "../components/controls/icon";
import { Labeler } from "../components/labeling/labeler";
import { KindChoice } from "../components/labeling/panels/kind-choice";
import { type Session, useSession } from "../components/labeling/session";
import { settled, unsentPictures } from "../components/labeling/use-saver";
import { Placeholder } from "../components/pictures/placeholder";
import { Notice } from "../components/shell/notice";
import { useTitle } from "../components/shell/title";
import { loadTopic, t } from "../i18n";
import "../style/labeling.css";

await loadTopic({ en: () => import("../i18n/en/labeling"), de: () => import("../i18n/de/labeling") });

/** The pictures of one dataset, one after another, to be labeled. */
export default function LabelPage() {
  const { params } = useRoute();
  const dataset = useResource(params.id, (signal) => datasets.get(params.id, signal));
  useTitle(dataset.data ? `${t("labeling.title")}: ${dataset.data.name}` : t("labeling.title"));
  if (dataset.error && !dataset.data) return <Notice isPage error={dataset.error} onRetry={dataset.reload} />;
  if (!dataset.data) return <Placeholder />;
  const { id, kind } = dataset.data;
  if (kind === "table") return <p class="card">{t("labeling.isTable")}</p>;
  if (kind === "pictures") return <KindChoice dataset={dataset.data} onChange={dataset.reload} />;
  return <LabelDataset key={`${id} ${kind}`} dataset={dataset.data} onChange={dataset.reload} />;
}

const COUNT_MS = 500; // after a picture is saved the dataset is counted again

/** Null: the dataset has none. */
async function firstPicture(dataset: string): Promise<DatasetPicture | null> {
  return (await found(datasets.nextUnlabeled(dataset, -1))) ?? found(datasets.next(dataset, -1));
}

/** Null instead of status 404. */
const found = (request: Promise<DatasetPicture>): Promise<DatasetPicture | null> =>
  request.catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  });

function LabelDataset({ dataset, onChange }: { dataset: Dataset; onChange: () => void }) {
  const { query, route } = useLocation();
  const session = useSession(dataset);
  const requested = query.picture ?? "";
  const address = (picture: string) => `/datasets/${dataset.id}/label?picture=${picture}`;
  const ahead = useRef<{ from: string; picture: DatasetPicture | null } | null>(null);
  const shown = useResource(requested || "first", async (signal) => {
    await settled(requested);
    if (ahead.current?.picture?.id === requested) return { picture: ahead.current.picture };
    return {
      // one that has been deleted makes way for the first
      picture:
        (requested && (await found(datasets.picture(dataset.id, requested, signal)))) ||
        (await firstPicture(dataset.id)),
    };
  });
  const picture = shown.data?.picture;
  useEffect(() => {
    if (picture && picture.id !== requested) route(address(picture.id), true);
  }, [picture?.id]);
  const [last, setLast] = useState<DatasetPicture | null>(null);
  useEffect(() => {
    if (picture) setLast(picture);
  }, [picture]);
  const [isDone, setDone] = useState(false);
  const visited = useRef<string[]>([]);
  const counting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [leaving, setLeaving] = useState<string | null>(null);
  useEffect(() => {
    if (!picture) return;
    let isThere = true;
    found(datasets.nextUnlabeled(dataset.id, picture.position)).then(
      (next) => {
        if (!isThere) return;
        ahead.current = { from: picture.id, picture: next };
        if (next?.picture_url) new Image().src = next.picture_url;
      },
      () => {}, // it is asked for again when it is needed
    );
    return () => {
      isThere = false;
    };
  }, [picture?.id]);

  if (shown.error) return <Notice isPage error={shown.error} onRetry={shown.reload} />;
  const now = picture ?? last; // the last one stays until the next is there
  if (picture === null) return <Empty dataset={dataset} />;
  if (!now) return <Placeholder />;

  const count = () => {
    clearTimeout(counting.current);
    counting.current = setTimeout(onChange, COUNT_MS);
  };
  const go = async (choose: () => Promise<DatasetPicture | null>) => {
    setLeaving(now.id);
    const left = now.id;
    const chosen = await choose().catch(() => now); // the server does not respond: the picture stays
    setDone(chosen === null);
    if (!chosen || chosen.id === left) return setLeaving(null);
    visited.current.push(left);
    route(address(chosen.id));
  };
  const previous = () => {
    const last = visited.current.pop();
    if (last) route(address(last));
  };
  const next = (saving: () => Promise<void> = async () => {}) =>
    go(async () => {
      const known = ahead.current?.from === now.id ? ahead.current.picture : undefined;
      const after = known ?? (await found(datasets.nextUnlabeled(dataset.id, now.position)));
      if (after) return after;
      await saving();
      const passed = await found(datasets.nextUnlabeled(dataset.id, -1)); // those that were passed over
      return passed?.id === now.id ? null : passed;
    });
  const following = () =>
    go(async () => {
      const after = await found(datasets.next(dataset.id, now.position));
      return after ?? found(datasets.next(dataset.id, -1));
    });
  return (
    <>
      <Head
        dataset={dataset}
        picture={now}
        isDone={isDone}
        hasPrevious={visited.current.length > 0}
        onPrevious={previous}
        onNext={() => void next()}
        onFollowing={() => void following()}
      />
      <Body
        key={now.id}
        dataset={dataset}
        picture={now}
        isLeaving={leaving === now.id || (requested !== "" && requested !== now.id)}
        session={session}
        onSaved={count}
        onNext={(saving) => void next(saving)}
        onFollowing={() => void following()}
        onPrevious={previous}
      />
      <Unsent dataset={dataset.id} picture={now.id} address={address} />
    </>
  );
}

function Body(props: Parameters<typeof Labeler>[0] & { session: Session }) {
  const { picture } = props;
  if (picture.width > 0 && picture.height > 0) return <Labeler {...props} />;
  return <p class="card">{t("labeling.unreadable")}</p>;
}

interface HeadProps {
  dataset: Dataset;
  picture: DatasetPicture;
  isDone: boolean;
  hasPrevious: boolean;
  onPrevious: () => void;
  onNext: () => void;
  onFollowing: () => void;
}

function Head({ dataset, picture, isDone, hasPrevious, onPrevious, onNext, onFollowing }: HeadProps) {
  return (
    <header class="page-head is-split">
      <div>
        <h1>{t("labeling.title")}</h1>
        <p class="lead">
          <a href={`/datasets/${dataset.id}`}>{dataset.name}</a> · {picture.name}
        </p>
        <p class="label-progress">
          <progress max={Math.max(dataset.pictures, 1)} value={dataset.labeled} aria-hidden="true" />
          <span role="status">
            {t(isDone ? "labeling.allDone" : "labeling.progress", {
              labeled: dataset.labeled,
              n: dataset.pictures,
            })}
          </span>
        </p>
      </div>
      <div class="actions">
        <button
          type="button"
          class="tool"
          aria-label={t("labeling.previous")}
          aria-disabled={!hasPrevious} // not disabled: that would take the focus away
          onClick={onPrevious}
        >
          <Icon of={ArrowLeft} />
        </button>
        <button type="button" class="tool" aria-label={t("labeling.following")} onClick={onFollowing}>
          <Icon of={ArrowRight} />
        </button>
        <button type="button" class="button is-primary" onClick={onNext}>
          <Icon of={SkipForward} />
          {t("labeling.next")}
        </button>
      </div>
    </header>
  );
}

function Empty({ dataset }: { dataset: Dataset }) {
  return (
    <div class="card empty">
      <h1>{t("labeling.emptyTitle")}</h1>
      <p>{t("labeling.emptyHint")}</p>
      <a class="button is-primary" href={`/datasets/${dataset.id}`}>
        {t("labeling.toDataset")}
      </a>
    </div>
  );
}

interface UnsentProps {
  dataset: string;
  picture: string;
  address: (picture: string) => string;
}

/** Changes of an earlier visit that never reached the server: they are sent when their picture is opened. */
function Unsent({ dataset, picture, address }: UnsentProps) {
  const [others, setOthers] = useState<string[]>([]);
  useEffect(() => setOthers(unsentPictures(dataset, picture)), [picture]);
  if (others.length === 0) return null;
  return (
    <p class="notice is-unlike">
      <span>
        {t("labeling.unsent", { n: others.length })}{" "}
        <a href={address(others[0])}>{t("labeling.openUnsent")}</a>
      </span>
    </p>
  );
}
