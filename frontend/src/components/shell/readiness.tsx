import { TriangleAlert } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import { isSilent, untilAnswers } from "../../api/connection";
import { missingPart } from "../../api/parts";
import type { Readiness } from "../../api/types";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";

const POLL_MS = 15_000;

/** Shows on every page that the server is silent, that no jobs can run, or that a part of the page is missing. */
export function ReadinessBanner() {
  const [hasWorker, setWorker] = useState(true);
  useEffect(() => {
    let isThere = true;
    const look = async () => {
      try {
        const found = await api.readiness();
        isSilent.value = false;
        if (isThere) setWorker(isWorking(found));
      } catch {
        isSilent.value = true;
        void untilAnswers(); // asks more often from now on
      }
    };
    void look();
    const timer = setInterval(() => document.visibilityState === "visible" && look(), POLL_MS);
    addEventListener("offline", look);
    return () => {
      isThere = false;
      clearInterval(timer);
      removeEventListener("offline", look);
    };
  }, []);
  return <div role="status">{troubleOf(hasWorker)}</div>;
}

function troubleOf(hasWorker: boolean) {
  if (isSilent.value) return <Banner>{t(missingPart.value ? "ready.partAwaited" : "ready.offline")}</Banner>;
  if (missingPart.value === "gone")
    return (
      <Banner>
        {t("ready.partGone")}{" "}
        <button type="button" class="link" onClick={() => location.reload()}>
          {t("ready.reload")}
        </button>
      </Banner>
    );
  if (missingPart.value) return <Banner>{t("ready.partAwaited")}</Banner>;
  if (hasWorker) return null;
  return (
    <Banner>
      {t("ready.noWorker")} <code>glassbox worker predict</code>
    </Banner>
  );
}

function Banner({ children }: { children: ComponentChildren }) {
  return (
    <p class="banner">
      <Icon of={TriangleAlert} />
      <span>{children}</span>
    </p>
  );
}

const isWorking = ({ parts }: Readiness): boolean =>
  !parts.some(({ name, ready }) => name === "worker:predict" && !ready);
