import { render } from "preact";
import { ErrorBoundary, LocationProvider, lazy, Route, Router } from "preact-iso";
import { Shell } from "./components/shell/shell";
import { chooseLanguage, loadTopic, preferredLanguage } from "./i18n";
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

const Start = lazy(() => import("./pages/start"));
const Workbench = lazy(() => import("./pages/workbench"));
const BatchPage = lazy(() => import("./pages/batch"));
const Result = lazy(() => import("./pages/result"));
const Jobs = lazy(() => import("./pages/jobs"));
const Train = lazy(() => import("./pages/train"));
const Training = lazy(() => import("./pages/training"));
const Models = lazy(() => import("./pages/models"));
const ModelPage = lazy(() => import("./pages/model"));
const Api = lazy(() => Promise.all([import("./pages/api"), loadTopic("api")]).then(([page]) => page.default));
const Learn = lazy(() => import("./pages/learn"));
const GlossaryPage = lazy(() => import("./pages/glossary"));

function App() {
  return (
    <LocationProvider>
      <ErrorBoundary>
        <Shell>
          <Router>
            <Route path="/" component={Start} />
            <Route path="/t/:capability" component={Workbench} />
            <Route path="/t/:capability/batch" component={BatchPage} />
            <Route path="/r/:id" component={Result} />
            <Route path="/r/:id/box" component={Result} />
            <Route path="/jobs" component={Jobs} />
            <Route path="/train" component={Train} />
            <Route path="/train/:id" component={Training} />
            <Route path="/models" component={Models} />
            <Route path="/models/:name" component={ModelPage} />
            <Route path="/api" component={Api} />
            <Route path="/learn/:capability" component={Learn} />
            <Route path="/glossary" component={GlossaryPage} />
            <Route default component={NotFound} />
          </Router>
        </Shell>
      </ErrorBoundary>
    </LocationProvider>
  );
}

// A new build has other file names: a page of the old one that lacks a part is loaded anew, once.
addEventListener("vite:preloadError", () => {
  const last = Number(sessionStorage.getItem("reloaded") ?? 0);
  if (Date.now() - last < 60_000) return;
  sessionStorage.setItem("reloaded", String(Date.now()));
  location.reload();
});

const place = document.getElementById("app");
if (place) chooseLanguage(preferredLanguage()).then(() => render(<App />, place));
