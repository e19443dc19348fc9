/** Signs that a file's name must not have somewhere, and dots at the start that would hide or lead it away. */
const UNSAFE = /[\\/:*?"<>|\p{Cc}]|^\.+/gu;

export const stemOf = (name: string): string => name.replace(/\.\w{1,5}$/, "");
export const endingOf = (name: string): string => name.match(/\.\w{1,5}$/)?.[0] ?? "";

/** Names that differ, on systems too that take A and a for the same: the second "cat.png" is "cat (2).png". */
export function distinct(names: string[]): string[] {
  const taken = new Set<string>();
  return names.map((given) => {
    const name = given.replace(UNSAFE, "_") || "_";
    let unique = name;
    for (let count = 2; taken.has(unique.toLowerCase()); count++)
      unique = `${stemOf(name)} (${count})${endingOf(name)}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}
