const KEY = "reviewer";

/** The name that the last decision in this browser was made under. */
export function keptReviewer(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function keepReviewer(name: string): void {
  try {
    localStorage.setItem(KEY, name.trim());
  } catch {
    // storage is blocked: the name is typed again after the page was left
  }
}
