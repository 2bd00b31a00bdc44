export class SqlError extends Error {}

export function runSql(
  url: string,
  sql: string,
  options?: { user?: string; signal?: AbortSignal | undefined; onStart?: (id: string) => void },
): Promise<readonly (readonly unknown[])[]>;
