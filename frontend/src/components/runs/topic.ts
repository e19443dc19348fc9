import { loadTopic } from "../../i18n";
import "../../style/runs.css";

await loadTopic({ en: () => import("../../i18n/en/runs"), de: () => import("../../i18n/de/runs") });
