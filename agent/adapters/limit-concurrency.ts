/** Runs the tasks, at most `limit` at a time; rejects with the first failure once those under way have ended. */
export async function runLimited(tasks: readonly (() => Promise<void>)[], limit: number): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const runLane = async (): Promise<void> => {
    while (next < tasks.length && failures.length === 0) {
      const task = tasks[next];
      next += 1;
      try {
        await task?.();
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, tasks.length) }, runLane));
  if (failures.length > 0) throw failures[0];
}
