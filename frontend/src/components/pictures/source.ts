export interface PictureSource {
  url: string;
  width: number;
  height: number;
  alt: string;
  /** Of the file, where it is drawn at another size than its own. */
  pixels?: number;
}

const SMALL = 64; // pixels

/** Whether the pixels of a picture are its content: enlarged, it is not smoothed. */
export const isSmall = ({ width }: { width: number | null }): boolean => width !== null && width <= SMALL;
