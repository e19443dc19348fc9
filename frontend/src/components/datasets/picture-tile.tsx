import type { DatasetPicture, LabeledObject } from "../../api/types";
import { t } from "../../i18n";
import { stripsOf } from "../../labeling/run-lengths";
import type { Paint } from "../charts/palette";
import { Thumbnail } from "../pictures/thumbnail";
import { objectsText } from "./class-list";

/** Of classes in a list of its own in each tile; beyond, all tiles share one, by this id. */
export const MOST_OPTIONS = 30;
export const CLASS_LIST = "all-classes";

interface PictureTileProps {
  picture: DatasetPicture;
  href: string;
  classes: string[] | null; // null: pictures have objects, or no labels at all
  colors: Map<string, Paint>;
  isSelected: boolean;
  onSelect: (isSelected: boolean, isRange: boolean) => void;
  onClass: (label: string | null) => void;
}

/** One picture with its labels, a link to its page, and its class. */
export function PictureTile(props: PictureTileProps) {
  const { picture, href, classes, colors, isSelected, onSelect, onClass } = props;
  const { name, annotation } = picture;
  const label = annotation?.label ?? "";
  return (
    <>
      <a class="tile-picture" href={href} aria-label={name}>
        <Thumbnail url={picture.thumbnail_url} whole={picture.picture_url ?? picture.url} />
        {annotation?.objects && <Objects picture={picture} objects={annotation.objects} colors={colors} />}
      </a>
      <label class="tile-name">
        <input
          type="checkbox"
          checked={isSelected}
          aria-label={t("picture.select", { name })}
          onClick={(event) => onSelect(event.currentTarget.checked, event.shiftKey)}
        />
        <span title={name}>{name.split("/").at(-1)}</span>
      </label>
      {classes && classes.length > MOST_OPTIONS ? (
        <input
          class="tile-class"
          type="text"
          list={CLASS_LIST}
          value={label}
          placeholder={t("picture.unlabeled")}
          aria-label={t("picture.classOf", { name })}
          onChange={(event) => onClass(event.currentTarget.value.trim() || null)}
        />
      ) : classes ? (
        <select
          class="tile-class"
          value={label}
          aria-label={t("picture.classOf", { name })}
          style={{ borderInlineStartColor: colors.get(label)?.line }}
          onChange={(event) => onClass(event.currentTarget.value || null)}
        >
          <option value="">{t("picture.unlabeled")}</option>
          {classes.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      ) : (
        <small class="tile-objects">{objectsOf(picture)}</small>
      )}
      {picture.split && <span class="tag tile-split">{t(`split.${picture.split}`)}</span>}
    </>
  );
}

function objectsOf({ annotation }: DatasetPicture): string {
  if (!annotation) return t("picture.unlabeled");
  return objectsText((annotation.objects ?? []).map(({ label }) => label)) || t("picture.background");
}

const MOST = 300; // of the objects of one picture: more cannot be distinguished at this size

interface ObjectsProps {
  picture: DatasetPicture;
  objects: LabeledObject[];
  colors: Map<string, Paint>;
}

/** The objects over the picture, which has the same place in the tile. */
function Objects({ picture: { width, height }, objects, colors }: ObjectsProps) {
  return (
    <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      {objects.slice(0, MOST).map(({ label, box, polygons, mask }, index) => {
        const color = colors.get(label)?.line;
        const [xmin, ymin, xmax, ymax] = box;
        if (mask) return <path key={`${index} mask`} d={stripsOf(mask)} style={{ fill: color }} />;
        return polygons?.length ? (
          polygons.map((points) => (
            <polygon
              key={`${index} ${points[0]} ${points[1]}`}
              points={points.join(" ")}
              style={{ stroke: color, fill: color }}
            />
          ))
        ) : (
          <rect
            key={`${index} ${label}`}
            x={xmin}
            y={ymin}
            width={xmax - xmin}
            height={ymax - ymin}
            style={{ stroke: color }}
          />
        );
      })}
    </svg>
  );
}
