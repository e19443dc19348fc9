interface ThumbnailProps {
  url: string | null | undefined;
  /** Shown where no worker can make it small. */
  whole: string;
}

/** A picture in a list, next to text that names it. */
export function Thumbnail({ url, whole }: ThumbnailProps) {
  return (
    <img
      src={url ?? whole}
      alt=""
      loading="lazy"
      decoding="async"
      onError={({ currentTarget }) => {
        if (currentTarget.getAttribute("src") !== whole) currentTarget.src = whole;
      }}
    />
  );
}
