/** A text, or one for each plural form that the language tells apart. */
export type Plural = { one: string; other: string };

/** The same keys in another language. */
export type Translated<Messages> = {
  [K in keyof Messages]: Messages[K] extends string ? string : Plural;
};
