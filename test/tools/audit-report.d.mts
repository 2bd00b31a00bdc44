interface Finding {
  readonly advisory: string;
  readonly severity: string;
  readonly isDevelopment: boolean;
  readonly text: string;
}
export const LEVELS: { readonly production: string; readonly development: string };
export function readAnswer(
  stdout: string,
  stderr: string,
): { readonly report: object } | { readonly unasked: string };
export function findVulnerabilities(report: object, lock: object): Finding[];
export function judge(of: {
  readonly findings: readonly Finding[];
  readonly exceptions: readonly object[];
  readonly isWhole: boolean;
  readonly now: number;
}): string[];
