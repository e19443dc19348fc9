import { useRoute } from "preact-iso";
import { ExampleSweep, SweepResult } from "../components/sweeps/sweep-result";

/** One sweep by its job, or a shipped one at `example/<capability>/<name>`. */
export default function SweepPage() {
  const [place, capability, name] = useRoute().params.place?.split("/") ?? [];
  return place === "example" && capability && name ? (
    <ExampleSweep key={`${capability} ${name}`} capability={capability} name={name} />
  ) : (
    <SweepResult key={place} id={place} />
  );
}
