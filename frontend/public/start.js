// A classic script in the head: it works before, and without, the scripts of the pages.
(() => {
  const RETRIES = "start-retries";
  const [FIRST_MS, LONGEST_MS] = [1000, 60000];
  const TEXTS = {
    en: "The server is not responding. This page opens as soon as it does.",
    de: "Der Server antwortet nicht. Diese Seite öffnet sich, sobald er wieder antwortet.",
  };

  function read(storage, name) {
    try {
      return window[storage].getItem(name);
    } catch {
      return null; // storage is blocked
    }
  }

  // the chosen theme is there before the first paint; without one the system's stands
  const theme = read("localStorage", "theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

  // a page whose first scripts did not arrive is loaded anew, but only while the server responds
  function retry(pause) {
    const place = document.getElementById("start");
    const language = read("localStorage", "language") ?? navigator.language.slice(0, 2);
    if (place) place.textContent = TEXTS[language] ?? TEXTS.en;
    setTimeout(async () => {
      try {
        await (await fetch("/readyz", { cache: "no-store" })).json();
        location.reload();
      } catch {
        retry(Math.min(pause * 2, LONGEST_MS));
      }
    }, pause);
  }

  let isFailed = false;
  const fail = (event) => {
    if (isFailed || event.target?.tagName !== "SCRIPT") return;
    isFailed = true;
    const retries = Number(read("sessionStorage", RETRIES) ?? 0);
    try {
      sessionStorage.setItem(RETRIES, retries + 1);
    } catch {
      return; // nothing would end a loop
    }
    retry(Math.min(FIRST_MS * 2 ** retries, LONGEST_MS));
  };
  addEventListener("error", fail, true);
  // the pages have begun, and from now on look after themselves
  addEventListener("started", () => {
    removeEventListener("error", fail, true);
    try {
      sessionStorage.removeItem(RETRIES);
    } catch {
      // storage is blocked
    }
  });
})();
