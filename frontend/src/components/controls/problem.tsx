/** Why something was refused, read aloud when it appears; nothing where it was not. */
export const Problem = ({ text }: { text: string | null }) =>
  text ? (
    <p class="error" role="alert">
      {text}
    </p>
  ) : null;
