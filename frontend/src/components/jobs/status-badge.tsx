import type { Link } from "../../api/job-stream";
import type { Status } from "../../api/types";
import { t } from "../../i18n";

/** A dot that differs in shape too: filled when done, a ring while queued, pulsing while running. */
export function StatusBadge({ status }: { status: Status }) {
  return (
    <span class={`badge is-${status}`}>
      <i aria-hidden="true" />
      {t(`status.${status}`)}
    </span>
  );
}

export function LinkBadge({ link }: { link: Link }) {
  if (link === "idle") return null;
  return (
    <span class={`badge is-${link}`} role="status">
      <i aria-hidden="true" />
      {t(`link.${link}`)}
    </span>
  );
}
