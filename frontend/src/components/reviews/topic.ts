import { loadTopic } from "../../i18n";
import "../../style/reviews.css";

await loadTopic({ en: () => import("../../i18n/en/reviews"), de: () => import("../../i18n/de/reviews") });
