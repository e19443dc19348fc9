export interface PictureSource {
  url: string;
  width: number;
  height: number;
  alt: string;
  /** Of the file, where it is drawn at another size than its own. */
  pixels?: number;
}
