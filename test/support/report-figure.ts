/** A line for people, and for the benchmark, which runs the test that prints it. */
export const report = (what: string, value: number, unit: string) =>
  console.info(`figure: ${what}: ${value.toFixed(1)} ${unit}`);
