import { useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { Dataset, DatasetPicture, Split } from "../../api/types";
import { t } from "../../i18n";
import { paints } from "../charts/palette";
import { SearchField } from "../controls/search-field";
import { Placeholder } from "../pictures/placeholder";
import { useHotkeys } from "../shell/hotkeys";
import { Notice } from "../shell/notice";
import { AddPictures } from "./add-pictures";
import { neighbor } from "./grid-keys";
import { CLASS_LIST, MOST_OPTIONS, PictureTile } from "./picture-tile";
import { SelectionBar } from "./selection-bar";
import { type Pictures, usePictures, withLabel } from "./use-pictures";

const PAGE = 60;
const FILTERS = ["label", "labeled", "split", "name"] as const;
const SPLITS: Split[] = ["train", "validation", "test"];

interface PicturesTabProps {
  dataset: Dataset;
  onChange: () => void;
}

/** The pictures of a dataset: found, labeled with a class, chosen, deleted, and added. */
export function PicturesTab({ dataset, onChange }: PicturesTabProps) {
  const { query, route } = useLocation();
  const filter = Object.fromEntries(FILTERS.filter((name) => query[name]).map((name) => [name, query[name]]));
  const shown = Number(query.shown) || PAGE;
  const pictures = usePictures(dataset.id, filter, shown, onChange);
  const goTo = (next: Record<string, string>) => {
    const given = Object.entries({ ...filter, ...next }).filter(([, value]) => value);
    const text = new URLSearchParams(Object.fromEntries(given)).toString();
    route(`/datasets/${dataset.id}${text && `?${text}`}`, true);
  };
  const added = () => {
    pictures.resource.reload();
    onChange();
  };
  const { items, resource } = pictures;
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <AddPictures dataset={dataset} onAdded={added} />
      {(isFiltered || dataset.pictures > 0) && <Filters dataset={dataset} filter={filter} onFilter={goTo} />}
      {resource.error && !items && <Notice error={resource.error} onRetry={resource.reload} />}
      {!items && !resource.error && <Placeholder />}
      {items?.length === 0 && (
        <p class="card empty">{t(isFiltered ? "picture.noneFound" : "picture.none")}</p>
      )}
      {items && items.length > 0 && <Grid dataset={dataset} pictures={pictures} items={items} />}
      {pictures.hasMore && (
        <button type="button" class="button" onClick={() => goTo({ shown: String(shown + PAGE) })}>
          {t("picture.more")}
        </button>
      )}
    </>
  );
}

interface FiltersProps {
  dataset: Dataset;
  filter: Record<string, string>;
  onFilter: (filter: Record<string, string>) => void;
}

