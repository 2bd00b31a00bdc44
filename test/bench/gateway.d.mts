/** What tests compare with the unit. */
export const NODE_FLAGS: readonly string[];
export const NODE_MALLOC: Readonly<Record<string, string>>;
