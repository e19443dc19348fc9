const paths = new WeakMap<File, string>();

/** Where a file lay in the folder that was chosen or dropped: "cats/one.jpg"; its name where it came alone. */
export const pathOf = (file: File): string => paths.get(file) ?? (file.webkitRelativePath || file.name);

/** The folder that a file lay in, as the name of a class; null: it came alone. */
export const folderOf = (file: File): string | null => pathOf(file).split("/").at(-2) ?? null;

/** All files of a drop, those in folders too. */
export async function droppedFiles(dropped: DataTransfer): Promise<File[]> {
  // entries have to be taken at once: the drop's data is gone after the first pause
  const entries = [...dropped.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  if (entries.length === 0) return [...dropped.files];
  return (await Promise.all(entries.map(filesIn))).flat();
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.name.startsWith(".")) return []; // hidden: of the system
  if (entry instanceof FileSystemFileEntry) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    paths.set(file, entry.fullPath.replace(/^\//, ""));
    return [file];
  }
  if (!(entry instanceof FileSystemDirectoryEntry)) return [];
  const reader = entry.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) break; // a folder is read a hundred entries at a time
    found.push(...some);
  }
  const files = await Promise.all(found.map(filesIn));
  return files.flat();
}