function Filters({ dataset, filter, onFilter }: FiltersProps) {
  const isLabeled = dataset.kind !== "pictures";
  const choices = [
    ...(isLabeled && dataset.classes.length > 0
      ? [["label", t("picture.filter.label"), dataset.classes.map(({ name }) => [name, name])] as const]
      : []),
    ...(isLabeled
      ? [
          [
            "labeled",
            t("picture.filter.labeled"),
            [
              ["true", t("picture.labeled.true")],
              ["false", t("picture.labeled.false")],
            ],
          ] as const,
        ]
      : []),
    ["split", t("picture.filter.split"), SPLITS.map((name) => [name, t(`split.${name}`)])] as const,
  ];
  return (
    <div class="filters" role="search">
      <SearchField
        label={t("picture.filter.name")}
        value={filter.name ?? ""}
        onSearch={(name) => onFilter({ name })}
      />
      {choices.map(([name, title, options]) => (
        <div key={name} class="field is-inline">
          <label for={`picture-${name}`}>{title}</label>
          <select
            id={`picture-${name}`}
            value={filter[name] ?? ""}
            onChange={(event) => onFilter({ [name]: event.currentTarget.value })}
          >
            <option value="">{t("datasets.all")}</option>
            {options.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </div>
      ))}
    </div>
  );
}

interface GridProps {
  dataset: Dataset;
  pictures: Pictures;
  items: DatasetPicture[];
}

function Grid({ dataset, pictures, items }: GridProps) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLUListElement>(null);
  const lastSelected = useRef<string | null>(null);
  const names = dataset.classes.map(({ name }) => name);
  const hasClasses = dataset.kind === "classes";
  const colors = paints(names);
  const chosen = items.filter(({ id }) => selected.has(id));
  const assign = (some: DatasetPicture[], label: string | null) =>
    pictures.change(some, (picture) => ({ annotation: withLabel(picture, label) }));

  const select = (id: string, isSelected: boolean, isRange: boolean) => {
    const [from, to] = [lastSelected.current, id].map((one) => items.findIndex((item) => item.id === one));
    const range =
      isRange && from >= 0 ? items.slice(Math.min(from, to), Math.max(from, to) + 1) : [items[to]];
    const next = new Set(selected);
    for (const one of range) {
      if (isSelected) next.add(one.id);
      else next.delete(one.id);
    }
    lastSelected.current = id;
    setSelected(next);
  };

  /** Calls `act` with the picture in focus; false: there is none. */
  const atFocus = (act: (picture: DatasetPicture, tile: HTMLElement) => void) => () => {
    const tile = document.activeElement?.closest<HTMLElement>("[data-picture]");
    const picture = items.find(({ id }) => id === tile?.dataset.picture);
    if (!tile || !picture) return false;
    act(picture, tile);
  };
  const move = (event: KeyboardEvent) => {
    if (!(event.target instanceof Element) || !event.target.matches(".tile-picture")) return false;
    const links = [...(list.current?.querySelectorAll<HTMLElement>(".tile-picture") ?? [])];
    const tiles = links.map((link) => link.closest("li") ?? link);
    const place = neighbor(tiles, links.indexOf(event.target as HTMLElement), event.key);
    if (place === null) return false;
    links[place].focus();
  };
  const digits = names
    .slice(0, 9)
    .map((name, index) => [
      String(index + 1),
      atFocus((picture) => void assign(selected.has(picture.id) ? chosen : [picture], name)),
    ]);
  useHotkeys({
    ...Object.fromEntries(
      ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Home", "End"].map((key) => [key, move]),
    ),
    ...(hasClasses ? Object.fromEntries(digits) : {}),
  });
  // Space would scroll the page where a link has the focus
  const space = (event: KeyboardEvent) => {
    if (event.key !== " " || !(event.target as Element).matches(".tile-picture")) return;
    event.preventDefault();
    atFocus((picture) => select(picture.id, !selected.has(picture.id), event.shiftKey))();
  };

  return (
    <section aria-labelledby="grid-title" class="tile-grid">
      <h2 id="grid-title" class="visually-hidden">
        {t("dataset.tab.pictures")}
      </h2>
      <SelectionBar
        dataset={dataset}
        count={chosen.length}
        total={items.length}
        pictures={pictures}
        onAll={() => setSelected(new Set(items.map(({ id }) => id)))}
        onClear={() => setSelected(new Set())}
        onClass={(label) => assign(chosen, label)}
        onSplit={(split) => pictures.change(chosen, () => ({ split }))}
        onDelete={async () => {
          await pictures.remove(chosen);
          setSelected(new Set());
        }}
      />
      {names.length > MOST_OPTIONS && (
        <datalist id={CLASS_LIST}>
          {names.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
      <ul ref={list} class="tiles" onKeyDown={space}>
        {items.map((picture) => (
          <li
            key={picture.id}
            class={`tile${selected.has(picture.id) ? " is-selected" : ""}`}
            data-picture={picture.id}
          >
            <PictureTile
              picture={picture}
              href={`/datasets/${dataset.id}/label?picture=${picture.id}`}
              classes={hasClasses ? names : null}
              colors={colors}
              isSelected={selected.has(picture.id)}
              onSelect={(isSelected, isRange) => select(picture.id, isSelected, isRange)}
              onClass={(label) => assign([picture], label)}
            />
          </li>
        ))}
      </ul>
      <p class="hint">{t("picture.keys")}</p>
    </section>
  );
}
