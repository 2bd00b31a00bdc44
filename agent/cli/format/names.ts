/** Apart from the formats themselves, so that `--help` need not load them. */
export const FORMAT_NAMES = ['text', 'json', 'github', 'sarif'] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];
