import { useEffect, useRef } from "preact/hooks";

interface ValuePictureProps {
  pixels: ImageData | null;
  size: { width: number; height: number };
  title: string;
}

/** A small picture, enlarged without smoothing. */
export function ValuePicture({ pixels, size, title }: ValuePictureProps) {
  const surface = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (pixels) surface.current?.getContext("2d")?.putImageData(pixels, 0, 0);
  }, [pixels]);
  return (
    <figure>
      <canvas ref={surface} width={size.width} height={size.height} role="img" aria-label={title} />
      <figcaption>{title}</figcaption>
    </figure>
  );
}
