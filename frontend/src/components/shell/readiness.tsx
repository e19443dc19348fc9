import { TriangleAlert } from "lucide";
import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import type { Readiness } from "../../api/types";
import { t } from "../../i18n";
import { Icon } from "../controls/icon";

type Trouble = "offline" | "noWorker" | null;

const POLL_MS = 15_000;

/** Shows on every page that no jobs can run, and how to change that. */
export function ReadinessBanner() {
  const [trouble, setTrouble] = useState<Trouble>(null);
  useEffect(() => {
    let isThere = true;
    const look = async () => {
      const found = await api.readiness().then(troubleOf, () => "offline" as const);
      if (isThere) setTrouble(found);
    };
    void look();
    const timer = setInterval(() => document.visibilityState === "visible" && look(), POLL_MS);
    return () => {
      isThere = false;
      clearInterval(timer);
    };
  }, []);
  return (
    <div role="status">
      {trouble && (
        <p class="banner">
          <Icon of={TriangleAlert} />
          {trouble === "offline" ? (
            t("ready.offline")
          ) : (
            <span>
              {t("ready.noWorker")} <code>glassbox worker predict</code>
            </span>
          )}
        </p>
      )}
    </div>
  );
}

function troubleOf({ parts }: Readiness): Trouble {
  const lacks = (name: string) => parts.some((part) => part.name === name && !part.ready);
  return lacks("worker:predict") ? "noWorker" : null;
}
