import { type ComponentType, render } from "preact";
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from "preact-iso";
import { reloadPictures } from "./api/connection";
import { part } from "./api/parts";
import { isPageLoading } from "./components/shell/page-wait";
import { Shell } from "./components/shell/shell";
import { chooseLanguage, preferredLanguage } from "./i18n";
import { NotFound } from "./pages/not-found";
import "./style/tokens.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/forms.css";
import "./style/bench.css";
import "./style/box.css";
import "./style/tables.css";
import "./style/compare.css";
import "./style/rows.css";
import "./style/jobs.css";
import "./style/pages.css";
import "./style/generative.css";

const page = <Page extends { default: ComponentType }>(load: () => Promise<Page>) =>
  lazy(() => part(load).then((module) => module.default));

const Start = page(() => import("./pages/start"));
const Workbench = page(() => import("./pages/workbench"));
const BatchPage = page(() => import("./pages/batch"));
const Result = page(() => import("./pages/result"));
const Jobs = page(() => import("./pages/jobs"));
const LabelPage = page(() => import("./pages/label"));
const Datasets = page(() => import("./pages/datasets"));
const DatasetPage = page(() => import("./pages/dataset"));
const Train = page(() => import("./pages/train"));
const Training = page(() => import("./pages/training"));
const Models = page(() => import("./pages/models"));
const ModelPage = page(() => import("./pages/model"));
const Audits = page(() => import("./pages/audits"));
const NewAudit = page(() => import("./pages/new-audit"));
const LogPage = page(() => import("./pages/log"));
const Reviews = page(() => import("./pages/reviews"));
const Lessons = page(() => import("./pages/lessons"));
const LessonPage = page(() => import("./pages/lesson"));
const Api = page(() => import("./pages/api"));
const Collect = page(() => import("./pages/collect"));
const Compare = page(() => import("./pages/compare"));
const GanPage = page(() => import("./pages/gan"));
const Sweeps = page(() => import("./pages/sweeps"));
const SweepPage = page(() => import("./pages/sweep"));
const NewSweep = page(() => import("./pages/new-sweep"));
const Learn = page(() => import("./pages/learn"));
const GlossaryPage = page(() => import("./pages/glossary"));

function App() {
  return (
    <LocationProvider>
      <ErrorBoundary>
        <Shell>
          <Router
            onLoadStart={() => {
              isPageLoading.value = true;
            }}
            onLoadEnd={() => {
              isPageLoading.value = false;
            }}
          >
            <Route path="/" component={Start} />
            <Route path="/t/:capability" component={Workbench} />
            <Route path="/t/:capability/batch" component={BatchPage} />
            <Route path="/r/:id" component={Result} />
            <Route path="/r/:id/box" component={Result} />
            <Route path="/jobs" component={Jobs} />
            <Route path="/datasets/:id/label" component={LabelPage} />
            <Route path="/datasets" component={Datasets} />
            <Route path="/datasets/:id" component={DatasetPage} />
            <Route path="/collect" component={Collect} />
            <Route path="/train" component={Train} />
            <Route path="/train/:id" component={Training} />
            <Route path="/models" component={Models} />
            <Route path="/models/:name" component={ModelPage} />
            <Route path="/audits" component={Audits} />
            <Route path="/audits/new" component={NewAudit} />
            <Route path="/log" component={LogPage} />
            <Route path="/reviews" component={Reviews} />
            <Route path="/lessons" component={Lessons} />
            <Route path="/lessons/:name" component={LessonPage} />
            <Route path="/api" component={Api} />
            <Route path="/compare" component={Compare} />
            <Route path="/gan" component={GanPage} />
            <Route path="/sweeps" component={Sweeps} />
            <Route path="/sweeps/new" component={NewSweep} />
            <Route path="/sweeps/:place+" component={SweepPage} />
            <Route path="/learn/:capability" component={Learn} />
            <Route path="/glossary" component={GlossaryPage} />
            <Route default component={NotFound} />
          </Router>
        </Shell>
      </ErrorBoundary>
    </LocationProvider>
  );
}

const PREFETCH_MS = 3000; // after what the reader is waiting for

async function start(place: Element): Promise<void> {
  dispatchEvent(new Event("started")); // public/start.js
  reloadPictures();
  await part(() => chooseLanguage(preferredLanguage()));
  place.replaceChildren();
  render(<App />, place);
  import("./components/shell/keep-focus").then(({ keepFocus }) => keepFocus()).catch(() => {}); // not needed to read
  setTimeout(() => {
    import("./api/prefetch").then(({ prefetchParts }) => prefetchParts()).catch(() => {}); // a job that starts tries again
  }, PREFETCH_MS);
}

const place = document.getElementById("app");
if (place) void start(place);
