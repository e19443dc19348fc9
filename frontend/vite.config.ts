import { defineConfig } from "vitest/config";

const backend = process.env.BASE_URL ?? "http://127.0.0.1:8000";
const proxied = ["/v1", "/healthz", "/readyz", "/docs", "/openapi.json", "/metrics"];

export default defineConfig({
  build: {
    // the first releases with light-dark(); older targets would have it compiled away
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    cssTarget: ["chrome123", "edge123", "firefox121", "safari17.5"],
    assetsInlineLimit: 0, // every file once, and kept by its own name
    // a list of the scripts of every page would be a twentieth of the entry; a page's first script names its others
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, files) => files.filter((file) => file.endsWith(".css")),
    },
    manifest: true,
    rolldownOptions: {
      output: {
        // parts that come together anyway compress better, and are asked for, as one
        codeSplitting: {
          groups: [
            {
              name: "parts",
              test: /preact-iso|icons\/(box|triangle-alert)\.|src\/(i18n\/index|form\/inputs|pages\/not-found|api\/(resource|activity)|components\/\w+\/(hotkeys|icon|loaded|notice|palette|placeholder|title))\.tsx?$/,
              priority: 2,
            },
            { name: "picture", test: /src\/components\/\w+\/(picture|draw)\.tsx?$/, priority: 1 },
            {
              name: "files",
              test: /chevron-|icons\/plus\.|\/(save-file|save-picture|csv|data-table)\.tsx?$/,
              priority: 1,
            },
            {
              name: "bench",
              test: /src\/(form|components\/workbench)\/(?!view|own-input|input-|inputs|sketch-place|samples|file-drop)[\w-]+\.tsx?$/,
            },
            { name: "icons", test: /lucide.*icons/, minShareCount: 3 },
            { name: "catalog", test: /src\/api\/catalog\.ts$/, priority: 1 },
            { name: "notes", test: /components\/results\/notes\.tsx$/, priority: 1 },
            { name: "charts", test: /src\/(stages|components)\/charts\/[\w-]+\.tsx?$/ },
          ],
        },
      },
    },
  },
  server: { proxy: Object.fromEntries(proxied.map((path) => [path, backend])) },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
