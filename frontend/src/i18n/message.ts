/** A text, or one for each plural form of the language. */
export type Plural = { one: string; other: string };

/** The same keys in another language. */
export type Translated<Messages> = {
  [K in keyof Messages]: Messages[K] extends string ? string : Plural;
};
